"""What the page of a deployment's groups shows."""

from dataclasses import dataclass
from math import isfinite

from feedback.choices import Metric
from feedback.console.presentation import Chart
from feedback.console.trend_figures import Cell, Table
from feedback.models import Deployment
from feedback.rollups.fairness import computing
from feedback.rollups.fairness.compared import APPROVAL, CHECKS, MODEL_VERSION, NOT_REFUSED, OutcomeOfGroups
from feedback.rollups.fairness.computing import FairnessFigures, MetricOfGroups
from feedback.statistics.fairness import GroupComparison, GroupVerdict, ParityVerdict
from feedback.statistics.intervals import IntervalResult

DAYS = (7, 30, 90)
_NAMES = {APPROVAL: "Approval", NOT_REFUSED: "Not refused", CHECKS: Metric.QUALITY.label}
_VERDICTS = {
    GroupVerdict.LOWER: "lower",
    GroupVerdict.HIGHER: "higher",
    GroupVerdict.NO_DIFFERENCE: "no difference found",
    GroupVerdict.NOT_ENOUGH_DATA: "not enough data",
}
_PARITY = {
    ParityVerdict.KEPT: "kept",
    ParityVerdict.VIOLATED: "violated",
    ParityVerdict.UNCLEAR: "unclear",
    ParityVerdict.NOT_ENOUGH_DATA: "not enough data",
}
_HEADER = ["Group", "Verdict", "Figure", "Rest", "Difference", "Ratio", "p", "p, corrected"]
_NOTE = (
    "In brackets the 95 % interval; p is corrected for the number of groups by Holm's method, and the verdict is by it "
    "at 0.05. Users and events of two groups are taken as independent."
)


@dataclass(frozen=True)
class FairnessPage:
    deployment: Deployment
    figures: FairnessFigures
    keys: list[str]
    days: tuple[int, ...]
    chart: Chart
    tables: list[Table]
    metrics: Table

    @property
    def is_empty(self) -> bool:
        return not any(outcome.comparisons for outcome in self.figures.outcomes)


def build(deployment: Deployment, *, by: str | None, days: int) -> FairnessPage:
    """Raises UnknownKey."""
    figures = computing.fairness(deployment, by=by, days=days)
    main = [one for one in figures.outcomes if one.name in _NAMES]
    return FairnessPage(
        deployment,
        figures,
        computing.keys_of(deployment),
        DAYS,
        _chart(figures, main),
        [_table(one) for one in figures.outcomes],
        _metrics(figures),
    )


def _chart(figures: FairnessFigures, outcomes: list[OutcomeOfGroups]) -> Chart:
    traces, rows = [], []
    for outcome in outcomes:
        known = [one for one in outcome.comparisons if isfinite(one.group.estimate.value) and one.group.n > 1]
        estimates = [one.group.estimate for one in known]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": _title(outcome.name),
                "x": [one.group.name for one in known],
                "y": [one.value for one in estimates],
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [one.high - one.value for one in estimates],
                    "arrayminus": [one.value - one.low for one in estimates],
                },
            }
        )
        rows += [[_title(outcome.name), one.group.name, _text(one.group.estimate), f"{one.group.n:,}"] for one in known]
    figure = {"data": traces, "layout": {"yaxis": {"range": [0, 1.05]}, "scattermode": "group"}}
    by = "model version" if figures.by == MODEL_VERSION else figures.by
    caption = f"Approval, answers that are no refusal, and checks by {by}, last {figures.days} days"
    return Chart("fairness-chart", caption, figure, ["Outcome", "Group", "Figure", "n"], rows, note=_NOTE)


def _title(name: str) -> str:
    return _NAMES.get(name) or f"Check: {name.rpartition('.')[2].replace('_', ' ')}"


def _table(outcome: OutcomeOfGroups) -> Table:
    return Table(
        _title(outcome.name),
        _HEADER,
        [_row(one, outcome.unit) for one in outcome.comparisons],
        f"n is {outcome.unit}. {_NOTE}",
    )


def _row(one: GroupComparison, unit: str) -> list[Cell]:
    is_known = one.verdict != GroupVerdict.NOT_ENOUGH_DATA
    return [
        Cell(one.group.name),
        Cell(_VERDICTS[one.verdict]),
        Cell(_text(one.group.estimate), f"n = {one.group.n:,}"),
        Cell(_text(one.rest.estimate), f"n = {one.rest.n:,}"),
        Cell(_text(one.difference, "{:+.3f}")),
        Cell(_text(one.ratio)),
        Cell(_p(one.p_value) if is_known else "–"),
        Cell(_p(one.adjusted) if is_known else "–"),
    ]


def _metrics(figures: FairnessFigures) -> Table:
    reasons = " ".join(dict.fromkeys(one.reason for one in figures.metrics if one.reason))
    return Table(
        f"Fairness metrics, smallest ratio {figures.threshold:g}",
        ["Metric", "Verdict", "Outcome", "Lowest ratio"],
        [_metric_row(one) for one in figures.metrics],
        "Violated: the interval of a group's ratio to the rest ends below the threshold. Kept: those of all groups "
        "that were compared begin at it or above. Unclear: anything else."
        + (f" Not computable: {reasons}" if reasons else ""),
    )


def _metric_row(metric: MetricOfGroups) -> list[Cell]:
    name = metric.metric.value.replace("_", " ")
    if metric.reason:
        return [Cell(name), Cell("not computable"), Cell("–"), Cell("–")]
    known = [one for one in metric.comparisons if isfinite(one.ratio.value)]
    lowest = min(known, key=lambda one: one.ratio.value, default=None)
    ratio = Cell(_text(lowest.ratio), lowest.group.name) if lowest else Cell("–")
    return [Cell(name), Cell(_PARITY[metric.verdict]), Cell(metric.outcome.replace("_", " ")), ratio]


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _text(estimate: IntervalResult, form: str = "{:.3f}") -> str:
    if not isfinite(estimate.value):
        return "–"
    high = form.format(estimate.high) if isfinite(estimate.high) else "∞"
    return f"{form.format(estimate.value)} [{form.format(estimate.low)}, {high}]"
