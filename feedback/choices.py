from django.db.models import TextChoices


class SignalType(TextChoices):
    THUMBS_UP = "thumbs_up", "Thumbs up"
    THUMBS_DOWN = "thumbs_down", "Thumbs down"
    REGENERATE = "regenerate", "Regenerate"
    EDIT = "edit", "Edit"
    COPY = "copy", "Copy"
    SHARE = "share", "Share"
    REPORT = "report", "Report"


class Assessor(TextChoices):
    CHECKS = "checks", "Automatic checks"


class Scope(TextChoices):
    INGEST = "ingest", "Send events"
    SIGNALS = "signals", "Send signals"
    READ = "read", "Read"
    OPERATE = "operate", "Operate"


class Metric(TextChoices):
    QUALITY = "quality", "Quality score"
    LATENCY = "latency_ms", "Latency (ms)"
    PROMPT_LENGTH = "prompt_length", "Prompt length (characters)"
    RESPONSE_LENGTH = "response_length", "Response length (characters)"


class ItemKind(TextChoices):
    EVENT = "event", "Event"
    SIGNAL = "signal", "Signal"
