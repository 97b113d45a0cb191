"""Measures shares of good answers where unhappy users vote three times as often: `python -m benchmarks.audits`.

Events, votes and audits are drawn. Estimates: the share of votes; votes weighed by the propensity of a vote, which
the audits tell; the plain mean of the audits; and `audited_share`.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.labelled_data import print_table
from feedback.evidence.audited_share import audited_share

SATISFIED, DRAWS = 0.839, 200
VOTES_IF_HAPPY, VOTES_IF_NOT = 0.08, 0.24
NONE, UP, DOWN = 0, 1, 2
ALL_ANSWERED, COMPLAINTS_FIRST = (1.0, 1.0, 1.0), (0.25, 0.5, 0.75)
ESTIMATES = ("votes", "weighed votes", "mean of audits", "audits")


@dataclass(frozen=True)
class Setting:
    """answered: the share of audits that are answered, by what users say; wrong: the share of votes that are wrong."""

    events: int
    rate: float
    answered: tuple[float, float, float]
    wrong: float


SETTINGS = [
    Setting(events, rate, answered, wrong)
    for events, rate in ((20_000, 0.02), (4_000, 0.02), (20_000, 0.002))
    for answered in (ALL_ANSWERED, COMPLAINTS_FIRST)
    for wrong in (0.0, 0.2)
    if rate == 0.02 or answered == ALL_ANSWERED
]


def main() -> None:
    print_table(
        f"Estimates of {SATISFIED}, over {DRAWS} draws: mean, and root mean square error",
        ("events", "audited", "answered", "wrong votes", "answers", *ESTIMATES, "intervals that hold it"),
        [line(setting) for setting in SETTINGS],
    )


def line(setting: Setting) -> tuple:
    rng = np.random.default_rng(1)
    found = [one for one in (draw(setting, rng) for _ in range(DRAWS)) if one is not None]
    errors = np.array([one[:4] for one in found])
    figures = [f"{SATISFIED + np.nanmean(column):.3f}, {np.sqrt(np.nanmean(column**2)):.3f}" for column in errors.T]
    answered = "all" if setting.answered == ALL_ANSWERED else "complaints first"
    covered, answers = (float(np.mean([one[place] for one in found])) for place in (4, 5))
    return setting.events, setting.rate, answered, setting.wrong, round(answers), *figures, f"{covered:.3f}"


def draw(setting: Setting, rng: np.random.Generator) -> tuple[float, ...] | None:
    """The errors of the estimates in the order of ESTIMATES, whether the interval holds the truth, and the answers."""
    n = setting.events
    good = rng.random(n) < SATISFIED
    likes = good ^ (rng.random(n) < setting.wrong)
    voted = rng.random(n) < np.where(likes, VOTES_IF_HAPPY, VOTES_IF_NOT)
    said = np.where(voted, np.where(likes, UP, DOWN), NONE)
    chosen = rng.random(n) < setting.rate
    answered = chosen & (rng.random(n) < np.take(setting.answered, said))
    gold = np.where(answered, good, np.nan)[chosen]
    share = audited_share(gold, np.full(len(gold), setting.rate), [(int(state),) for state in said[chosen]])
    if share is None:
        return None
    truth = good.mean()
    ups, downs = np.count_nonzero(said == UP), np.count_nonzero(said == DOWN)
    estimates = (ups / (ups + downs), _weighed(ups, downs, good, voted, answered), float(np.nanmean(gold)), share.mean)
    return *(one - truth for one in estimates), share.low <= truth <= share.high, np.count_nonzero(answered)


def _weighed(ups: int, downs: int, good: np.ndarray, voted: np.ndarray, answered: np.ndarray) -> float:
    """Votes up as if from users of good answers, votes down as if from those of bad ones; NaN without such a vote."""
    propensities = [
        float(np.mean(voted[answered & which])) if np.any(answered & which) else 0.0 for which in (good, ~good)
    ]
    if not all(propensities):
        return float("nan")
    up, down = ups / propensities[0], downs / propensities[1]
    return up / (up + down)


if __name__ == "__main__":
    main()
