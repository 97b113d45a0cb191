"""The agreement of a judge with people: tables, and the calibration as a chart."""

from typing import Any

from feedback.console.presentation import Chart
from feedback.judging.agreement import using
from feedback.models import JudgeStanding

_NOTHING = "–"
HEADER = ["Question", "Events", "Equal", "Within one step", "Cohen's kappa", "Weighted kappa", "Krippendorff's alpha"]


def build(standing: JudgeStanding) -> dict[str, Any]:
    """The context of the page."""
    figures = standing.figures
    is_enough = bool(figures) and figures["is_enough"]
    return {
        "standing": standing,
        "judge": standing.judge,
        "sentence": standing.reason or using.unmeasured(0),
        "tone": "success" if standing.holds else "warning",
        "decides": decides(standing),
        "header": HEADER,
        "rows": [_row(one, one) for one in figures["questions"]] if is_enough else [],
        "people_rows": [_row(one, one["people"]) for one in figures["questions"]] if is_enough else [],
        "facts": _facts(figures) if is_enough else [],
        "charts": [calibration_chart(figures["calibration"])] if is_enough else [],
    }


def kappa(standing: JudgeStanding) -> str:
    """Kappa with its interval."""
    return _interval({"value": standing.kappa, "low": standing.low, "high": standing.high})


def decides(standing: JudgeStanding) -> str:
    """What the judge was allowed, and whether that is in force."""
    allowed = [name for name, is_on in (("gold", standing.is_gold), ("triggers", standing.used_by_triggers)) if is_on]
    if not allowed:
        return "nothing"
    return " and ".join(allowed) + ("" if using.in_force(standing) else " (not in force)")


def calibration_chart(points: list[dict[str, Any]]) -> Chart:
    """People's mean score by the judge's score, with intervals, beside the diagonal of equal scores."""
    values = [one["people"] for one in points]
    up = [_reach(one["high"], one["value"]) for one in values]
    down = [_reach(one["value"], one["low"]) for one in values]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "People's mean",
            "x": [round(one["judge"], 4) for one in points],
            "y": [round(one["value"], 4) for one in values],
            "error_y": {"type": "data", "symmetric": False, "array": up, "arrayminus": down},
        },
        {"type": "scatter", "mode": "lines", "name": "Equal scores", "x": [0, 1], "y": [0, 1], "line": {"dash": "dot"}},
    ]
    layout = {
        "xaxis": {"title": {"text": "Judge's score"}, "range": [-0.03, 1.03], "tickformat": ".1f"},
        "yaxis": {"title": {"text": "People's mean"}, "range": [-0.03, 1.03], "tickformat": ".1f"},
        "hovermode": "closest",
        "legend": {"y": -0.35},
    }
    rows = [
        [f"{one['low']:.1f} to {one['high']:.1f}", f"{one['n']:,}", f"{one['judge']:.3f}", _interval(one["people"], 3)]
        for one in points
    ]
    return Chart(
        "calibration-chart",
        "People's mean score by the judge's score",
        {"data": traces, "layout": layout},
        ["Judge's score", "Events", "Judge's mean", "People's mean"],
        rows,
        note="Composites from 0 to 1, with 95 % intervals. Above the line people score higher than the judge.",
    )


def _facts(figures: dict[str, Any]) -> list[tuple[str, str]]:
    bias = figures["bias"]
    return [
        ("Events that both scored", f"{figures['n']:,}"),
        ("Scores of people", f"{figures['people_scores']:,}"),
        ("Judge minus people, mean", _signed(bias)),
        ("Correlation", _interval(figures["correlation"])),
        ("Correlation of ranks", _interval(figures["rank_correlation"])),
    ]


def _row(question: dict[str, Any], found: dict[str, Any]) -> list[str]:
    if "kappa" not in found:
        return [question["title"], f"{found['n']:,}", *[_NOTHING] * 5]
    return [
        question["title"],
        f"{found['n']:,}",
        _percent(found["exact"]),
        _percent(found["within_step"]) if question["kind"] != "flag" else _NOTHING,
        _NOTHING if found["cohen"] is None else f"{found['cohen']:.2f}",
        _interval(found["kappa"]),
        _interval(found["alpha"]),
    ]


def _percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.0%}"


def _interval(found: dict[str, float | None], digits: int = 2) -> str:
    if found["value"] is None:
        return _NOTHING
    value = f"{found['value']:.{digits}f}"
    return value if found["low"] is None else f"{value} ({found['low']:.{digits}f} to {found['high']:.{digits}f})"


def _signed(found: dict[str, float | None]) -> str:
    return f"{found['value']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})"


def _reach(one: float | None, other: float | None) -> float:
    return 0.0 if one is None or other is None else round(max(0.0, one - other), 4)
