from curation.models.duplicates import DuplicateLink, KnownExample, KnownRow, RowBand
from curation.models.rows import CuratedExample, CuratedPair, TracedEvents
from curation.models.sets import CuratedSet, ReviewDecision

__all__ = [
    "CuratedExample",
    "CuratedPair",
    "CuratedSet",
    "DuplicateLink",
    "KnownExample",
    "KnownRow",
    "ReviewDecision",
    "RowBand",
    "TracedEvents",
]
