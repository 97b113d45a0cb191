from django.db.models import TextChoices

# Metadata keys by which the metrics of a deployment are split.
MAX_SEGMENT_KEYS = 3
# Of a window of a drift report that is read event by event.
MAX_WINDOW_EVENTS = 20_000


class SignalType(TextChoices):
    THUMBS_UP = "thumbs_up", "Thumbs up"
    THUMBS_DOWN = "thumbs_down", "Thumbs down"
    REGENERATE = "regenerate", "Regenerate"
    EDIT = "edit", "Edit"
    COPY = "copy", "Copy"
    SHARE = "share", "Share"
    REPORT = "report", "Report"
    RATING = "rating", "Rating"
    LABEL = "label", "Label"


class SignalState(TextChoices):
    LIVE = "live", "Live"
    HISTORY = "history", "History"
    WAITING = "waiting", "Waiting for its event"


class FeedbackType(TextChoices):
    """The names of signal types in Feedback.Config."""

    THUMBS = "thumbs", "Thumbs up and down"
    CORRECTION = "correction", "Corrections (edits)"
    FLAG = "flag", "Flags (reports)"
    RATING = "rating", "Ratings"
    LABEL = "label", "Labels"
    REGENERATE = "regenerate", "Regenerations"
    COPY = "copy", "Copies"
    SHARE = "share", "Shares"


FEEDBACK_TYPE_OF = {
    SignalType.THUMBS_UP: FeedbackType.THUMBS,
    SignalType.THUMBS_DOWN: FeedbackType.THUMBS,
    SignalType.EDIT: FeedbackType.CORRECTION,
    SignalType.REPORT: FeedbackType.FLAG,
    SignalType.RATING: FeedbackType.RATING,
    SignalType.LABEL: FeedbackType.LABEL,
    SignalType.REGENERATE: FeedbackType.REGENERATE,
    SignalType.COPY: FeedbackType.COPY,
    SignalType.SHARE: FeedbackType.SHARE,
}


class DriftMethod(TextChoices):
    """What is compared with the threshold of drift: the largest among the metrics of a report that changed."""

    STANDARD = "standard", "Kolmogorov-Smirnov statistic or total variation"
    PSI = "psi", "Population stability index of numbers"
    KS = "ks", "Kolmogorov-Smirnov statistic of numbers"
    TOTAL_VARIATION = "total_variation", "Total variation of shares and categories"
    MMD = "mmd", "Maximum mean discrepancy of embeddings"


class ContentPolicy(TextChoices):
    MASK = "mask", "Mask: replace personal data and credentials"
    DROP = "drop", "Drop: keep lengths, latency, tokens and scores only"
    OFF = "off", "Off: store texts as they are sent"


# Who gives a score, and its name: `judge:NAME`, a reviewer, another application.
LABEL_FORM = r"^[a-z0-9_.:-]{1,64}$"
DEFAULT_PROFILE = "default"


class Assessor(TextChoices):
    """The built-in assessors; any other is a text of LABEL_FORM."""

    CHECKS = "checks", "Automatic checks"
    APPLICATION = "application", "The application's own scores"
    REVIEWER = "reviewer", "Decisions of reviewers"
    PEOPLE = "people", "Scores of people by a rubric"


class ReassessmentStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"

    @classmethod
    def unfinished(cls) -> list["ReassessmentStatus"]:
        return [cls.REQUESTED, cls.RUNNING]


class ScoreName(TextChoices):
    """The built-in scores; any other is a text of LABEL_FORM."""

    QUALITY = "quality", "Score of the checks"
    DECISION = "decision", "Decision of a reviewer"


class FlagKind(TextChoices):
    INJECTION = "injection", "Injection"
    LEAKAGE = "leakage", "Leakage"
    ABUSE = "abuse", "Abuse"


class FlagField(TextChoices):
    """The text that a flag is in."""

    PROMPT = "prompt", "Prompt"
    MESSAGES = "messages", "Message"
    RESPONSE = "response", "Response"
    EDIT = "edit", "Edit"


class FlagState(TextChoices):
    """What a person decided about a flag."""

    UNREVIEWED = "unreviewed", "Unreviewed"
    CONFIRMED = "confirmed", "Confirmed"
    DISMISSED = "dismissed", "Dismissed"


class FeedbackState(TextChoices):
    """What the live signals of an event say together; an event without one that counts is NONE."""

    GOOD = "good", "Good"
    BAD = "bad", "Bad"
    MIXED = "mixed", "Mixed"
    NONE = "none", "None"


class Agreement(TextChoices):
    """Whether the users of a deployment agree often enough that their votes tell good from bad."""

    UNKNOWN = "unknown", "Too few votes to tell"
    ENOUGH = "enough", "Enough agreement"
    NOT_ENOUGH = "not_enough", "Not enough agreement"


