"""One outcome within the segments that both arms have."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from drift.bench import findings
from drift.bench.pairs import compare_pair
from drift.bench.samples import Sample
from drift.choices import Correction
from drift.comparisons.results import clean, corrected

# The largest segments with enough values in both arms; the others are counted.
MOST_SEGMENTS, FEWEST_VALUES = 20, 20


def by_segment(samples: Sequence[Sample], names: Sequence[Sequence[str]], key: str, rng: np.random.Generator) -> dict:
    """The first arm against the last within each value of a key.

    names: of each value of both samples, the segment that it belongs to; "" for none.
    """
    shared, too_small = _shared(names)
    pairs, rows = [], []
    for name in shared:
        parts = [_part(sample, of, name) for sample, of in zip(samples, names, strict=True)]
        pair = compare_pair(*parts, rng=rng)
        pairs.append(pair)
        difference = pair.difference
        rows.append(
            {
                "segment": f"{key}={name}",
                "n": [part.n for part in parts],
                "means": [part.mean if part.n else None for part in parts],
                "difference": difference and difference.value,
                "difference_interval": difference and difference.interval,
                "test": pair.result and pair.result.test.value,
                "p_value": pair.p_value,
            }
        )
    adjusted = corrected([pair.p_value for pair in pairs], Correction.BENJAMINI_HOCHBERG)
    for row, pair, p_value in zip(rows, pairs, adjusted, strict=True):
        row |= {"adjusted_p_value": p_value, "finding": findings.finding(pair, p_value).value}
    return {"key": key, "rows": clean(rows), "too_small": too_small}


def _shared(names: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """The largest segments that all arms have, and how many other ones there are."""
    counts = [Counter(one.tolist()) for one in map(np.array, names) if len(one)]
    if len(counts) < len(names):
        return [], 0
    everywhere = set().union(*counts) - {""}
    enough = [name for name in everywhere if min(count[name] for count in counts) >= FEWEST_VALUES]
    largest = sorted(enough, key=lambda name: (-sum(count[name] for count in counts), name))[:MOST_SEGMENTS]
    return largest, len(everywhere) - len(largest)


def _part(sample: Sample, names: Sequence[str], name: str) -> Sample:
    chosen = np.array(names) == name
    users = None if sample.users is None else sample.users[chosen]
    prompts = None if sample.prompts is None else sample.prompts[chosen]
    return Sample(sample.values[chosen], users, prompts)
