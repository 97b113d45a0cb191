"""Good answers that users praised."""

from curation.choices import Strategy
from curation.strategies.picks import Pick, Rules, is_good, ranked, weight_of
from curation.strategies.reasons import counted
from feedback.choices import SignalType

PRAISE = {SignalType.THUMBS_UP: 3.0, SignalType.COPY: 2.0, SignalType.SHARE: 2.0}


def high_quality(candidates, rules: Rules) -> list[Pick]:
    praised = (c for c in candidates if is_good(c, rules.min_quality) and any(c.count(kind) for kind in PRAISE))
    return ranked(
        Pick(
            c,
            Strategy.HIGH_QUALITY,
            c.quality + weight_of(c, PRAISE),
            f"Quality {c.quality:.2f} with {counted(c.signals, PRAISE)}.",
        )
        for c in praised
    )
