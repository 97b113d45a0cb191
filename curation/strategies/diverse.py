"""Good answers to prompts that are far from each other."""

import math
from collections.abc import Callable, Iterable

import numpy as np

from curation.choices import Strategy
from curation.strategies.budget import Basket
from curation.strategies.farthest_first import farthest_first, without_outliers
from curation.strategies.picks import Candidate, Pick, Rules, is_good
from feedback.choices import SignalType

NEAR_DUPLICATE_SIMILARITY = 0.95


class NoEmbeddings(Exception):
    """The embedding client gave nothing to compare prompts by."""

    def __init__(self) -> None:
        super().__init__("The embedding client gave no vectors, which the strategy diverse needs.")


def diverse(
    candidates: Iterable[Candidate],
    basket: Basket,
    count: int,
    rules: Rules,
    embed: Callable[[list[str]], np.ndarray],
    rng: np.random.Generator,
) -> list[Pick]:
    """The prompts farthest from everything already taken, among good answers only."""
    floor = math.nextafter(rules.max_hard_quality, 1)
    pool = [c for c in candidates if is_good(c, floor) and not c.count(SignalType.REGENERATE) and not basket.holds(c)]
    if len(pool) > rules.diverse_pool:
        pool = [pool[index] for index in np.sort(rng.permutation(len(pool))[: rules.diverse_pool])]
    if not pool:
        return []
    kept = [pick.candidate for pick in basket.picks if pick.strategy != Strategy.HARD_EXAMPLE]
    vectors = embed([c.prompt for c in [*pool, *kept]])
    embedded = np.flatnonzero(vectors.any(axis=1))
    if not len(embedded):
        raise NoEmbeddings
    usable = embedded[embedded < len(pool)]
    usable = usable[without_outliers(vectors[usable])]
    chosen = farthest_first(
        vectors[usable],
        taken=vectors[len(pool) :],
        count=count,
        max_similarity=NEAR_DUPLICATE_SIMILARITY,
        rng=rng,
    )
    return [
        Pick(
            candidate := pool[usable[index]],
            Strategy.DIVERSE,
            distance,
            f"Quality {candidate.quality:.2f}; its prompt is {distance:.2f} away from the nearest one taken before it.",
        )
        for index, distance in chosen
    ]
