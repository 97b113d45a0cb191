"""One row of every model that the console shows."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask

from curation.models import DropReason, EvaluationSet, GoldenSet
from drift.models import TriggerRule
from drift.triggers import rules
from exports.choices import ExportStatus
from exports.models import DeploymentDeletion, Erasure
from feedback.access import keys
from feedback.models import JudgeStanding, RejectionReason, RubricVersion, ScoringSample, ToolRename, TrainingObjection
from tests.curation.factories import CuratedPairFactory
from tests.drift.factories import AlertDeliveryFactory, ArmComparisonFactory, DriftReportFactory, TriggerFiringFactory
from tests.exports.factories import (
    ExportBatchFactory,
    GateRunFactory,
    PairwiseRunFactory,
    PipelineRunFactory,
    TrainingRunFactory,
    approved_set,
)
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, EventFactory, SignalFactory
from tests.feedback.factories import (
    IngestBatchFactory,
    JudgeFactory,
    JudgementFactory,
    PromptVersionFactory,
    RaisedFlagFactory,
    ReassessmentFactory,
    RejectedItemFactory,
)

CRITERIA = [{"name": "clarity", "title": "Clarity", "description": "", "minimum": 1, "maximum": 5, "weight": 1}]
REJECTED = {"deployment_id": "helpdesk", "occurred_at": NOON.isoformat(), "received_at": NOON.isoformat()}


def one_of_each(operator) -> dict[type[Model], Model]:
    """A row of each model that has an admin; the export's files are missing from the folder."""
    deployment = DeploymentFactory(id="helpdesk")
    key, _ = keys.create(operator, "test", ALL_SCOPES)
    firing, delivery = TriggerFiringFactory(), AlertDeliveryFactory()
    rules.with_rows(deployment)
    event = EventFactory()
    curated_set = approved_set([{"event_id": event.pk}])
    interval = IntervalSchedule.objects.create(every=90, period="minutes")
    rows = [
        *(operator, Group.objects.create(name="readers"), deployment, key, event, SignalFactory(event_id=event.pk)),
        *(IngestBatchFactory(), RejectedItemFactory(payload=REJECTED), DriftReportFactory(), firing, firing.evaluation),
        *(TriggerRule.objects.first(), delivery, delivery.channel, curated_set, curated_set.examples.first()),
        CuratedPairFactory(),
        ArmComparisonFactory(),
        (golden_set := GoldenSet.objects.create(deployment_id="helpdesk", name="core", created_by=operator)),
        GateRunFactory(golden_set=golden_set, requested_by=operator),
        (pairwise := PairwiseRunFactory(requested_by=operator)),
        JudgeStanding.objects.create(judge=pairwise.judge),
        DropReason.objects.get(code="wrong"),
        ExportBatchFactory(curated_set=curated_set, status=ExportStatus.FAILED, error="The disk is full."),
        *((judge := JudgeFactory()), JudgementFactory(judge=judge, event_id=event.pk)),
        TrainingRunFactory(),
        PipelineRunFactory(deployment=deployment),
        PromptVersionFactory().prompt,
        Erasure.objects.create(hashes=["a" * 64], requested_by=operator),
        (rubric := RubricVersion.objects.create(name="brief", version=1, title="Brief", criteria=CRITERIA)),
        ScoringSample.objects.create(deployment_id="helpdesk", rubric_version=rubric, seed=1, read=1, source_from=NOON),
        TrainingObjection.objects.create(user_hash="a" * 64, by=operator),
        RaisedFlagFactory(event_id=event.pk),
        ToolRename.objects.create(deployment_id="helpdesk", old_name="lookup", new_name="find", similarity=0.8),
        ReassessmentFactory(),
        DeploymentDeletion.objects.create(deployment_id="gone", requested_by=operator),
        PeriodicTask.objects.create(name="drift of the night", task="drift.tasks.detect_drift", interval=interval),
        RejectionReason.objects.create(hour_at=NOON, kind="event", code="invalid", message="No.", count=1),
        EvaluationSet.objects.create(name="questions", source="questions.csv", columns=[], rows=1, texts=1, grams=0),
        *(interval, CrontabSchedule.objects.create(), ClockedSchedule.objects.create(clocked_time=NOON)),
    ]
    found = {type(row): row for row in rows}
    assert found.keys() == admin.site._registry.keys()
    return found
