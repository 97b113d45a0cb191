from django.db.models import TextChoices


class ExportStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    RUNNING = "running", "Running"
    VALIDATED = "validated", "Validated"
    PUBLISHED = "published", "Published"
    FAILED = "failed", "Failed"


class ErasureStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"


class DeletionStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"


class ExportFormat(TextChoices):
    JSONL = "jsonl", "JSON Lines: conversations to imitate"
    PREFERENCE_PAIRS = "preference_pairs", "Preference pairs: a chosen and a rejected answer"


class Profile(TextChoices):
    DEFAULT = "default", "Message lists"
    CRUCIBLE = "crucible", "Crucible: plain strings"


class LeftOut(TextChoices):
    """The reason why an export excludes an example."""

    HARD_EXAMPLE = "hard_example", "hard examples"
    EMPTY_ANSWER = "empty_answer", "without an answer"
    NO_EDIT = "no_edit", "without an edit"
    UNCHANGED = "unchanged", "edited in white space only"
    UNWRITABLE = "unwritable", "that the format cannot hold"
    TRAINING_NOT_ALLOWED = "training_not_allowed", "that may not be used for training"