class ChosenBy(TextChoices):
    """What decided which version of a prompt a request gets."""

    REQUEST = "request", "The request"
    ROTATION = "rotation", "The rotation of the prompt"
    DEFAULT = "default", "The default of the prompt"
    SETTING = "setting", "DEFAULT_PROMPT_VERSION"
    FALLBACK = "fallback", "v1, without any of these"


class EmbeddedField(TextChoices):
    PROMPT = "prompt", "Prompt"
    RESPONSE = "response", "Response"


class Scope(TextChoices):
    INGEST = "ingest", "Send events"
    SIGNALS = "signals", "Send signals"
    READ = "read", "Read"
    OPERATE = "operate", "Operate"
    TRAIN = "train", "Report one training run"

    @classmethod
    def of_people(cls) -> list["Scope"]:
        """The scopes that a user may give to a key; one with `train` is made for a training run."""
        return [scope for scope in cls if scope != cls.TRAIN]


class KeyState(TextChoices):
    USABLE = "usable", "Usable"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"
    USER_INACTIVE = "user_inactive", "User inactive"


class Metric(TextChoices):
    """The built-in metrics; `feedback.measures.catalogue` lists all of them."""

    QUALITY = "quality", "Score of the checks"
    LATENCY = "latency_ms", "Latency (ms)"
    PROMPT_TOKENS = "prompt_tokens", "Prompt tokens"
    COMPLETION_TOKENS = "completion_tokens", "Completion tokens"
    TOTAL_TOKENS = "total_tokens", "Total tokens"
    COST = "cost_usd", "Cost (USD)"
    PROMPT_LENGTH = "prompt_length", "Prompt length (characters)"
    RESPONSE_LENGTH = "response_length", "Response length (characters)"
    LANGUAGE = "language", "Language of the response"
    PROMPT_LANGUAGE = "prompt_language", "Language of the prompt"
    FORMAT = "format", "Format of the response"
    REFUSAL = "refusal", "Refusal"
    FINISH_REASON = "finish_reason", "Finish reason"
    TOOL_CALLED = "tool_called", "Tools called"
    INVALID_TOOL_CALLS = "invalid_tool_calls", "Invalid tool calls"
    SIGNAL = "signal", "Live signals"
    RATING = "rating", "Ratings"
    LABEL = "label", "Labels"
    FEEDBACK_STATE = "feedback_state", "Events by feedback"


class VersionKind(TextChoices):
    """Whose version rollups are counted by."""

    MODEL = "model", "Model"
    PROMPT = "prompt", "Prompt"


class Bucket(TextChoices):
    HOUR = "hour", "Hour"
    DAY = "day", "Day"


class Split(TextChoices):
    """What figures of a deployment are split by."""

    MODEL_VERSION = "model_version_id", "Model version"
    PROMPT_VERSION = "prompt_version", "Prompt version"
    EXPERIMENT = "experiment", "Experiment"
    SEGMENT = "segment", "Segment"


class ItemKind(TextChoices):
    EVENT = "event", "Event"
    SIGNAL = "signal", "Signal"
    SCORE = "score", "Score"


class RenameStatus(TextChoices):
    """What became of a proposed new name of a tool."""

    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class EventFileFormat(TextChoices):
    """Formats of files of events; the value ends the name of a file."""

    CSV = "csv", "CSV"
    JSONL = "jsonl", "JSON Lines"
    PARQUET = "parquet", "Parquet"
    IR = "ir.jsonl", "Feedback.Events"


class JudgeSampling(TextChoices):
    """Which events a judge scores."""

    RATE = "rate", "A random share"
    AUDIT = "audit", "Audited events"
    UNCERTAIN = "uncertain", "Least certain first"


class JudgeStrategy(TextChoices):
    """How the votes of several endpoints become one judgement: the values of Reliability.Ensemble.strategy."""

    NONE = "none", "One endpoint"
    MAJORITY = "majority", "Majority"
    WEIGHTED = "weighted", "Weighted"
    BEST_CONFIDENCE = "best_confidence", "Most confident"
    UNANIMOUS = "unanimous", "Unanimous"


class JudgeExecution(TextChoices):
    """In what order endpoints are asked: the values of Reliability.Ensemble.execution_mode."""

    PARALLEL = "parallel", "All at once"
    SEQUENTIAL = "sequential", "One by one until they agree"
    HEDGED = "hedged", "The next one where the first is slow"
    CASCADE = "cascade", "From cheap to dear"


class JudgeHedging(TextChoices):
    """When a slow call is sent a second time: the values of Reliability.Hedging.strategy."""

    OFF = "off", "Never"
    FIXED = "fixed", "After a fixed delay"
    PERCENTILE = "percentile", "After a percentile of latencies"
    ADAPTIVE = "adaptive", "After a delay that is learned"
    WORKLOAD_AWARE = "workload_aware", "After a percentile by length of prompt"


class JudgementStatus(TextChoices):
    PENDING = "pending", "Pending"
    JUDGED = "judged", "Judged"
    FAILED = "failed", "Failed"


class JudgementSource(TextChoices):
    ENDPOINT = "endpoint", "Endpoint"
    FILE = "file", "File"
