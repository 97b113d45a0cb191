"""How numbers, times and texts are shown on every page. Imports nothing of the admin, which loads it with its
templates.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html

from feedback.times import DAY, HOUR

MINUTE = timedelta(minutes=1)
# Where lists divide the scores of the checks. These judge form, so no score of theirs is called good.
HIGH_CHECKS, LOW_CHECKS = 0.8, 0.5
SHOWN_DIGITS = 12
CHECKS_LABELS = {"low": "danger", "": ""}


@dataclass(frozen=True)
class Chart:
    """A Plotly figure with its caption and the same numbers as a table: render it with console/chart.html."""

    id: str
    caption: str
    figure: dict
    header: list[str]
    rows: list[list[str]]
    note: str = ""

    @property
    def figure_id(self) -> str:
        return f"{self.id}-figure"


def ago(moment: datetime | None):
    """How long ago, with the exact time on hover."""
    if moment is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC" class="cf-time">{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        relative(moment, timezone.now()),
    )


def relative(moment: datetime, now: datetime) -> str:
    age = now - moment
    if age < timedelta(0):
        return f"{moment:%Y-%m-%d %H:%M}"
    if age < MINUTE:
        return "just now"
    for unit, name, limit in ((MINUTE, "min", HOUR), (HOUR, "h", DAY), (DAY, "d", 30 * DAY)):
        if age < limit:
            return f"{age // unit} {name} ago"
    return f"{moment:%Y-%m-%d}"


def checks_label(score: float | None) -> tuple[str, str] | None:
    """The value of a column displayed with `label=CHECKS_LABELS`."""
    if score is None:
        return None
    return ("low", f"{score:.3f} low") if score < LOW_CHECKS else ("", f"{score:.3f}")


def short_id(identifier) -> str:
    """The end of a UUID: the start of a version 7 is its time, the same for all of one minute."""
    return f"…{str(identifier)[-8:]}"


def short_hash(digest: str):
    """The start of a digest in hexadecimal, enough to tell two apart."""
    return format_html("<code>{}</code>", digest[:SHOWN_DIGITS]) if digest else "–"


def excerpt(text: str, length: int = 90) -> str:
    """The start of a text on one line."""
    line = " ".join(text[: length * 2].split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
