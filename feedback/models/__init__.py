from feedback.models.deployments import ApiKey, Deployment, MaskingPattern
from feedback.models.ledger import IngestBatch, IngestCount, MetricRollup, RejectedItem
from feedback.models.traffic import Embedding, Event, QualityScore, Signal

__all__ = [
    "ApiKey",
    "Deployment",
    "Embedding",
    "Event",
    "IngestBatch",
    "IngestCount",
    "MaskingPattern",
    "MetricRollup",
    "QualityScore",
    "RejectedItem",
    "Signal",
]
