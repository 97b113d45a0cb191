"""What is worth learning from: four strategies over the same candidates, and how they share one limit."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from curation.choices import Strategy
from curation.strategies.diverse import farthest_first, without_outliers
from curation.strategies.reasons import counted, described
from feedback.choices import SignalType

EDIT_SCORE = 10.0
PRAISE = {SignalType.THUMBS_UP: 3.0, SignalType.COPY: 2.0, SignalType.SHARE: 2.0}
COMPLAINT = {SignalType.THUMBS_DOWN: 2.0, SignalType.REGENERATE: 1.5, SignalType.REPORT: 2.5}
CONTRADICTION = {SignalType.THUMBS_DOWN, SignalType.REPORT}
NEAR_DUPLICATE_SIMILARITY = 0.95


@dataclass(frozen=True)
class Candidate:
    """An event with its live signals. `edited_response` is empty unless a user, `editor_hash`, changed the answer."""

    event_id: str
    prompt: str
    response: str
    occurred_at: datetime
    user_hash: str = ""
    quality: float | None = None
    signals: Mapping[str, int] = field(default_factory=dict)
    edited_response: str = ""
    edited_at: datetime | None = None
    editor_hash: str = ""
    messages: str | None = None
    model_version_id: str = ""

    @property
    def content(self) -> tuple[str, str]:
        """Equal for candidates that say exactly the same."""
        return self.messages or self.prompt, self.response

    def count(self, signal_type: str) -> int:
        return self.signals.get(signal_type, 0)


@dataclass(frozen=True)
class Pick:
    candidate: Candidate
    strategy: Strategy
    score: float
    reason: str


@dataclass(frozen=True)
class Rules:
    """Quality bounds, both inclusive, and how many candidates may be embedded."""

    min_quality: float = 0.8
    max_hard_quality: float = 0.5
    diverse_pool: int = 5_000


class NoEmbeddings(Exception):
    """The embedding client gave nothing to compare prompts by."""

    def __init__(self):
        super().__init__("The embedding client gave no vectors, which the strategy diverse needs.")


class _Basket:
    """Picks in the order taken: no event twice, no content twice."""

    def __init__(self):
        self.picks: list[Pick] = []
        self._seen = set()

    def take(self, ranking: Iterator[Pick], count: int) -> int:
        """Take up to `count` picks from the front of a ranking; return how many."""
        before = len(self.picks)
        while len(self.picks) - before < count and (pick := next(ranking, None)) is not None:
            if not self.holds(pick.candidate):
                self._seen |= {pick.candidate.event_id, pick.candidate.content}
                self.picks.append(pick)
        return len(self.picks) - before

    def holds(self, candidate: Candidate) -> bool:
        return candidate.event_id in self._seen or candidate.content in self._seen


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
    basket = _Basket()
    if Strategy.USER_EDIT in strategies:
        basket.take(iter(_edits(candidates)), limit)
    rankings = {
        Strategy.HIGH_QUALITY: iter(_high_quality(candidates, rules)),
        Strategy.HARD_EXAMPLE: iter(_hard_examples(candidates, rules)),
        Strategy.DIVERSE: iter(()),
    }
    order = [strategy for strategy in rankings if strategy in strategies]
    unused = 0
    for strategy, share in zip(order, _even_shares(limit - len(basket.picks), len(order)), strict=True):
        wanted = share + unused
        if strategy == Strategy.DIVERSE and wanted:
            rankings[strategy] = iter(_diverse(candidates, basket, wanted, rules, embed, rng))
        unused = wanted - basket.take(rankings[strategy], wanted)
    for strategy in order:
        unused -= basket.take(rankings[strategy], unused)
    return basket.picks


def _even_shares(total: int, parts: int) -> list[int]:
    return [total // parts + (index < total % parts) for index in range(parts)]


def _edits(candidates) -> list[Pick]:
    edited = sorted((c for c in candidates if c.edited_response), key=lambda c: (-c.edited_at.timestamp(), c.event_id))
    return [
        Pick(c, Strategy.USER_EDIT, EDIT_SCORE, f"A user rewrote the answer on {c.edited_at:%Y-%m-%d}.") for c in edited
    ]


def _high_quality(candidates, rules: Rules) -> list[Pick]:
    praised = (c for c in candidates if _is_good(c, rules.min_quality) and any(c.count(kind) for kind in PRAISE))
    return _ranked(
        Pick(
            c,
            Strategy.HIGH_QUALITY,
            c.quality + _weight(c, PRAISE),
            f"Quality {c.quality:.2f} with {counted(c.signals, PRAISE)}.",
        )
        for c in praised
    )


def _hard_examples(candidates, rules: Rules) -> list[Pick]:
    return _ranked(
        Pick(
            c,
            Strategy.HARD_EXAMPLE,
            (0.0 if c.quality is None else 1 - c.quality) + _weight(c, COMPLAINT),
            described(c.quality, c.signals, COMPLAINT),
        )
        for c in candidates
        if (c.quality is not None and c.quality <= rules.max_hard_quality) or any(c.count(kind) for kind in COMPLAINT)
    )


def _diverse(candidates, basket: _Basket, count: int, rules: Rules, embed, rng) -> list[Pick]:
    """The prompts farthest from everything already taken, among good answers only."""
    floor = math.nextafter(rules.max_hard_quality, 1)
    pool = [c for c in candidates if _is_good(c, floor) and not c.count(SignalType.REGENERATE) and not basket.holds(c)]
    if len(pool) > rules.diverse_pool:
        pool = [pool[index] for index in np.sort(rng.permutation(len(pool))[: rules.diverse_pool])]
    if not pool:
        return []
    kept = [pick.candidate for pick in basket.picks if pick.strategy != Strategy.HARD_EXAMPLE]
    vectors = embed([c.prompt for c in [*pool, *kept]])
    has_vector = vectors.any(axis=1)
    if not has_vector.any():
        raise NoEmbeddings
    usable = np.flatnonzero(has_vector[: len(pool)])
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


def _is_good(candidate: Candidate, min_quality: float) -> bool:
    """Whether the answer as given may be imitated: an edit says that it was not good enough."""
    return (
        candidate.quality is not None
        and candidate.quality >= min_quality
        and bool(candidate.response.strip())
        and not candidate.edited_response
        and not any(candidate.count(kind) for kind in CONTRADICTION)
    )


def _weight(candidate: Candidate, weights: Mapping[str, float]) -> float:
    return sum(weight * candidate.count(kind) for kind, weight in weights.items())


def _ranked(picks: Iterable[Pick]) -> list[Pick]:
    """Best first; of equals the newest."""
    return sorted(picks, key=lambda p: (-p.score, -p.candidate.occurred_at.timestamp(), p.candidate.event_id))
