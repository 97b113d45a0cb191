"""The figures of the System page: backlog, writers, jobs, and outcomes of the last day's items."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from config import doctor
from config.console import job_figures
from feedback.console.presentation import Chart, relative
from feedback.ingestion import stream, writers
from feedback.models import IngestCount, RejectedItem
from feedback.times import floor_hour

HOURS = 24
SHOWN_DEPLOYMENTS = 50
SHOWN_REJECTED = 10
OUTCOMES = {
    "stored": "Stored",
    "duplicate": "Duplicate",
    "sampled_out": "Sampled out",
    "rejected": "Rejected",
    "invalid": "Invalid",
}


@dataclass(frozen=True)
class Fact:
    """A current figure and the limit it is compared with."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True)
class WriterRow:
    name: str
    started_at: datetime
    last_flush_at: datetime | None
    items: int


@dataclass(frozen=True)
class LedgerRow:
    """accepted = stored + duplicate + sampled_out + rejected + pending; invalid items were never accepted."""

    name: str
    pending: int
    stored: int
    duplicate: int
    sampled_out: int
    rejected: int
    invalid: int

    @property
    def accepted(self) -> int:
        return self.stored + self.duplicate + self.sampled_out + self.rejected + self.pending


@dataclass(frozen=True)
class Waiting:
    """The state of the stream; each field is None when the stream is unavailable."""

    backlog: stream.Backlog | None = None
    writers: list[WriterRow] | None = None
    items: Counter[str] | None = None


@dataclass(frozen=True)
class SystemPage:
    facts: list[Fact]
    problems: list[doctor.Finding]
    writers: list[WriterRow] | None
    jobs: job_figures.Jobs | None
    ledger: list[LedgerRow]
    chart: Chart | None
    rejected: list[RejectedItem]
    sees_rejected: bool

    @property
    def charts(self) -> list[Chart]:
        return [self.chart] if self.chart else []


def build(user) -> SystemPage:
    start = floor_hour(timezone.now()) - timedelta(hours=HOURS - 1)
    waiting = _waiting()
    sums = list(IngestCount.objects.since(start).totals("deployment_id", "hour_at"))
    sees_rejected = user.has_perm("feedback.view_rejecteditem")
    rejected = RejectedItem.objects.not_replayed().newest_first().defer("payload")[:SHOWN_REJECTED]
    return SystemPage(
        facts=_facts(waiting, max((row["last_flush_at"] for row in sums), default=None)),
        problems=list(doctor.findings()),
        writers=waiting.writers,
        jobs=job_figures.read(),
        ledger=_ledger(sums, waiting.items or Counter()),
        chart=_chart(sums, start) if sums else None,
        rejected=list(rejected) if sees_rejected else [],
        sees_rejected=sees_rejected,
    )


def _waiting() -> Waiting:
    try:
        alive = [
            WriterRow(writer.name, _time(writer.started_at), _time(writer.last_flush_at), writer.items)
            for writer in writers.writers()
        ]
        return Waiting(stream.backlog(), alive, Counter(stream.waiting()))
    except redis.RedisError:
        return Waiting()  # The doctor reports the reason.


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _facts(waiting: Waiting, flushed_at: datetime | None) -> list[Fact]:
    flush = _last_flush(flushed_at)
    if waiting.backlog is None:
        unavailable = "the stream is unavailable"
        return [
            *(Fact(label, "–", unavailable) for label in ("Requests waiting", "Bytes waiting", "Oldest request")),
            flush,
        ]
    backlog = waiting.backlog
    entries, size = settings.INGEST_MAX_BACKLOG_ENTRIES, settings.INGEST_MAX_BACKLOG_BYTES
    return [
        Fact("Requests waiting", f"{backlog.entries:,}", _share(backlog.entries, entries, f"{entries:,}")),
        Fact("Bytes waiting", filesizeformat(backlog.bytes), _share(backlog.bytes, size, filesizeformat(size))),
        Fact("Oldest request", _duration(backlog.oldest_age_seconds), f"{waiting.items.total():,} items waiting"),
        flush,
    ]


def _last_flush(moment: datetime | None) -> Fact:
    if moment is None:
        return Fact("Last flush", "–", f"none in {HOURS} hours")
    return Fact("Last flush", relative(moment, timezone.now()), f"{moment:%Y-%m-%d %H:%M:%S} UTC")


def _share(number: int, bound: int, shown: str) -> str:
    return f"{number / bound:.1%} of {shown}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def _ledger(sums: Iterable[dict], waiting: Counter[str]) -> list[LedgerRow]:
    """One row per deployment, the busiest first, and one row for all others."""
    counts: dict[str, Counter[str]] = {name: Counter(pending=number) for name, number in waiting.items()}
    for row in sums:
        counts.setdefault(row["deployment_id"], Counter()).update({name: row[f"{name}_sum"] for name in OUTCOMES})
    busiest = sorted(counts, key=lambda name: (-counts[name].total(), name))
    rows = [_row(name or "(no deployment)", counts[name]) for name in busiest[:SHOWN_DEPLOYMENTS]]
    others = busiest[SHOWN_DEPLOYMENTS:]
    if others:
        rows.append(_row(f"({len(others):,} others)", sum((counts[name] for name in others), Counter())))
    return rows


def _row(name: str, counts: Counter[str]) -> LedgerRow:
    return LedgerRow(name, counts["pending"], **{outcome: counts[outcome] for outcome in OUTCOMES})


def _chart(sums: Iterable[dict], start: datetime) -> Chart:
    hours = [start + timedelta(hours=number) for number in range(HOURS)]
    counts: Counter[tuple[datetime, str]] = Counter()
    for row in sums:
        for outcome in OUTCOMES:
            counts[row["hour_at"], outcome] += row[f"{outcome}_sum"]
    times = [hour.strftime("%Y-%m-%d %H:%M") for hour in hours]
    traces = [
        {"type": "bar", "name": label, "x": times, "y": [counts[hour, outcome] for hour in hours]}
        for outcome, label in OUTCOMES.items()
    ]
    layout = {
        "barmode": "stack",
        "xaxis": {"tickformat": "%H:%M", "tickangle": 0, "nticks": 8},
        "yaxis": {"rangemode": "tozero", "tickformat": ",d"},
    }
    rows = [
        [time, *(f"{counts[hour, outcome]:,}" for outcome in OUTCOMES)] for hour, time in zip(hours, times, strict=True)
    ]
    caption = "Items per hour by outcome"
    return Chart(
        "ledger-chart",
        caption,
        {"data": traces, "layout": layout},
        ["Hour", *OUTCOMES.values()],
        rows,
        note="By hour of arrival, UTC.",
    )
