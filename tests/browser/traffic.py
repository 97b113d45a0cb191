"""Rows for every page of the console."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from curation.choices import CuratedSetStatus
from curation.models import CuratedExample, CuratedPair, CuratedSet
from drift.models import AlertChannel, DriftReport, TriggerRule
from drift.triggers import rules
from exports.choices import ExportStatus
from exports.models import ExportBatch
from feedback.access import keys
from feedback.choices import Metric
from feedback.evidence.weights import WeightTable
from feedback.models import ApiKey, Event, IngestBatch, RejectedItem, Signal, ToolRename
from tests.curation.factories import CuratedSetFactory
from tests.drift.factories import (
    AlertDeliveryFactory,
    DriftReportFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
    report_metric,
)
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import DeploymentFactory, EventFactory, SignalFactory
from tests.feedback.evidenced import evidence, snapshot
from tests.feedback.factories import (
    IngestBatchFactory,
    IngestCountFactory,
    QualityScoreFactory,
    RejectedItemFactory,
    roll_up,
)

CHECKS = [
    {"name": "length", "score": 1.0, "passed": True, "details": {"characters": 61}},
    {"name": "refusal", "score": 0.0, "passed": False, "details": {"refusal": "full", "span": "I cannot"}},
]


def fill(operator) -> None:
    """Three days of two versions, with signals, sets, exports, drift and alarms."""
    DeploymentFactory(id="helpdesk")
    today = timezone.now().replace(minute=0, second=0, microsecond=0)
    for days in range(3):
        for version, score in (("v1", 0.9), ("v2", 0.4)):
            moment = today - timedelta(days=days)
            _event(moment, version, score)
    ExportBatchFactory(curated_set=approved_set([{}], name="approved"), requested_by=operator)
    ExportBatchFactory(
        curated_set=approved_set([{}], name="failing"),
        requested_by=operator,
        status=ExportStatus.FAILED,
        error="The disk is full.",
    )
    CuratedSetFactory(
        name="waiting",
        status=CuratedSetStatus.IN_REVIEW,
        examples=3,
        with_pairs=1,
        counts={"high_quality": 3},
        candidates=20,
        funnel={"gates": {"refused": 2, "passed": 18}, "high_quality": {"no_evidence": 15, "accepted": 3}},
        influence={"rows": 1, "of": 3, "people": 6},
    )
    DriftReportFactory(
        verdict="drifting",
        score=0.41,
        n_reference=1_000,
        n_current=1_000,
        metrics=[report_metric(verdict="drifting", effect=0.4), report_metric("quality")],
        histograms={"|response_length": {"edges": [0.0, 50.0, 100.0], "reference": [900, 100], "current": [400, 600]}},
    )
    firing = TriggerFiringFactory(evaluation=TriggerEvaluationFactory())
    rules.with_rows(firing.deployment)
    AlertDeliveryFactory(firing=firing, status="failed", error="It was away.", finished_at=today, next_attempt_at=None)
    IngestBatchFactory(accepted=3, stored=2, duplicate=1)
    IngestCountFactory(stored=2, duplicate=1, invalid=1, hour_at=today, flushed_at=timezone.now())
    RejectedItemFactory(payload={"prompt": "A zero byte"})
    ToolRename.objects.create(deployment_id="helpdesk", old_name="lookup", new_name="FindArticles", similarity=0.8)
    keys.create(operator, "production", ["ingest", "signals"])


def _event(moment, version, score):
    event = EventFactory(
        model_version_id=version,
        occurred_at=moment,
        quality_score=score,
        latency_ms=812.0,
        metadata={"channel": "web"},
        masked={"EMAIL": 1},
    )
    QualityScoreFactory(event_id=event.pk, score=score, checks=CHECKS)
    SignalFactory(event_id=event.pk, occurred_at=moment)
    SignalFactory(event_id=event.pk, occurred_at=moment, type="edit", edited_response="Open Settings.")
    about = {"occurred_at": moment, "model_version_id": version, "snapshot": snapshot()}
    evidence(event.pk.int, score, votes=(1.0, 0.5), voters=[1001, 1002], **about)
    roll_up(model_version_id=version, hour_at=moment)
    roll_up(
        model_version_id=version,
        hour_at=moment,
        metric=Metric.FEEDBACK_STATE,
        names={"mixed": 1},
        measure_version=WeightTable().version,
    )
    roll_up(model_version_id=version, hour_at=moment, metric=Metric.QUALITY, total=score, squares=score * score)
    roll_up(model_version_id=version, hour_at=moment, metric=Metric.SIGNAL, names={"thumbs_up": 1, "edit": 1})


def addresses() -> list[str]:
    """One page of every kind."""
    lists = [Event, Signal, IngestBatch, RejectedItem, ApiKey, DriftReport, CuratedSet, ExportBatch]
    lists += [TriggerRule, AlertChannel, ToolRename]
    records = [(model, model.objects.order_by("pk").first()) for model in lists]
    waiting = CuratedSet.objects.get(name="waiting").pk
    others = ["feedback_deployment", "drift_triggerevaluation", "django_celery_beat_periodictask", "auth_user"]
    others += ["drift_triggerfiring", "drift_alertdelivery"]
    return [
        reverse("admin:index"),
        reverse("admin:system"),
        reverse("admin:feedback_event_changelist", query={"order": "worst"}),
        *(reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist") for model in lists),
        *(reverse(f"admin:{name}_changelist") for name in others),
        *(reverse(f"admin:{m._meta.label_lower.replace('.', '_')}_change", args=[record.pk]) for m, record in records),
        *(f"{reverse('admin:curation_curatedset_change', args=[waiting])}?rows={key}" for key in ("examples", "pairs")),
        reverse("admin:curation_curatedset_new"),
        reverse("admin:curation_curatedexample_change", args=[CuratedExample.objects.earliest("pk").pk]),
        reverse("admin:curation_curatedpair_change", args=[CuratedPair.objects.get().pk]),
        reverse("admin:feedback_deployment_change", args=["helpdesk"]),
        reverse("admin:drift_deployment", args=["helpdesk"]),
        reverse("admin:feedback_apikey_add"),
        reverse("admin:django_celery_beat_periodictask_add"),
    ]
