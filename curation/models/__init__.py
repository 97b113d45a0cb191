from curation.models.comparing import Comparison
from curation.models.decisions import RowDecision
from curation.models.duplicates import DuplicateLink, KnownExample, KnownRow, RowBand
from curation.models.evaluation_sets import ContaminatedEvent, EvaluationSet, EvaluationTexts
from curation.models.golden import GoldenRow, GoldenSet, GoldenUse
from curation.models.policies import ApprovalPolicy
from curation.models.reasons import DropReason
from curation.models.reviewing import RowReview
from curation.models.rows import CuratedExample, CuratedPair, TracedEvents
from curation.models.sets import ChangedRow, CuratedSet, ReviewDecision

__all__ = [
    "ApprovalPolicy",
    "ChangedRow",
    "Comparison",
    "ContaminatedEvent",
    "CuratedExample",
    "CuratedPair",
    "CuratedSet",
    "DropReason",
    "DuplicateLink",
    "EvaluationSet",
    "EvaluationTexts",
    "GoldenRow",
    "GoldenSet",
    "GoldenUse",
    "KnownExample",
    "KnownRow",
    "ReviewDecision",
    "RowBand",
    "RowDecision",
    "RowReview",
    "TracedEvents",
]
