"""Removes the traffic of a whole deployment, and everything that is counted or kept about it."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from feedback.evidence.keeping.removing import forget_events
from feedback.flagging import keeping as flags
from feedback.models import (
    AuditedEvent,
    CheckFailure,
    DeclaredScore,
    Evidence,
    EvidenceSnapshot,
    FeedbackRecount,
    HumanScore,
    IngestBatch,
    IngestCount,
    Judge,
    JudgeConsent,
    Judgement,
    KnownName,
    OwnVersion,
    Prompt,
    PromptRevision,
    PromptVersion,
    QualityChoice,
    RaisedFlag,
    Reassessment,
    RejectedItem,
    RejectionReason,
    RepeatedShare,
    Rollup,
    RollupDelta,
    SampledEvent,
    ScoringSample,
    SegmentKey,
    ToolList,
    ToolRename,
    TouchedEvent,
    UserSketch,
    WaitingScore,
)
from feedback.stores import event_store, locks
from feedback.stores.base import EventFilter, Paging, SignalFilter

BATCH = 1_000
# Deltas before rollups: a fold that runs meanwhile makes rollups of deltas, never the other way round.
_RECORDS = (
    *(RollupDelta, Rollup, UserSketch, SegmentKey, KnownName, OwnVersion, SampledEvent, ToolList, ToolRename),
    *(
        RepeatedShare,
        TouchedEvent,
        Evidence,
        EvidenceSnapshot,
        AuditedEvent,
        RaisedFlag,
        FeedbackRecount,
        HumanScore,
        ScoringSample,
        WaitingScore,
        DeclaredScore,
        CheckFailure,
        QualityChoice,
        Reassessment,
    ),
    *(Judgement, Judge, JudgeConsent),
    *(PromptRevision, PromptVersion, Prompt),
    *(RejectedItem, RejectionReason, IngestCount, IngestBatch),
)


@dataclass(frozen=True)
class RemovedTraffic:
    events: int = 0
    signals: int = 0

    def __bool__(self) -> bool:
        return bool(self.events or self.signals)


def remove_some(deployment_id: str) -> RemovedTraffic:
    """Delete at most BATCH events with their scores, vectors and signals, or BATCH signals without an event.

    Rollups are not reduced: `remove_records` deletes them whole.
    """
    store = event_store()
    events = store.scan(EventFilter(deployment_id=deployment_id), ["id"], Paging(limit=BATCH))
    if event_ids := _ids(events):
        removed, signals = store.remove_events(event_ids)
        with transaction.atomic():
            forget_events(event_ids)
            flags.forget_events(event_ids)
        return RemovedTraffic(len(removed), signals)
    waiting = store.scan_signals(SignalFilter(deployment_id=deployment_id, state=None), ["id"], Paging(limit=BATCH))
    if signal_ids := _ids(waiting):
        with transaction.atomic():
            locks.lock_signals()
            signals = store.remove_signals(signal_ids)
        return RemovedTraffic(signals=signals)
    return RemovedTraffic()


def remove_records(deployment_id: str) -> int:
    """Delete its rollups, evidence, flags, scores of people, waiting scores, judges and judgements, samples, known
    names and versions, lists and names of tools, profiles that it chose, failures of checks, prompts, ledger rows,
    rejected items and reasons of rejections.
    """
    return sum(in_batches(model.objects.filter(deployment_id=deployment_id)) for model in _RECORDS)


def in_batches(rows: QuerySet) -> int:
    """Delete rows by their keys, each batch in a transaction of its own; return how many there were."""
    removed = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model.objects.filter(pk__in=keys).delete()
        removed += len(keys)
    return removed


def _ids(reader) -> list[str]:
    return reader.read_all()["id"].to_pylist()
