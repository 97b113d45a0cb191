"""Answers that users or checks found bad."""

from collections.abc import Iterable

from curation.choices import Strategy
from curation.strategies.picks import Candidate, Pick, Rules, ranked, weight_of
from curation.strategies.reasons import described
from feedback.choices import SignalType

COMPLAINT: dict[str, float] = {SignalType.THUMBS_DOWN: 2.0, SignalType.REGENERATE: 1.5, SignalType.REPORT: 2.5}


def hard_examples(candidates: Iterable[Candidate], rules: Rules) -> list[Pick]:
    """Return answers that users or checks found bad, worst first.

    Parameters
    ----------
    candidates : iterable of Candidate
        Events with their live signals.
    rules : Rules
        Their `max_hard_quality` is the highest quality that is bad without a complaint.

    Returns
    -------
    list of Pick
        The score is 1 - quality plus the weights of the complaints.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> (pick,) = hard_examples([Candidate("a", "Hello", "Hi", at, quality=0.25, signals={"report": 1})], Rules())
    >>> pick.score, pick.reason
    (3.25, 'Quality 0.25 with 1 report.')
    """
    return ranked(
        Pick(
            c,
            Strategy.HARD_EXAMPLE,
            (0.0 if c.quality is None else 1 - c.quality) + weight_of(c, COMPLAINT),
            described(c.quality, c.signals, COMPLAINT),
        )
        for c in candidates
        if (c.quality is not None and c.quality <= rules.max_hard_quality) or any(c.count(kind) for kind in COMPLAINT)
    )
