"""Checks and feedback of a period side by side: cards, charts with tables, and a table by model version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from feedback.choices import SignalType
from feedback.console.presentation import Chart
from feedback.evidence.group_approval import GroupApproval
from feedback.rollups.estimates import Estimate, share
from feedback.rollups.groups import GroupFigures
from feedback.rollups.repeated import MOST, Repeated
from feedback.rollups.signals.figures import FeedbackFigures
from feedback.rollups.trends import Trends, VersionSeries

FEW = 30  # Fewer than this in the previous period are too few to compare with.
# The signals that are shown per 100 events.
PER_HUNDRED = (
    SignalType.THUMBS_UP,
    SignalType.THUMBS_DOWN,
    SignalType.RATING,
    SignalType.EDIT,
    SignalType.REGENERATE,
)
_NOTHING = "–"
_SCORE, _SHARE = "{:.3f}", "{:.1%}"
_N = "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Card:
    """One number, its uncertainty and its change."""

    label: str
    value: str
    detail: str
    delta: str
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    """The cell of a table; detail: the interval and n of an estimate."""

    text: str
    detail: str = ""


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows."""

    caption: str
    header: list[str]
    rows: list[list[Cell]]
    note: str


def event_cards(shown: Trends) -> list[Card]:
    now, before = shown.current, shown.before
    events = now.counts.events
    per_bucket = f"{events / len(shown.period.buckets):,.0f} per {shown.period.bucket}"
    return [
        Card("Events", f"{events:,}", per_bucket, *_change(events, before.counts.events)),
        Card("Checks", *_estimate(now.checks, "scored event"), *_difference(now.checks, before.checks)),
    ]


def feedback_cards(shown: Trends, *, with_events: bool) -> list[Card]:
    """with_events: whether the user may know how many events there are."""
    now, before = shown.current, shown.before
    approval = as_estimate(now.approval)
    voted, voted_before = voted_share(now.counts), voted_share(before.counts)
    counted = f"{now.counts.voted:,} of {now.counts.events:,}" if with_events else f"{now.counts.voted:,}"
    detail = f"of events: {counted}" if voted else "no events"
    moved, _ = _difference(voted, voted_before, "{:+.1f} pt", 100)
    return [
        Card("Feedback: approval", *_estimate(approval, "user"), *_difference(approval, as_estimate(before.approval))),
        Card("Voted on", _SHARE.format(voted.value) if voted else _NOTHING, detail, moved),
    ]


def as_estimate(approval: GroupApproval | None) -> Estimate | None:
    """Approval as other figures are shown, n of which are users."""
    if approval is None:
        return None
    return Estimate(approval.value, approval.users, approval.low, approval.high, approval.level)


def voted_share(counts: FeedbackFigures) -> Estimate | None:
    """The share of events with a signal that counts."""
    return share(min(counts.voted, counts.events), counts.events)


def with_interval(estimate: Estimate | None) -> str:
    """A figure in one line: the value, its interval and n."""
    cell = _cell(estimate)
    return f"{cell.text} {cell.detail}".strip()


def _cell(estimate: Estimate | None) -> Cell:
    if estimate is None:
        return Cell(_NOTHING)
    value, n = _SCORE.format(estimate.value), f"({_N}{estimate.n:,})"
    if estimate.low is None or estimate.high is None:
        return Cell(value, n)
    return Cell(value, f"[{estimate.low:.3f}, {estimate.high:.3f}] {n}")


def events_chart(shown: Trends) -> Chart:
    traces = [
        {"type": "bar", "name": _name(series), "x": _times(shown), "y": [one.counts.events for one in series.buckets]}
        for series in shown.versions
    ]
    figure = {"data": traces, "layout": {"barmode": "stack", "yaxis": {"rangemode": "tozero", "tickformat": ",d"}}}
    rows = _rows(shown, lambda one: f"{one.counts.events:,}")
    caption = f"Events per {shown.period.bucket} by model version"
    return Chart("events-chart", caption, figure, _header(shown), rows, note="Times are UTC.")


def checks_chart(shown: Trends) -> Chart:
    caption = f"Checks: mean score per {shown.period.bucket} by model version"
    note = "1 is flawless form. In brackets the 95 % interval of the mean; n is scored events."
    return _estimates_chart("checks-chart", caption, note, shown, lambda one: one.checks)


def approval_chart(shown: Trends) -> Chart:
    caption = f"Feedback: approval per {shown.period.bucket} by model version"
    note = (
        "1 is approval by every user. In brackets the 95 % interval; n is users. Of an hour or day at most 500 events"
        " with votes are read, the newest."
    )
    return _estimates_chart("approval-chart", caption, note, shown, lambda one: as_estimate(one.approval))


def signals_chart(shown: Trends) -> Chart:
    traces = [
        _line(kind.label, _times(shown), [_rounded(one.counts.per_hundred(_count(one, kind))) for one in shown.buckets])
        for kind in PER_HUNDRED
    ]
    figure = {"data": traces, "layout": {"yaxis": {"rangemode": "tozero", "tickformat": ".1f"}}}
    caption = f"Feedback: signals per 100 events per {shown.period.bucket}"
    header = [shown.period.bucket.capitalize(), "Events", *(kind.label for kind in PER_HUNDRED)]
    rows = [
        [moment, f"{one.counts.events:,}", *(_per_hundred(one, kind) for kind in PER_HUNDRED)]
        for moment, one in zip(_moments(shown), shown.buckets, strict=True)
    ]
    return Chart("signals-chart", caption, figure, header, rows, note="Live signals; times are UTC.")


