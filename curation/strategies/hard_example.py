"""Answers that users or checks found bad."""

from collections.abc import Iterable

from curation.choices import Strategy
from curation.strategies.picks import Candidate, Pick, Rules, ranked, weight_of
from curation.strategies.reasons import described
from feedback.choices import SignalType

COMPLAINT: dict[str, float] = {SignalType.THUMBS_DOWN: 2.0, SignalType.REGENERATE: 1.5, SignalType.REPORT: 2.5}


def hard_examples(candidates: Iterable[Candidate], rules: Rules) -> list[Pick]:
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
