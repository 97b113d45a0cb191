from django.db.models import TextChoices


class Verdict(TextChoices):
    OK = "ok", "OK"
    WATCH = "watch", "Watch"
    DRIFTING = "drifting", "Drifting"
    INSUFFICIENT_DATA = "insufficient_data", "Insufficient data"
    ERROR = "error", "Error"


class ReportStatus(TextChoices):
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"


class Profile(TextChoices):
    STANDARD = "standard", "Standard"
    CRUCIBLE = "crucible", "Crucible (the original's numbers)"


class TriggerName(TextChoices):
    """In the order in which they are evaluated and returned."""

    DRIFT_THRESHOLD = "drift_threshold", "Drift"
    QUALITY_DROP = "quality_drop", "Quality drop"
    DATA_COUNT = "data_count", "Data count"
    SCHEDULED = "scheduled", "Schedule"


class TriggerOutcome(TextChoices):
    FIRED = "fired", "Fired"
    COOLDOWN = "cooldown", "Held back"
    QUIET = "quiet", "Quiet"
    NO_DATA = "no_data", "No data"
    OFF = "off", "Off"


class CheckSource(TextChoices):
    BEAT = "beat", "Schedule"
    API = "api", "API"
    CONSOLE = "console", "Console"
    COMMAND = "command", "Command"


class FiringState(TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    HANDED_OFF = "handed_off", "Handed off to a training"


class ChannelKind(TextChoices):
    WEBHOOK = "webhook", "Webhook"
    EMAIL = "email", "E-mail"


class DeliveryStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
