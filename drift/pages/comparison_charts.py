"""Charts of a comparison: means with intervals, and distributions."""

from collections.abc import Sequence

from drift.models import ArmComparison
from drift.pages.comparison_page import number
from feedback.console.presentation import Chart, excerpt

SHOWN_OUTCOMES, LONGEST_NAME = 6, 40
_FEWEST_LOOKS = 2


def charts(comparison: ArmComparison) -> dict[str, list[Chart]]:
    """By outcome, its charts; those of the first outcomes."""
    names = [excerpt(name, LONGEST_NAME) for name in comparison.names]
    shown = comparison.results[:SHOWN_OUTCOMES]
    return {
        one["name"]: [
            *_means(i, one, names),
            *_distribution(i, one, names),
            *_looks(i, one, names, comparison.looks),
        ]
        for i, one in enumerate(shown)
    }


def _means(index: int, one: dict, names: Sequence[str]) -> list[Chart]:
    rows = [(name, arm) for name, arm in zip(names, one["arms"], strict=True) if arm["low"] is not None]
    if not rows:
        return []
    scale = 100 if one["is_share"] else 1
    means = [scale * arm["mean"] for _, arm in rows]
    figure = {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": means,
                "y": [name for name, _ in rows],
                "marker": {"size": 10},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [scale * arm["high"] - mean for (_, arm), mean in zip(rows, means, strict=True)],
                    "arrayminus": [mean - scale * arm["low"] for (_, arm), mean in zip(rows, means, strict=True)],
                },
            }
        ],
        "layout": {
            "xaxis": {"title": {"text": _axis(one)}},
            "yaxis": {"type": "category", "autorange": "reversed", "automargin": True},
            "showlegend": False,
        },
    }
    table = [[name, *(number(arm[key], one["is_share"]) for key in ("mean", "low", "high"))] for name, arm in rows]
    caption = (
        f"Mean {one['label']} with its 95 % interval"
        if not one["is_share"]
        else f"{_capital(one)} with its 95 % interval"
    )
    return [Chart(f"means-{index}", caption, figure, ["Arm", "Mean", "From", "To"], table)]


def _distribution(index: int, one: dict, names: Sequence[str]) -> list[Chart]:
    found = one["histogram"]
    if not found or len(names) > 2:
        return []
    edges = found["edges"]
    centres = [(low + high) / 2 for low, high in zip(edges, edges[1:], strict=False)]
    shares = [[round(100 * count / max(1, sum(counts)), 2) for count in counts] for counts in found["counts"]]
    bars = {"type": "bar", "name": names[0], "x": centres, "y": shares[0], "opacity": 0.55}
    steps = {
        "type": "scatter",
        "mode": "lines",
        "line": {"shape": "hvh"},
        "name": names[1],
        "x": centres,
        "y": shares[1],
    }
    layout = {
        "bargap": 0.05,
        "xaxis": {"title": {"text": _axis(one)}},
        "yaxis": {"title": {"text": "% of the arm"}, "rangemode": "tozero"},
        "legend": {"y": 1.02, "yanchor": "bottom"},
    }
    ranges = [f"{number(low)} to {number(high)}" for low, high in zip(edges, edges[1:], strict=False)]
    rows = [[name, f"{a:.1f}", f"{b:.1f}"] for name, a, b in zip(ranges, *shares, strict=True)]
    return [
        Chart(
            f"distribution-{index}",
            f"Distribution of {one['label']}",
            {"data": [bars, steps], "layout": layout},
            [_axis(one), f"{names[0]}, %", f"{names[1]}, %"],
            rows,
            "The first and last bars include values beyond them.",
        )
    ]


def _looks(index: int, one: dict, names: Sequence[str], looks: Sequence[dict]) -> list[Chart]:
    """How the interval of each look narrowed, for the first pair of arms."""
    scale = 100 if one["is_share"] else 1
    found = [
        (look["at"], *(scale * end for end in interval))
        for look in looks
        if (interval := (look["intervals"].get(one["name"]) or [None])[0]) and None not in interval
    ]
    if len(found) < _FEWEST_LOOKS:
        return []
    at, value, low, high = (list(column) for column in zip(*found, strict=True))
    line = {"type": "scatter", "x": at}
    figure = {
        "data": [
            {**line, "name": "From", "mode": "lines", "y": low, "line": {"dash": "dot"}},
            {**line, "name": "To", "mode": "lines", "y": high, "line": {"dash": "dot"}},
            {**line, "name": "Difference", "mode": "lines+markers", "y": value},
        ],
        "layout": {"yaxis": {"title": {"text": f"Difference, {_axis(one)}"}, "zeroline": True}, "showlegend": False},
    }
    rows = [[moment[:16].replace("T", " "), *(f"{end:.4g}" for end in ends)] for moment, *ends in found]
    caption = f"{names[1]} minus {names[0]} at every look, with an interval that holds at all of them"
    return [Chart(f"looks-{index}", caption, figure, ["Look (UTC)", "Difference", "From", "To"], rows)]


def _axis(one: dict) -> str:
    unit = "%" if one["is_share"] else one["unit"]
    return f"{_capital(one)}, {unit}" if unit else _capital(one)


def _capital(one: dict) -> str:
    return f"{one['label'][:1].upper()}{one['label'][1:]}"
