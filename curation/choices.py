from django.db.models import TextChoices

# Limits for the name of a set and its number of examples.
MAX_NAME_CHARACTERS = 100
MAX_LIMIT = 100_000
# Of the sets that the schedule requests.
SCHEDULED_NAME = "scheduled"


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


class PairSource(TextChoices):
    """What says that one answer is better than another."""

    VOTES = "votes", "Votes"
    EDIT = "edit", "Edit"
    REGENERATE = "regenerate", "Regeneration"


class ReviewAction(TextChoices):
    SUBMIT = "submit", "Submitted for review"
    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"
    SUPERSEDE = "supersede", "Superseded by a newer version"
    RETURN = "return", "Returned to draft"


class LinkKind(TextChoices):
    """What a near-copy of an earlier row means for a row."""

    DROPPED = "dropped", "Dropped: prompt and answer are near-copies"
    LINKED = "linked", "Linked: the prompt is a near-copy"


class CopyMethod(TextChoices):
    """By which comparison two rows are copies, from the strictest."""

    EXACT = "exact", "Same text"
    NORMALISED = "normalised", "Same normalised text"
    MINHASH = "minhash", "MinHash"
    COSINE = "cosine", "Cosine of embeddings"


class ContaminationMethod(TextChoices):
    """How a text of an evaluation set was found in another text."""

    NORMALISED = "normalised", "Same normalised text"
    NGRAM = "ngram", "Word 8-gram"
    MINHASH = "minhash", "MinHash"
