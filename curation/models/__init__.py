from curation.models.duplicates import DuplicateLink, KnownExample, KnownRow, RowBand
from curation.models.sets import CuratedExample, CuratedSet, ReviewDecision

__all__ = [
    "CuratedSet",
    "CuratedExample",
    "DuplicateLink",
    "KnownExample",
    "KnownRow",
    "ReviewDecision",
    "RowBand",
]
