from curation.models.sets import CuratedExample, CuratedSet, ReviewDecision

__all__ = ["CuratedSet", "CuratedExample", "ReviewDecision"]
