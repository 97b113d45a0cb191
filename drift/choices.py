import re

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


class ComparisonStatus(TextChoices):
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"


class Correction(TextChoices):
    """How the p-values of all outcomes and arms of a comparison are corrected for their number."""

    HOLM = "holm", "Holm"
    BONFERRONI = "bonferroni", "Bonferroni"
    BENJAMINI_HOCHBERG = "benjamini_hochberg", "Benjamini-Hochberg"
    NONE = "none", "None"


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
    COOLDOWN = "cooldown", "In cooldown"
    QUIET = "quiet", "Quiet"
    NO_DATA = "no_data", "No data"
    OFF = "off", "Off"


class QualityArm(TextChoices):
    """The conditions of quality drop: any of them fires it. In the order in which they count."""

    FORM = "form", "Form: mean of the checks"
    FEEDBACK_THRESHOLD = "feedback_threshold", "Feedback: approval below a threshold"
    FEEDBACK_DROP = "feedback_drop", "Feedback: fall of approval"


class IntervalOf(TextChoices):
    """What the interval of a condition is about."""

    MEAN = "mean", "Mean of the checks"
    APPROVAL = "approval", "Approval"
    FALL = "fall", "Fall of approval"


class CheckSource(TextChoices):
    BEAT = "beat", "Schedule"
    API = "api", "API"
    CONSOLE = "console", "Console"
    COMMAND = "command", "Command"
    PIPELINE = "pipeline", "Pipeline"


class TriggerType(TextChoices):
    """What a check can be limited to. Accuracy and feedback are conditions of quality drop."""

    DRIFT = "drift", "Drift"
    ACCURACY = "accuracy", "Accuracy"
    VOLUME = "volume", "Volume"
    FEEDBACK = "feedback", "Feedback"


class FiringState(TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    HANDED_OFF = "handed_off", "Used by a training"


class ChannelKind(TextChoices):
    WEBHOOK = "webhook", "Webhook"
    EMAIL = "email", "E-mail"


class DeliveryStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


# Of the reason given for a baseline.
MAX_REASON_CHARACTERS = 2_000
SHORTEST_SECONDS = 60
LONGEST_SECONDS = 366 * 86_400
LARGEST_COUNT = 1_000_000_000
# Whose rolling mean quality drop reads.
CHECKS = "checks"
QUALITY_SOURCE_FORM = r"^(checks|judge:[a-z0-9_.-]{1,58})$"
_RANGES = {
    TriggerName.DRIFT_THRESHOLD: (0, 1, "a score from 0 to 1"),
    TriggerName.QUALITY_DROP: (0, 1, "a score from 0 to 1"),
    TriggerName.DATA_COUNT: (1, LARGEST_COUNT, f"a whole number of events from 1 to {LARGEST_COUNT:,}"),
    TriggerName.SCHEDULED: (
        SHORTEST_SECONDS,
        LONGEST_SECONDS,
        f"a whole number of seconds from {SHORTEST_SECONDS} to {LONGEST_SECONDS:,} (1 minute to 366 days)",
    ),
}
_WHOLE = (TriggerName.DATA_COUNT, TriggerName.SCHEDULED)


def threshold_problem(name: str, threshold: float) -> str | None:
    """Why this threshold is out of range; None if it is not."""
    least, most, allowed = _RANGES[TriggerName(name)]
    # The range first: NaN fails it, and a larger number may not fit a float.
    if least <= threshold <= most and (name not in _WHOLE or float(threshold).is_integer()):
        return None
    return f"The threshold of {name} must be {allowed}."


def feedback_threshold_problem(threshold: float) -> str | None:
    """Why this threshold of approval is out of range; None if it is not."""
    return None if 0 <= threshold <= 1 else "The feedback_threshold must be a share of approval from 0 to 1."


def quality_source_problem(source: str) -> str | None:
    """Why this is no source of the mean of quality drop; None if it is one."""
    is_source = re.fullmatch(QUALITY_SOURCE_FORM, source) is not None
    return None if is_source else "The quality_source must be checks, or judge:NAME with the name of a judge."


def judge_of(source: str) -> str:
    """The name of the judge that a source names."""
    return source.removeprefix("judge:")


def cooldown_problem(name: str, seconds: int) -> str | None:
    """Why this cooldown is out of range; None if it is not."""
    if name == TriggerName.SCHEDULED:
        return "The scheduled trigger has no cooldown; it uses its interval."
    if SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        return None
    return f"A cooldown must be from {SHORTEST_SECONDS} to {LONGEST_SECONDS:,} seconds (1 minute to 366 days)."
