from django.db.models import TextChoices


class ExportStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    RUNNING = "running", "Running"
    VALIDATED = "validated", "Validated"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Rejected"


class ExportAction(TextChoices):
    """A decision about an export."""

    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"
    REQUEST_AGAIN = "request_again", "Requested again"
    CANCEL = "cancel", "Cancelled"


class Sampling(TextChoices):
    """How rows of a data set are chosen."""

    RANDOM = "random", "Random"
    STRATIFIED = "stratified", "Stratified"
    K_FOLD = "k_fold", "Folds for cross-validation"


class RunStatus(TextChoices):
    """The status of a training run, as the IR names it."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class ModelStage(TextChoices):
    DEVELOPMENT = "development", "Development"
    STAGING = "staging", "Staging"
    PRODUCTION = "production", "Production"
    ARCHIVED = "archived", "Archived"


class CallAction(TextChoices):
    """What a trainer is asked."""

    START = "start", "Start"
    CANCEL = "cancel", "Cancel"


class CallStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    DROPPED = "dropped", "Dropped: the run had ended"


class LoopLevel(TextChoices):
    """How far the loop goes by itself after a trigger fired. Each level includes those before."""

    NOTIFY = "notify", "Notify: alerts only"
    CURATE = "curate", "Curate: a firing starts a curated set"
    EXPORT = "export", "Export: an approved set requests its export"
    TRAIN = "train", "Train: a published export starts a training run"


class ErasureStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"


class DeletionStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"


class PipelineStatus(TextChoices):
    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class StageStatus(TextChoices):
    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    SKIPPED = "skipped", "Skipped"
    DISABLED = "disabled", "Disabled"


class ExportFormat(TextChoices):
    JSONL = "jsonl", "JSON Lines"
    CSV = "csv", "CSV"
    PARQUET = "parquet", "Parquet"
    HUGGINGFACE = "huggingface", "Hugging Face: a folder for load_dataset"
    ARROW = "arrow", "Arrow: a folder for load_from_disk"
    OPENAI = "openai", "OpenAI fine-tuning"
    SHAREGPT = "sharegpt", "ShareGPT"
    PREFERENCE_PAIRS = "preference_pairs", "JSON Lines: preference pairs"
    KTO = "kto", "JSON Lines: answers with a label, for KTO"


class ProductName(TextChoices):
    """What is made of the rows of a set."""

    SFT = "sft", "Supervised fine-tuning: conversations to imitate"
    PREFERENCE = "preference", "Preference: a chosen and a rejected answer"
    KTO = "kto", "KTO: answers with a label"
    PROMPT_ONLY = "prompt_only", "Prompts alone"


class Profile(TextChoices):
    DEFAULT = "default", "Message lists"
    CRUCIBLE = "crucible", "Crucible: plain strings"


class Reasoning(TextChoices):
    """Whether reasoning in assistant messages is kept, and under which key."""

    DROP = "drop", "Drop"
    KEEP = "keep", "Keep as reasoning_content"
    THINKING = "thinking", "Keep as thinking, the key of Harmony"


class Turns(TextChoices):
    """Which turns of a conversation an sft record has a model learn."""

    ALL = "all", "All turns of the assistant"
    LAST = "last", "The last turn alone"


class ColumnKind(TextChoices):
    """What a column of records holds. A column of a format has the text of any JSON."""

    TEXT = "text"
    FLOAT = "float"
    FLAG = "flag"
    MESSAGES = "messages"
    JSON = "json"


class LeftOut(TextChoices):
    """The reason why an export excludes an example."""

    HARD_EXAMPLE = "hard_example", "hard examples"
    EMPTY_ANSWER = "empty_answer", "without an answer"
    GOOD_ANSWER = "good_answer", "that are not hard"
    NO_EDIT = "no_edit", "without an edit"
    UNCHANGED = "unchanged", "edited in white space only"
    INVALID_MESSAGES = "invalid_messages", "with messages that trainers reject"
    UNDECLARED_TOOL = "undeclared_tool", "with a call of a tool that was not declared"
    INVALID_CALL = "invalid_call", "with a call that its tool does not take"
    UNWRITABLE = "unwritable", "that the format cannot hold"
    TURNS = "turns", "whose turns the format does not allow"
    TOOL_CALLS = "tool_calls", "whose tool calls the format does not allow"
    MEDIA_ABSENT = "media_absent", "with media that are not in the file"
    REPEATED = "repeated", "that repeat a record"
    BOTH_LABELS = "both_labels", "that are both good and bad"
    EXPORTED_BEFORE = "exported_before", "exported before"
    FILTERED = "filtered", "outside the filters"
    ERASED = "erased", "of users who were erased"
    TRAINING_NOT_ALLOWED = "training_not_allowed", "that may not be used for training"


class GateStatus(TextChoices):
    WAITING = "waiting", "Waiting for answers"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class GateVerdict(TextChoices):
    """What a gate says of the candidate."""

    BETTER = "better", "Better"
    WORSE = "worse", "Worse"
    NO_EVIDENCE = "no_evidence", "No evidence"


class GateSide(TextChoices):
    CANDIDATE = "candidate", "Candidate"
    CURRENT = "current", "Current model"


class GateMetric(TextChoices):
    """How an answer is scored: against the reference of a person, or by a judge against the other answer."""

    EXACT_MATCH = "exact_match", "Exact match"
    SIMILARITY = "similarity", "Similarity"
    PAIRWISE = "pairwise", "Pairwise judgements"


class GateOutcome(TextChoices):
    """What came of one question to one model."""

    ANSWERED = "answered", "Answered"
    EMPTY = "empty", "Empty"
    REFUSED = "refused", "Refused"
    ECHOED = "echoed", "Repeats the prompt"
    MISSING = "missing", "Missing"


class GateReason(TextChoices):
    """Why a gate has no verdict on the difference."""

    FEW_REFERENCES = "few_references", "Too few references"
    MISSING_ANSWERS = "missing_answers", "Too many missing answers"
    INTERVAL = "interval", "The interval contains 0"
    WEAK_JUDGE = "weak_judge", "The judge agrees too little"
    MISSING_JUDGEMENTS = "missing_judgements", "Too many missing judgements"


class PairwiseSource(TextChoices):
    """Where the pairs of answers are from that a judge compares."""

    GATE = "gate", "Answers of a gate"
    COMPARISONS = "comparisons", "Comparisons of reviewers"
    PAIRS = "pairs", "Preference pairs of a set"


class PairwiseStatus(TextChoices):
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
