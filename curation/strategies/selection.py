"""What is worth learning from: four strategies over the same candidates, and how they share one limit."""

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
    """Return at most `limit` picks; the same candidates in the same order and the same seed give the same picks.

    User edits come first. The other strategies share the slots left evenly; what one of them cannot fill is passed on.
    embed: texts to rows of length 1, shape (n, d). It is called only when `diverse` has slots to fill.
    Raises NoEmbeddings, and whatever `embed` raises.
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
