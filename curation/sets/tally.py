"""The counts of a stored set, changed by what changed: under a lock of the set as right as counting all of its rows."""

from collections import Counter

from curation.choices import Decision, Strategy
from curation.models import CuratedExample, CuratedPair, CuratedSet

# A column of the set, and the strategy in it.
Tally = Counter[tuple[str, str]]
PAIRS = ("pairs", "")


def of(row: CuratedExample | CuratedPair) -> Tally:
    """What a row adds to the counts of its set."""
    if isinstance(row, CuratedPair):
        return Counter() if row.decision == Decision.DROP else Counter([PAIRS])
    if row.is_accepted:
        return Counter([("counts", row.strategy)])
    return Counter([("queued", row.strategy)]) if row.is_queued else Counter()


def changed(curated_set: CuratedSet, before: Tally, after: Tally) -> dict:
    """The columns of a set, of which the caller holds the lock, once what added `before` adds `after`."""
    difference = Counter(after)
    difference.subtract(before)
    facts = {"pairs": curated_set.pairs + difference[PAIRS]}
    for column in ("counts", "queued"):
        kept = getattr(curated_set, column)
        numbers = {name: kept.get(name, 0) + difference[column, name] for name in Strategy.values}
        facts[column] = {name: number for name, number in numbers.items() if number}
    return facts
