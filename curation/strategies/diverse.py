"""Good answers to prompts that differ from each other."""

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
    """The embedding client returned no vectors for comparing prompts."""

    def __init__(self) -> None:
        super().__init__("The embedding client returned no vectors, which the diverse strategy needs.")


def diverse(
    candidates: Iterable[Candidate],
    basket: Basket,
    count: int,
    rules: Rules,
    embed: Callable[[list[str]], np.ndarray],
    rng: np.random.Generator,
) -> list[Pick]:
    """Return good answers whose prompts are farthest from everything selected before.

    Parameters
    ----------
    candidates : iterable of Candidate
        Events with their live signals.
    basket : Basket
        Picks of the other strategies.
    count : int
        How many picks at most.
    rules : Rules
        Answers must be better than their `max_hard_quality`; at most `diverse_pool` candidates are embedded.
    embed : callable
        Texts to rows of Euclidean length 1, shape (n, d); a row of zeros has no vector.
    rng : numpy.random.Generator
        Draws the pool and the first pick.

    Returns
    -------
    list of Pick
        In selection order; the score is the cosine distance to the nearest prompt selected before.

    Raises
    ------
    NoEmbeddings
        If `embed` returns no vector at all.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> pool = [Candidate(name, name, "Hi", datetime(2026, 1, 1, tzinfo=UTC), quality=0.9) for name in ("a", "b")]
    >>> picks = diverse(pool, Basket(), 2, Rules(), lambda texts: np.eye(2), np.random.default_rng(1))
    >>> [pick.score for pick in picks]
    [1.0, 1.0]
    """
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
            f"Quality {candidate.quality:.2f}; prompt distance {distance:.2f} to the nearest one selected before.",
        )
        for index, distance in chosen
    ]
