"""Simulated gates: how often a verdict is wrong without a difference, and right with one.

docs/gates.md has what `python -m tests.exports.gates.simulating` prints.
"""

import sys

import numpy as np

from exports.choices import GateMetric, GateVerdict
from exports.gates.comparing import PairedScore, compare
from feedback.statistics.paired import paired_difference

WORDS = [f"w{number}" for number in range(400)]
SHARES = 1 / np.arange(1, len(WORDS) + 1)
UP_TO = SHARES.cumsum() / SHARES.sum()


def binary(rng, n, *, gain=0.0, tied=0.5, repeats=1):
    """Differences of exact matches: `tied` of the prompts get the same answer of both models."""
    clusters = np.repeat(np.arange(n // repeats), repeats)
    hard = np.repeat(rng.beta(2, 1, n // repeats), repeats)
    current = rng.random(len(clusters)) < hard
    candidate = np.where(rng.random(len(clusters)) < tied, current, rng.random(len(clusters)) < hard + gain)
    return candidate.astype(float) - current, clusters


def skewed(rng, n, *, gain=0.0, repeats=1):
    """Differences of similarities with a long tail on either side, alike within a prompt."""
    clusters = np.repeat(np.arange(n // repeats), repeats)
    shared = np.repeat(rng.normal(0, 0.1, n // repeats), repeats)
    tails = (rng.beta(0.5, 3, len(clusters)) - rng.beta(0.5, 3, len(clusters))) / 2
    return np.clip(shared + tails + gain, -1, 1), clusters


def interval_rates(draw, n, *, runs, rng, **facts):
    """The shares of intervals above and below 0."""
    found = [paired_difference(*draw(rng, n, **facts)) for _ in range(runs)]
    return sum(one.low > 0 for one in found) / runs, sum(one.high < 0 for one in found) / runs


def texts(rng, n, *, gain=0.0, tied=0.0):
    """Rows whose answers keep a share of the words of the reference, which differs by prompt."""
    rows = []
    for number in range(n):
        reference = _drawn(rng, rng.integers(8, 40))
        keep = rng.beta(4, 4)
        current = _copied(rng, reference, keep)
        candidate = current if rng.random() < tied else _copied(rng, reference, min(1.0, keep + gain))
        rows.append(PairedScore(str(number), f"q{number}", " ".join(reference), " ".join(candidate), " ".join(current)))
    return rows


def text_rates(n, *, runs, rng, **facts):
    """The shares of gates whose verdict is better and worse."""
    found = [compare(texts(rng, n, **facts), GateMetric.SIMILARITY).verdict for _ in range(runs)]
    return found.count(GateVerdict.BETTER) / runs, found.count(GateVerdict.WORSE) / runs


def _drawn(rng, count):
    return [WORDS[index] for index in np.searchsorted(UP_TO, rng.random(count))]


def _copied(rng, reference, keep):
    kept = rng.random(len(reference)) < keep
    return [
        word if is_kept else other for word, is_kept, other in zip(reference, kept, _drawn(rng, len(kept)), strict=True)
    ]


def main(runs):
    rng = np.random.default_rng(20_261_130)
    for n in (50, 100, 400):
        for name, draw, facts in (
            ("exact match, half tied", binary, {}),
            ("exact match, 95 % tied", binary, {"tied": 0.95}),
            ("exact match, prompts twice", binary, {"repeats": 2}),
            ("similarity, long tails", skewed, {}),
            ("similarity, prompts 5 times", skewed, {"repeats": 5}),
        ):
            for gain in (0.0, 0.1):
                better, worse = interval_rates(draw, n, runs=runs, rng=rng, gain=gain, **facts)
                sys.stdout.write(f"n={n} {name}, gain {gain}: better {better:.3f}, worse {worse:.3f}\n")
    for n in (50, 100, 200):
        for facts in ({}, {"tied": 0.9}, {"gain": 0.05}, {"gain": 0.1}):
            better, worse = text_rates(n, runs=max(1, runs // 20), rng=rng, **facts)
            sys.stdout.write(f"n={n} texts {facts}: better {better:.3f}, worse {worse:.3f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
