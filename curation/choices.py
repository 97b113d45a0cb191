from django.db.models import TextChoices

from feedback.signatures import VERSION

# Limits for the name of a set and its number of examples.
MAX_NAME_CHARACTERS = 100
MAX_LIMIT = 100_000
# Reviewers who decide on one row without seeing each other's verdicts.
MAX_REVIEWS_PER_ROW = 10
# Rows of the sample of an approval.
MOST_SAMPLED = 2_000
# Of the sets that the schedule requests.
SCHEDULED_NAME = "scheduled"
# Known rows are comparable within one version: of their signatures, and of the keys of short ones.
ROW_VERSION = f"{VERSION} words-1"


class CuratedSetStatus(TextChoices):
    BUILDING = "building", "Building"
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"


class Strategy(TextChoices):
    USER_EDIT = "user_edit", "User edit"
    HIGH_QUALITY = "high_quality", "High quality"
    HARD_EXAMPLE = "hard_example", "Hard example"
    DIVERSE = "diverse", "Diverse"
    FARTHEST_FROM_CENTROID = "farthest_from_centroid", "Farthest from the centroid"
    CONSISTENT_CALL = "consistent_call", "Consistent tool call"
    # Of rows that a person adds; no build selects by it.
    MANUAL = "manual", "Added by hand"


# Those that a build selects by.
SELECTING = tuple(strategy for strategy in Strategy if strategy != Strategy.MANUAL)
# What a set is built with if the request names none.
DEFAULT_STRATEGIES = (Strategy.USER_EDIT, Strategy.HIGH_QUALITY, Strategy.HARD_EXAMPLE, Strategy.DIVERSE)


class Outcome(TextChoices):
    """The outcome of one event in a build: at the gates, or in one strategy.

    Stored by its index in this order: new ones go to the end.
    """

    NOT_CONSIDERED = "not_considered", "not considered"
    PASSED = "passed", "passed"
    NOT_ALLOWED = "not_allowed", "may not be used for training"
    FILTERED = "filtered", "outside the filters"
    NO_TEXT = "no_text", "without an answer"
    NO_ANSWER = "no_answer", "with an error in place of an answer"
    TRUNCATED = "truncated", "cut off"
    REFUSED = "refused", "refusals"
    FLAGGED = "flagged", "with an unreviewed flag"
    MASKS_ONLY = "masks_only", "made of masks alone"
    REPEATED = "repeated", "one answer to many prompts"
    NO_EVIDENCE = "no_evidence", "without evidence"
    NO_AGREEMENT = "no_agreement", "whose users do not agree enough"
    BELOW_FLOOR = "below_floor", "below the floor of p_good"
    ABOVE_CEILING = "above_ceiling", "above the ceiling of p_good"
    NO_EDIT = "no_edit", "without an edit"
    EDIT_REJECTED = "edit_rejected", "with a rejected edit"
    EXPORTED = "exported", "exported before"
    TAKEN = "taken", "taken by another strategy"
    OTHER_ANSWER = "other_answer", "with a better answer to the same prompt"
    SIMILAR = "similar", "too similar to a kept prompt"
    NEAR_COPY = "near_copy", "near-copies of a kept row"
    CONTAMINATED = "contaminated", "found in an evaluation set"
    OUTLIER = "outlier", "with a prompt unlike all others"
    NOT_IN_POOL = "not_in_pool", "outside the random pool"
    NOT_CHOSEN = "not_chosen", "not chosen"
    ONE_PERSON = "one_person", "resting on one person beyond the limit"
    OVER_LIMIT = "over_limit", "beyond the limit"
    GONE = "gone", "deleted during the build"
    QUEUED = "queued", "in the queue"
    ACCEPTED = "accepted", "accepted"
    LEAKED = "leaked", "near-copies of held-out rows"
    NO_CALL = "no_call", "without a tool call"
    FLAG_CONFIRMED = "flag_confirmed", "with a confirmed flag"


OUTCOMES = tuple(Outcome)


class Decision(TextChoices):
    """The decision of a person on one row."""

    KEEP = "keep", "Keep"
    DROP = "drop", "Drop"
    EDIT = "edit", "Edit"


class SetPart(TextChoices):
    """One of the lists of rows of a set."""

    EXAMPLES = "examples", "Examples"
    QUEUE = "queue", "Queue"
    PAIRS = "pairs", "Pairs"


