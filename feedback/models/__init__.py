from feedback.models.copies import CopyPlace
from feedback.models.deployments import ApiKey, Deployment, MaskingPattern
from feedback.models.evidence import AuditedEvent, Evidence, EvidenceSnapshot, TouchedEvent, UserReliability
from feedback.models.flags import RaisedFlag
from feedback.models.gold import GoldAssessor
from feedback.models.human_scores import HumanScore, SampledForScoring, ScoringSample
from feedback.models.jobs import JobLease
from feedback.models.judge_standings import JudgeStanding
from feedback.models.judging import Judge, JudgeConsent, Judgement, JudgeSpending
from feedback.models.ledger import IngestBatch, IngestCount, RejectedItem, RejectionReason
from feedback.models.objections import TrainingObjection
from feedback.models.prompts import Prompt, PromptRevision, PromptVersion
from feedback.models.quality import CheckFailure, QualityChoice
from feedback.models.reassessments import Reassessment
from feedback.models.rollups import (
    FeedbackRecount,
    KnownName,
    OwnVersion,
    Rollup,
    RollupDelta,
    SegmentKey,
    UserSketch,
)
from feedback.models.rubrics import RubricVersion
from feedback.models.sampling import RepeatedShare, SampledEvent, ScoreClaim, StoreClaim
from feedback.models.scores import DeclaredScore, WaitingScore
from feedback.models.tools import ToolRename
from feedback.models.traffic import Embedding, Event, QualityScore, Signal, ToolList

__all__ = [
    "ApiKey",
    "AuditedEvent",
    "CheckFailure",
    "CopyPlace",
    "DeclaredScore",
    "Deployment",
    "Embedding",
    "Event",
    "Evidence",
    "EvidenceSnapshot",
    "FeedbackRecount",
    "HumanScore",
    "IngestBatch",
    "IngestCount",
    "GoldAssessor",
    "JobLease",
    "Judge",
    "JudgeConsent",
    "JudgeSpending",
    "JudgeStanding",
    "Judgement",
    "KnownName",
    "MaskingPattern",
    "QualityChoice",
    "Reassessment",
    "Prompt",
    "PromptRevision",
    "PromptVersion",
    "QualityScore",
    "RaisedFlag",
    "RejectedItem",
    "OwnVersion",
    "RejectionReason",
    "RepeatedShare",
    "Rollup",
    "RollupDelta",
    "RubricVersion",
    "SampledEvent",
    "SampledForScoring",
    "ScoringSample",
    "ScoreClaim",
    "SegmentKey",
    "Signal",
    "StoreClaim",
    "ToolList",
    "ToolRename",
    "TouchedEvent",
    "TrainingObjection",
    "UserReliability",
    "UserSketch",
    "WaitingScore",
]
