"""Measures comparisons that are looked at after every event: `python -m benchmarks.bench_anytime`.

Every figure comes from a fixed seed. Both arms receive an event at a time, in turn or of random users.
"""

from collections.abc import Callable, Iterable

import numpy as np

from benchmarks.labelled_data import print_table
from drift.bench import anytime, power

RUNS, EVENTS, AT_ONCE = 10_000, 2_000, 500
CORRELATION = 0.2
Values = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
VALUES: dict[str, tuple[Values, float]] = {
    "normal number": (lambda rng, shape: rng.normal(size=shape), 1.0),
    "lognormal number": (lambda rng, shape: np.exp(0.8 * rng.normal(size=shape)), 1.30),
    "yes/no, 50 %": (lambda rng, shape: (rng.random(shape) < 0.5).astype(float), 0.5),
    "yes/no, 10 %": (lambda rng, shape: (rng.random(shape) < 0.1).astype(float), 0.3),
}
# The true difference, and what the comparison is tuned to, in standard deviations.
DIFFERENCES = ((0.2, 0.2), (0.3, 0.2), (0.2, 0.4), (0.4, 0.2), (0.2, 0.1))


def main() -> None:
    header = ("values", "events a side", "comparisons", "ever significant", "fixed p < 0.05 at any look")
    print_table("No difference, looked at after every event: share of comparisons", header, list(null_lines()))
    header = ("users a side", "events a side", "comparisons", "ever significant", "if users are ignored")
    print_table("The same with users of many events", header, list(clustered_lines()))
    header = ("difference", "tuned to", "comparisons", "found", "median stop", "fixed n", "ratio", "90 % stop by")
    print_table("A difference, in standard deviations: events a side until it is found", header, list(stopping_lines()))


def null_lines(runs: int = RUNS, events: int = EVENTS, seed: int = 1) -> Iterable[tuple]:
    for name, (draw, sd) in VALUES.items():
        rng, ever, naive = np.random.default_rng([seed, events]), 0, 0
        for size in _parts(runs):
            values, errors, freedom = _looks(draw(rng, (size, events)), draw(rng, (size, events)))
            stops = _first(values, errors, freedom, tuned_to=anytime.TYPICAL_DIFFERENCE * sd)
            ever += int((stops > 0).sum())
            with np.errstate(invalid="ignore", divide="ignore"):
                naive += int(((np.abs(values / errors) > 1.96) & (freedom >= anytime.FEWEST_USERS)).any(axis=1).sum())
        yield name, events, runs, ever / runs, naive / runs


def clustered_lines(runs: int = RUNS // 5, events: int = EVENTS, users: int = 80, seed: int = 2) -> Iterable[tuple]:
    """Normal numbers of users who return, with the error of `clustered.mean_difference` (without CR2) at each look."""
    rng, ever, ignored = np.random.default_rng([seed, users]), 0, 0
    for size in _parts(runs):
        arms = [_of_users(rng, size, events, users) for _ in range(2)]
        values = arms[1][0] - arms[0][0]
        errors = np.sqrt(arms[0][1] + arms[1][1])
        freedom = arms[0][2] + arms[1][2]
        ever += int((_first(values, errors, freedom, tuned_to=anytime.TYPICAL_DIFFERENCE) > 0).sum())
        plain = np.sqrt(2 / np.arange(1, events + 1))
        ignored += int((_first(values, plain, freedom, tuned_to=anytime.TYPICAL_DIFFERENCE) > 0).sum())
    yield users, events, runs, ever / runs, ignored / runs


def stopping_lines(runs: int = RUNS // 10, seed: int = 3) -> Iterable[tuple]:
    for difference, tuned_to in DIFFERENCES:
        fixed = power.needed_for_means(difference)
        rng, stops = np.random.default_rng([seed, int(100 * difference)]), []
        for size in _parts(runs):
            shape = (size, int(6 * fixed))
            found = _looks(rng.normal(size=shape), rng.normal(difference, 1, shape))
            stops += np.where((first := _first(*found, tuned_to=tuned_to)) > 0, first, np.inf).tolist()
        median, late = np.quantile(stops, [0.5, 0.9], method="inverted_cdf")
        yield difference, tuned_to, runs, float(np.isfinite(stops).mean()), median, fixed, median / fixed, late


def _parts(runs: int) -> Iterable[int]:
    return (min(AT_ONCE, runs - start) for start in range(0, runs, AT_ONCE))


def _looks(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The difference after each event of both arms, its error, and Welch's degrees of freedom."""
    n = np.arange(1, before.shape[1] + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means, parts = [], []
        for values in (before, after):
            mean = np.cumsum(values, axis=1) / n
            squares = np.cumsum(values * values, axis=1) - n * mean**2
            means.append(mean)
            parts.append(np.maximum(squares, 0) / (n - 1) / n)
        freedom = (parts[0] + parts[1]) ** 2 / (parts[0] ** 2 + parts[1] ** 2) * (n - 1)
    return means[1] - means[0], np.sqrt(parts[0] + parts[1]), freedom


def _of_users(rng, size: int, events: int, users: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean after each event, its variance by users, and how many users of equal weight these are worth, less 1."""
    level = rng.normal(0, CORRELATION**0.5, (size, users))
    # Some users send many times as much as others.
    weights = np.arange(1, users + 1) / (users * (users + 1) / 2)
    sums, counts, rows = np.zeros((size, users)), np.zeros((size, users)), np.arange(size)
    total = np.zeros(size)
    moments = np.zeros((3, size))
    found = np.zeros((3, size, events))
    for n in range(1, events + 1):
        user = rng.choice(users, size, p=weights)
        value = level[rows, user] + rng.normal(0, (1 - CORRELATION) ** 0.5, size)
        before, held = sums[rows, user], counts[rows, user]
        moments += [2 * before * value + value**2, before + value * held + value, 2 * held + 1]
        sums[rows, user] += value
        counts[rows, user] += 1
        total += value
        mean = total / n
        variance = np.maximum(moments[0] - 2 * mean * moments[1] + mean**2 * moments[2], 0) / n**2
        found[:, :, n - 1] = mean, variance, n**2 / moments[2] - 1
    return found[0], found[1], found[2]


def _first(values: np.ndarray, errors: np.ndarray, freedom: np.ndarray, *, tuned_to: float) -> np.ndarray:
    """The first look of each comparison at which 0 is outside of the interval; 0 for none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = anytime.log_ratio(values, errors, tuned_to=tuned_to)
    # The rule of anytime.look, for all looks at once.
    passed = (ratios >= -np.log(anytime.LEVEL)) & (freedom >= anytime.FEWEST_USERS) & (errors > 0)
    return np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, 0)


if __name__ == "__main__":
    main()
