"""Measures how soon a fall of approval is found, and how often one is reported without a change.

`python -m benchmarks.quality_drop`. The votes are drawn from fixed seeds and given to the kernel of the trigger.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from benchmarks.labelled_data import print_table
from drift.measures import approval_falls
from drift.measures.approval_falls import LARGEST_NEW, MOST_BEFORE, SIZES, Votes
from drift.measures.approval_thresholds import suggested_threshold
from feedback.statistics import user_falls, user_shares
from feedback.statistics.intervals import wilson

RUNS, RUNS_UNCHANGED = 200, 400
CHECKS = 200
# Users vote once each; or they are a fifth of the events, some far more active, each with a taste of their own.
ONCE, SEVERAL = "once", "several times"
# How alike the users are: their own shares of good answers are Beta with this many events.
_ALIKE = 4.0


@dataclass(frozen=True)
class Stream:
    """The voted events of a deployment, the oldest first: who voted, whether it was up, and the index of the event."""

    users: np.ndarray
    ups: np.ndarray
    indices: np.ndarray


def draw(rng: np.random.Generator, good: np.ndarray, *, voting: tuple[float, float], users: str = SEVERAL) -> Stream:
    """good: shape (n,), the share of good answers at each event. voting: the shares of good and of bad ones that get
    a vote.
    """
    n = len(good)
    who, chance = np.arange(n), good
    if users == SEVERAL:
        activity = rng.lognormal(0.0, 1.0, n // 5)
        who = rng.choice(n // 5, size=n, p=activity / activity.sum())
        taste, (levels, level) = rng.random(n // 5), np.unique(good, return_inverse=True)
        own = np.stack([betaincinv(_ALIKE * share, _ALIKE * (1 - share), taste) for share in levels])
        chance = own[level, who]
    is_good = rng.random(n) < chance
    voted = np.flatnonzero(rng.random(n) < np.where(is_good, voting[0], voting[1]))
    return Stream(who[voted], is_good[voted].astype(float), voted)


def first_firing(stream: Stream, *, every: int, most_checks: int | None = None) -> int | None:
    """How many voted events there were when the trigger first fired; None if it never did.

    It is checked after each `every` votes.
    """
    evaluation = 0
    for voted in list(range(every, len(stream.users) + 1, every))[:most_checks]:
        compared = approval_falls.comparisons(_newest(stream, voted), is_new=voted < LARGEST_NEW)
        if not compared:
            continue
        evaluation += 1
        if any(found.is_met for found in approval_falls.judge(compared, evaluation=evaluation)):
            return voted
    return None


def _newest(stream: Stream, voted: int, most: int = SIZES[-1] + MOST_BEFORE) -> Votes:
    newest = slice(max(0, voted - most), voted)
    ups = stream.ups[newest][::-1]
    users, size = user_shares.numbered(stream.users[newest][::-1], anonymous=-1)
    return Votes(np.arange(len(ups)), users, ups, 1 - ups, np.zeros(len(ups)), size)


def new_and_bad(rng: np.random.Generator, users: str, every: int) -> float:
    """Events until it fires in a new deployment where all vote, 90 % of them down; infinity for never."""
    stream = draw(rng, np.full(600, 0.1), voting=(1.0, 1.0), users=users)
    return _after(stream, first_firing(stream, every=every), change=0)


def turns_bad(rng: np.random.Generator, users: str, every: int) -> float:
    """Votes after 5,000 events with 90 % up, from when on 90 % are down, until it fires; negative for too early."""
    stream = draw(rng, np.repeat([0.9, 0.1], [5_000, 2_000]), voting=(0.2, 0.2), users=users)
    return _after(stream, first_firing(stream, every=every), change=5_000)


def _after(stream: Stream, fired: int | None, *, change: int) -> float:
    return np.inf if fired is None else float(fired - np.searchsorted(stream.indices, change))


def stays(rng: np.random.Generator, users: str, every: int) -> float:
    """Votes until it fires although 75 % are satisfied throughout, the others voting three times as often."""
    n = int(CHECKS * every / 0.15 * 1.2)
    stream = draw(rng, np.full(n, 0.75), voting=(0.1, 0.3), users=users)
    fired = first_firing(stream, every=every, most_checks=CHECKS)
    return np.inf if fired is None else float(fired)


def falls_below_suggestion(rng: np.random.Generator, users: str, history: int, fall: float) -> float:
    """Votes until approval is surely below the threshold suggested by this many votes, 85 % of them up; from then on
    this many fewer are. Infinity for never in CHECKS checks of 25 votes.
    """
    after = CHECKS * 25
    good = np.repeat([0.85, 0.85 - fall], [round(history / 0.2), round(1.1 * after / 0.2)])
    stream = draw(rng, good, voting=(0.2, 0.2), users=users)
    change = int(np.searchsorted(stream.indices, round(history / 0.2)))
    ((low, _),) = user_shares.intervals([_newest(stream, change, change).share(0, change)])
    threshold = suggested_threshold(low)
    for voted in range(25, after + 1, 25):
        share = _newest(stream, change + voted, SIZES[-1]).share(0, SIZES[-1])
        if user_falls.upper_bound(share) < threshold:
            return float(voted)
    return np.inf


Scenario = Callable[[np.random.Generator, str, int], float]
CHANGED: Sequence[tuple[str, Scenario, int]] = (
    ("new, 90 % down, all vote", new_and_bad, 300),
    ("90 % up, then 90 % down, 20 % vote", turns_bad, 150),
)


def main() -> None:
    header = ("change", "users vote", "votes a check", "runs", "bound", "within", "95 % interval", "median", "90 %")
    print_table("quality_drop: votes from a change until it fires", header, list(changed_lines()))
    header = ("users vote", "votes a check", "checks", "runs", "ever fired", "95 % interval")
    print_table("quality_drop: 75 % satisfied, no change", header, list(unchanged_lines()))
    header = ("users vote", "votes before", "fall", "runs", "ever fired", "95 % interval", "median", "90 %")
    print_table("quality_drop: votes until approval is below the suggestion", header, list(suggested_lines()))


def changed_lines(runs: int = RUNS, every: Iterable[int] = (10, 25), seed: int = 1) -> Iterable[tuple]:
    for name, scenario, bound in CHANGED:
        for users in (ONCE, SEVERAL):
            for votes in every:
                rng = np.random.default_rng([seed, bound, votes])
                found = np.array([scenario(rng, users, votes) for _ in range(runs)])
                within = int(np.count_nonzero((found > 0) & (found <= bound)))
                # Of the sorted values, not interpolated: some may be infinite.
                middle, most = np.sort(found)[[runs // 2, (9 * runs) // 10]]
                yield name, users, votes, runs, bound, within / runs, _interval(within, runs), middle, most


def unchanged_lines(runs: int = RUNS_UNCHANGED, every: Iterable[int] = (10, 25), seed: int = 2) -> Iterable[tuple]:
    for users in (ONCE, SEVERAL):
        for votes in every:
            rng = np.random.default_rng([seed, votes])
            fired = sum(stays(rng, users, votes) < np.inf for _ in range(runs))
            yield users, votes, CHECKS, runs, fired / runs, _interval(fired, runs)


def suggested_lines(runs: int = RUNS // 2, seed: int = 3) -> Iterable[tuple]:
    for users in (ONCE, SEVERAL):
        for history in (300, 3_000):
            for fall in (0.0, 0.2, 0.5):
                rng = np.random.default_rng([seed, history, round(100 * fall)])
                found = np.sort([falls_below_suggestion(rng, users, history, fall) for _ in range(runs)])
                fired = int(np.count_nonzero(found < np.inf))
                ends = found[[runs // 2, (9 * runs) // 10]]
                yield users, history, fall, runs, fired / runs, _interval(fired, runs), *ends


def _interval(count: int, runs: int) -> str:
    low, high = wilson(count, runs)
    return f"{low:.4f} to {high:.4f}"


if __name__ == "__main__":
    main()
