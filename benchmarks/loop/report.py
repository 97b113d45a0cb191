"""Gains with their intervals, over seeds."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.stats import t

from benchmarks.loop.arms import ARMS, TRUE, Result

HEADER = (
    *("task", "attack", "arm", "gain", "95 % interval", "of the true gain", "above raw signals"),
    *("rows", "right", "reviews", "seconds"),
)
Key = tuple[str, str]


def lines(found: Iterable[tuple[Key, int, Result]], *, against: str) -> list[tuple]:
    """A line for each task, attack and arm.

    found: (task, attack), seed and result. against: the arm with which each is compared pair by pair.
    """
    by_key: dict[Key, dict[str, dict[int, Result]]] = defaultdict(lambda: defaultdict(dict))
    for key, seed, result in found:
        by_key[key][result.arm][seed] = result
    return [
        (*key, arm, *_figures(of_arms[arm], of_arms[TRUE], of_arms[against]))
        for key, of_arms in by_key.items()
        for arm in ARMS
    ]


def _figures(found: dict[int, Result], true: dict[int, Result], other: dict[int, Result]) -> tuple:
    gains, of_true, of_other = ([one[seed].gain for seed in found] for one in (found, true, other))
    low, high = interval(gains)
    above = interval(np.subtract(gains, of_other))
    mean = {name: float(np.nanmean([getattr(one, name) for one in found.values()])) for name in ("rows", "seconds")}
    rights = [one.right for one in found.values() if one.rows]
    return (
        float(np.mean(gains)),
        f"{low:+.3f} to {high:+.3f}",
        f"{np.mean(gains) / np.mean(of_true):.0%}",
        f"{above[0]:+.3f} to {above[1]:+.3f}",
        round(mean["rows"]),
        float(np.mean(rights)) if rights else float("nan"),
        round(float(np.mean([one.reviews for one in found.values()]))),
        round(mean["seconds"], 2),
    )


def interval(values) -> tuple[float, float]:
    """Student's 95 % interval of the mean of paired differences."""
    values = np.asarray(values, float)
    if len(values) < 2:
        return float("nan"), float("nan")
    half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)
    return float(values.mean()) - half, float(values.mean()) + half