def by_version(shown: Trends, repeats: Mapping[str, Repeated] | None = None) -> Table:
    """repeats: of each model version, if a column shows them."""
    header = ["Version", "Checks", "Feedback: approval", "Voted on", *(kind.label for kind in PER_HUNDRED)]
    rows = [_row(_name(series), series.total) for series in shown.versions]
    rows.append(_row("All", shown.current))
    note = (
        "In brackets the 95 % interval; n is scored events for checks and users for approval. The last columns are live"
        " signals per 100 events."
    )
    if repeats is not None:
        header.insert(2, "Repeated answers")
        cells = [_of_repeats(repeats.get(series.version)) for series in shown.versions]
        for row, cell in zip(rows, [*cells, Cell(_NOTHING)], strict=True):
            row.insert(2, cell)
        note += f" Repeated answers are one answer to many prompts, of n among the {MOST:,} newest sampled events."
    return Table("Checks and feedback by model version", header, rows, note)


def _of_repeats(found: Repeated | None) -> Cell:
    if found is None:
        return Cell(_NOTHING)
    if found.share is None:
        return Cell("not enough data", f"({_N}{found.n:,})")
    return Cell(_SHARE.format(found.share.value), f"[{found.share.low:.1%}, {found.share.high:.1%}] ({_N}{found.n:,})")


def _row(name: str, figures: GroupFigures) -> list[Cell]:
    counts = figures.counts
    return [
        Cell(name),
        _cell(figures.checks),
        _cell(as_estimate(figures.approval)),
        Cell(f"{counts.voted:,} of {counts.events:,}"),
        *(Cell(_per_hundred(figures, kind)) for kind in PER_HUNDRED),
    ]


def _count(figures: GroupFigures, kind: SignalType) -> int:
    return figures.counts.signals.get(kind, 0)


def _per_hundred(figures: GroupFigures, kind: SignalType) -> str:
    value = figures.counts.per_hundred(_count(figures, kind))
    return _NOTHING if value is None else f"{value:.1f}"


def _estimates_chart(
    name: str, caption: str, note: str, shown: Trends, value: Callable[[GroupFigures], Estimate | None]
) -> Chart:
    traces = [
        _line(
            _name(series),
            _times(shown),
            [None if (found := value(one)) is None else round(found.value, 4) for one in series.buckets],
        )
        for series in shown.versions
    ]
    figure = {"data": traces, "layout": {"yaxis": {"tickformat": ".2f"}}}
    rows = _rows(shown, lambda one: with_interval(value(one)))
    return Chart(name, caption, figure, _header(shown), rows, note)


def _line(name: str, x: Sequence[str], y: Sequence[float | None]) -> dict:
    return {"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _name(series: VersionSeries) -> str:
    return series.version or "no version"


def _times(shown: Trends) -> list[str]:
    return [bucket.strftime("%Y-%m-%d %H:%M") for bucket in shown.period.buckets]


def _moments(shown: Trends) -> list[str]:
    form = "%Y-%m-%d %H:%M" if shown.period.bucket == "hour" else "%Y-%m-%d"
    return [bucket.strftime(form) for bucket in shown.period.buckets]


def _header(shown: Trends) -> list[str]:
    return [shown.period.bucket.capitalize(), *(_name(series) for series in shown.versions)]


def _rows(shown: Trends, cell: Callable[[GroupFigures], str]) -> list[list[str]]:
    return [
        [moment, *(cell(series.buckets[index]) for series in shown.versions)]
        for index, moment in enumerate(_moments(shown))
    ]


def _estimate(estimate: Estimate | None, unit: str) -> tuple[str, str]:
    if estimate is None:
        return _NOTHING, "no data"
    counted = f"{estimate.n:,} {unit}{'' if estimate.n == 1 else 's'}"
    if estimate.low is None or estimate.high is None:
        return _SCORE.format(estimate.value), f"{counted}: too few for an interval"
    interval = f"{100 * estimate.level:.0f} % interval {estimate.low:.3f} to {estimate.high:.3f}"
    return _SCORE.format(estimate.value), f"{interval}, {counted}"


def _change(now: int, before: int) -> tuple[str, str]:
    if not before:
        return "no data in the previous period", ""
    if before < FEW:
        return f"{before:,} in the previous period", ""
    return f"{(now - before) / before:+.0%} vs. previous period", ""


def _difference(
    now: Estimate | None, before: Estimate | None, form: str = "{:+.3f}", factor: float = 1.0
) -> tuple[str, str]:
    """The difference; better or worse only if the two intervals do not overlap."""
    if now is None or before is None:
        return "no data in the previous period", ""
    if before.n < FEW:
        return f"too few in the previous period ({_N}{before.n})", ""
    moved = form.format((now.value - before.value) * factor)
    if not any(digit in moved for digit in "123456789"):
        return "unchanged", ""
    return f"{moved} vs. previous period", _direction(now, before)


def _direction(now: Estimate, before: Estimate) -> str:
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return ""
    return "better" if now.low > before.high else "worse" if now.high < before.low else ""
