"""What the verdicts of a run say about its judge, as JSON."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from exports.models import PairwiseVerdict
from feedback.judging.agreement.measuring import number, shown
from feedback.statistics.pairwise import BothOrders, PairVerdict, Preference, position_bias, verbosity_bias
from feedback.statistics.weighted_agreement import against, agreement

# Shares and odds of fewer pairs are shown with their intervals and called no bias.
LEAST_PAIRS = 20
_SIGNS = {PairVerdict.A: 1.0, PairVerdict.TIE: 0.0, PairVerdict.B: -1.0}


def both_orders(verdicts: Iterable[PairwiseVerdict]) -> list[BothOrders]:
    """Those that have a preference in both orders."""
    return [
        BothOrders(
            Preference(one.forward),
            Preference(one.backward),
            one.length_a,
            one.length_b,
            PairVerdict(one.people) if one.people else None,
        )
        for one in verdicts
        if one.forward and one.backward
    ]


def figures(verdicts: Iterable[PairwiseVerdict]) -> dict[str, Any]:
    """Verdicts, consistency and biases; an interval is {value, low, high}, with null for what is not known."""
    verdicts = list(verdicts)
    pairs = both_orders(verdicts)
    position, verbosity = position_bias(pairs), verbosity_bias(pairs)
    return {
        "n": len(pairs),
        "missing": len(verdicts) - len(pairs),
        "verdicts": {verdict.value: 0 for verdict in PairVerdict} | dict(Counter(pair.verdict.value for pair in pairs)),
        "inconsistent": shown(position.inconsistent),
        "position": {
            "first": shown(position.first),
            "to_first": position.to_first,
            "to_second": position.to_second,
            "is_biased": position.n >= LEAST_PAIRS and position.is_biased,
        },
        "verbosity": {
            "n": verbosity.n,
            "longer": shown(verbosity.longer),
            "odds_ratio": shown(verbosity.odds_ratio),
            "compared": verbosity.compared,
            "people_longer": shown(verbosity.people_longer),
            "beyond_people": shown(verbosity.beyond_people),
            "partial_odds_ratio": shown(verbosity.partial_odds_ratio),
            "is_biased": verbosity.n >= LEAST_PAIRS and _prefers_length(verbosity),
        },
        "people": _against_people(pairs),
    }


def _prefers_length(verbosity) -> bool:
    """Beyond people where they compared enough of the pairs, else beyond chance."""
    if verbosity.compared >= LEAST_PAIRS:
        return verbosity.beyond_people.low > 0
    return verbosity.longer.low > 0.5


def _against_people(pairs: Iterable[BothOrders]) -> dict[str, Any] | None:
    """Agreement of verdicts with those of people; None without any."""
    common = [pair for pair in pairs if pair.people]
    if not common:
        return None
    judge = np.array([_SIGNS[pair.verdict] for pair in common])
    people = [[_SIGNS[pair.people]] for pair in common if pair.people]
    # A and B are only names: with the chosen answer always as A, people would have one value alone.
    renamed = [[-value for value in one] for one in people]
    units = against(judge, people) + against(-judge, renamed)
    clusters = [*range(len(common))] * 2
    found = agreement(units, step=1.0, rng=np.random.default_rng(1), clusters=clusters)
    return {"n": found.n, "exact": number(found.exact), "kappa": shown(found.kappa)}
