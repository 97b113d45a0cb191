"""Selects training examples: four strategies over the same candidates share one limit."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from curation.choices import Strategy
from curation.strategies.budget import Basket, even_shares
from curation.strategies.diverse import diverse
from curation.strategies.hard_example import hard_examples
from curation.strategies.high_quality import high_quality
from curation.strategies.picks import Candidate, Pick, Rules
from curation.strategies.user_edit import edits


def select(
    candidates: Sequence[Candidate],
    *,
    strategies: Iterable[Strategy],
    limit: int,
    rules: Rules,
    embed: Callable[[list[str]], np.ndarray],
    rng: np.random.Generator,
) -> list[Pick]:
    """Return the picks of several strategies within one limit.

    Parameters
    ----------
    candidates : sequence of Candidate
        Events with their live signals. The same candidates in the same order and the same seed give the same picks.
    strategies : iterable of Strategy
        User edits come first. The others share the remaining slots evenly; slots that one cannot fill go to the next.
    limit : int
        How many picks at most.
    rules : Rules
        Quality bounds, and how many candidates may be embedded.
    embed : callable
        Texts to rows of Euclidean length 1, shape (n, d); called only when DIVERSE has slots to fill.
    rng : numpy.random.Generator
        Source of randomness for DIVERSE.

    Returns
    -------
    list of Pick
        In selection order, without duplicate events or contents.

    Raises
    ------
    NoEmbeddings
        If `embed` returns no vector at all. Exceptions of `embed` propagate.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> candidates = [Candidate("a", "1 + 1?", "3", at, quality=0.2), Candidate("b", "Hello", "Hi", at, quality=0.9)]
    >>> picks = select(
    ...     candidates,
    ...     strategies=[Strategy.HARD_EXAMPLE],
    ...     limit=5,
    ...     rules=Rules(),
    ...     embed=lambda texts: np.zeros((len(texts), 2)),
    ...     rng=np.random.default_rng(1),
    ... )
    >>> [(pick.candidate.event_id, pick.reason) for pick in picks]
    [('a', 'Quality 0.20.')]
    """
    basket = Basket()
    if Strategy.USER_EDIT in strategies:
        basket.take(iter(edits(candidates)), limit)
    rankings = {
        Strategy.HIGH_QUALITY: iter(high_quality(candidates, rules)),
        Strategy.HARD_EXAMPLE: iter(hard_examples(candidates, rules)),
        Strategy.DIVERSE: iter(()),
    }
    order = [strategy for strategy in rankings if strategy in strategies]
    unused = 0
    for strategy, share in zip(order, even_shares(limit - len(basket.picks), len(order)), strict=True):
        wanted = share + unused
        if strategy == Strategy.DIVERSE and wanted:
            rankings[strategy] = iter(diverse(candidates, basket, wanted, rules, embed, rng))
        unused = wanted - basket.take(rankings[strategy], wanted)
    for strategy in order:
        unused -= basket.take(rankings[strategy], unused)
    return basket.picks
