"""Good answers that users praised."""

from collections.abc import Iterable

from curation.choices import Strategy
from curation.strategies.picks import Candidate, Pick, Rules, is_good, ranked, weight_of
from curation.strategies.reasons import counted
from feedback.choices import SignalType

PRAISE: dict[str, float] = {SignalType.THUMBS_UP: 3.0, SignalType.COPY: 2.0, SignalType.SHARE: 2.0}


def high_quality(candidates: Iterable[Candidate], rules: Rules) -> list[Pick]:
    """Return good answers that users praised, best first.

    Parameters
    ----------
    candidates : iterable of Candidate
        Events with their live signals.
    rules : Rules
        Their `min_quality` is the lowest quality.

    Returns
    -------
    list of Pick
        The score is the quality plus the weights of the praise.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> (pick,) = high_quality([Candidate("a", "Hello", "Hi", at, quality=0.9, signals={"copy": 1})], Rules())
    >>> pick.score, pick.reason
    (2.9, 'Quality 0.90 with 1 copy.')
    """
    return ranked(
        Pick(
            c,
            Strategy.HIGH_QUALITY,
            c.quality + weight_of(c, PRAISE),
            f"Quality {c.quality:.2f} with {counted(c.signals, PRAISE)}.",
        )
        for c in candidates
        if c.quality is not None and is_good(c, rules.min_quality) and any(c.count(kind) for kind in PRAISE)
    )