class GoldenAuthor(TextChoices):
    """Who wrote the answer of a golden row."""

    USER = "user", "User"
    REVIEWER = "reviewer", "Reviewer"


class AddOutcome(TextChoices):
    """The outcome of one event that a person adds to a set."""

    ADDED = "added", "Added"
    ALREADY_THERE = "already_there", "Already there"
    NOT_ALLOWED = "not_allowed", "May not be used for training"
    CONTAMINATED = "contaminated", "Contaminated"
    FLAGGED = "flagged", "Flagged"
    GONE = "gone", "Not stored"


# Of a row: that of a person on it, or that on its set.
SHOWN_DECISIONS = [*Decision.values, "approved", "rejected"]


class PairSource(TextChoices):
    """What says that one answer is better than another."""

    VOTES = "votes", "Votes"
    EDIT = "edit", "Edit"
    REGENERATE = "regenerate", "Regeneration"
    REVIEW = "review", "Review"


class ApprovalRule(TextChoices):
    """What people must have decided before a set is approved."""

    SET = "set", "The decision on the set"
    ROWS = "rows", "A decision on every row that leaves"
    SAMPLE = "sample", "A random sample of rows"
    BELOW = "below", "A decision on every example below a bound of p_good"


# The two kinds of rows of a set.
ROW_KINDS = ["example", "pair"]


class DiffChange(TextChoices):
    """What a version of a set has otherwise than another."""

    REMOVED = "removed", "Removed"
    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"


class ComparisonVerdict(TextChoices):
    """Which of two answers, shown as A and B, a reviewer prefers."""

    A = "a", "A is better"
    B = "b", "B is better"
    TIE = "tie", "Equally good"
    BOTH_BAD = "both_bad", "Both are bad"


class AgreementNote(TextChoices):
    """Why a coefficient of agreement has no value, or no interval."""

    NOT_ENOUGH_DATA = "not_enough_data", "Not enough data"
    NOT_TWO_REVIEWERS = "not_two_reviewers", "Only for two reviewers"
    ONE_VALUE = "one_value", "Undefined, because all verdicts are the same"
    NO_INTERVAL = "no_interval", "No interval, because no verdicts on one row differ, or hardly any"


class ReviewAction(TextChoices):
    SUBMIT = "submit", "Submitted for review"
    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"
    SUPERSEDE = "supersede", "Superseded by a newer version"
    RETURN = "return", "Returned to draft"


class Change(TextChoices):
    """What happened to a row after the decision on its set."""

    ERASED = "erased", "erased"
    REPORTED = "reported", "reported by a user"
    RETRACTED = "retracted", "with feedback that was taken back"
    TRAINING_NOT_ALLOWED = "training_not_allowed", "that may no longer be used for training"


class LinkKind(TextChoices):
    """What a near-copy of an earlier row means for a row."""

    DROPPED = "dropped", "Dropped: prompt and answer are near-copies"
    LINKED = "linked", "Linked: the prompt is a near-copy"


class CopyMethod(TextChoices):
    """By which comparison two rows are copies, from the strictest."""

    EXACT = "exact", "Same text"
    NORMALISED = "normalised", "Same normalised text"
    MINHASH = "minhash", "MinHash"
    WORDS = "words", "Words of short texts"


class ContaminationMethod(TextChoices):
    """How a text of an evaluation set was found in another text."""

    NORMALISED = "normalised", "Same normalised text"
    NGRAM = "ngram", "Word 8-gram"
    MINHASH = "minhash", "MinHash"
    EMBEDDING = "embedding", "Cosine of embeddings"


class BuildStage(TextChoices):
    WAITING = "waiting", "Waiting for its turn"
    EVIDENCE = "evidence", "Bringing evidence up to date"
    READING = "reading", "Reading events"
    SELECTING = "selecting", "Selecting rows"
    PAIRING = "pairing", "Pairing answers"
    STORING = "storing", "Storing rows"


class Split(TextChoices):
    TRAIN = "train", "Train"
    VALIDATION = "validation", "Validation"
    TEST = "test", "Test"


class ReviewOrder(TextChoices):
    """In which order reviewers get undecided rows."""

    UNCERTAIN = "uncertain", "Least certain first"
    USERS = "users", "Least known users first"
    POSITION = "position", "By position"
