"""Measures false positives, coverage and time of comparisons: `python -m benchmarks.bench_calibration`.

Every figure comes from a fixed seed. Users have 1 to 50 events and an intraclass correlation of 0.2.
"""

import time
from collections.abc import Callable, Iterable

import numpy as np

from benchmarks.labelled_data import print_table
from drift.bench.comparison import compare_arms
from drift.bench.pairs import compare_pair
from drift.bench.results import StatisticalTest
from drift.bench.samples import Sample

RUNS, CORRELATION, MOST_EVENTS = 1_000, 0.2, 50
ROWS = 1_000_000
Values = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def normal(rng: np.random.Generator, users: np.ndarray) -> np.ndarray:
    """Values with mean 0 and variance 1, alike within a user as CORRELATION says."""
    level = rng.normal(0, CORRELATION**0.5, int(users.max()) + 1)
    return level[users] + rng.normal(0, (1 - CORRELATION) ** 0.5, len(users))


def yes_no(share: float) -> Values:
    def draw(rng: np.random.Generator, users: np.ndarray) -> np.ndarray:
        # The beta distribution whose draws correlate by CORRELATION.
        strength = 1 / CORRELATION - 1
        rates = rng.beta(share * strength, (1 - share) * strength, int(users.max()) + 1)
        return (rng.random(len(users)) < rates[users]).astype(float)

    return draw


def lognormal(rng: np.random.Generator, users: np.ndarray) -> np.ndarray:
    return np.exp(0.8 * normal(rng, users))


VALUES: dict[str, Values] = {
    "normal number": normal,
    "lognormal number": lognormal,
    "yes/no, 50 %": yes_no(0.5),
    "yes/no, 10 %": yes_no(0.1),
}


def main() -> None:
    header = ("values", "a side", "comparisons", "usual test", "p < 0.05", "interval holds 0")
    print_table("No difference, independent events: share of comparisons", header, list(independent_lines()))
    header = ("values", "users a side", "comparisons", "p < 0.05", "interval holds 0", "p < 0.05 if users are ignored")
    print_table("No difference, users with 1 to 50 events: share of comparisons", header, list(clustered_lines()))
    header = ("values", "arms", "users or events an arm", "comparisons", "p < 0.05")
    print_table("No difference, several arms: share of comparisons", header, list(arms_lines()))
    header = ("values", "users", "test", "processor seconds")
    print_table(f"{ROWS:,} events a side", header, list(time_lines()))


def independent_lines(runs: int = RUNS, sizes: Iterable[int] = (10, 50, 500), seed: int = 1) -> Iterable[tuple]:
    for name, draw in VALUES.items():
        for size in sizes:
            rng = np.random.default_rng([seed, size])
            pairs = [_pair(rng, draw, np.arange(size), np.arange(size), known=False) for _ in range(runs)]
            yield name, size, runs, _usual(pairs), _false(pairs), _coverage(pairs)


def clustered_lines(runs: int = RUNS, sizes: Iterable[int] = (20, 50, 200), seed: int = 2) -> Iterable[tuple]:
    for name, draw in VALUES.items():
        for size in sizes:
            rng = np.random.default_rng([seed, size])
            pairs, ignored = [], []
            for _ in range(runs):
                before, after = (np.repeat(np.arange(size), rng.integers(1, MOST_EVENTS + 1, size)) for _ in range(2))
                samples = [Sample(draw(rng, users), users + i * size) for i, users in enumerate((before, after))]
                pairs.append(compare_pair(*samples, rng=rng))
                ignored.append(compare_pair(*(Sample(one.values) for one in samples), rng=rng))
            yield name, size, runs, _false(pairs), _coverage(pairs), _false(ignored)


def arms_lines(runs: int = RUNS, arms: int = 4, size: int = 50, seed: int = 3) -> Iterable[tuple]:
    for name, draw in VALUES.items():
        for known in (False, True):
            rng = np.random.default_rng([seed, size])
            rejected = 0
            for _ in range(runs):
                samples = []
                for arm in range(arms):
                    users = np.repeat(np.arange(size), rng.integers(1, MOST_EVENTS + 1, size) if known else 1)
                    samples.append(Sample(draw(rng, users), users + arm * size if known else None))
                found = compare_arms(samples).result
                rejected += found is not None and found.p_value <= 0.05
            yield f"{name}{', users' if known else ''}", arms, size, runs, rejected / runs


def time_lines(rows: int = ROWS, seed: int = 4) -> Iterable[tuple]:
    rng = np.random.default_rng(seed)
    of_users = rng.integers(0, rows // 10, 2 * rows)
    drawn = {
        "lognormal number": rng.lognormal(6, 0.7, 2 * rows),
        "score of 3 digits": np.round(rng.beta(8, 2, 2 * rows), 3),
        "yes/no": (rng.random(2 * rows) < 0.3).astype(float),
    }
    for name, values in drawn.items():
        for known in (False, True):
            for asked in (None, StatisticalTest.MANN_WHITNEY, StatisticalTest.BOOTSTRAP):
                users = (of_users[:rows], of_users[rows:]) if known else (None, None)
                samples = [Sample(part, of) for part, of in zip(np.split(values, 2), users, strict=True)]
                begun = time.process_time()
                found = compare_pair(*samples, rng=np.random.default_rng(seed), asked=asked)
                yield name, known, found.result.test.value, time.process_time() - begun


def _pair(rng, draw, before, after, *, known):
    samples = [Sample(draw(rng, users), users if known else None) for users in (before, after)]
    return compare_pair(*samples, rng=rng)


def _usual(pairs) -> str:
    tests = [pair.result.test.value for pair in pairs if pair.result]
    return max(set(tests), key=tests.count) if tests else "-"


def _false(pairs) -> float:
    return sum(pair.p_value is not None and pair.p_value <= 0.05 for pair in pairs) / len(pairs)


def _coverage(pairs) -> float:
    held = [pair.difference.low <= 0 <= pair.difference.high for pair in pairs if pair.difference]
    return sum(held) / len(held)


if __name__ == "__main__":
    main()
