import uuid
from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from curation.choices import CuratedSetStatus
from exports import models
from exports.choices import ExportFormat, GateMetric, GateStatus
from feedback.models import Deployment, JobLease
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory, GoldenSetFactory
from tests.factories import StaffFactory
from tests.feedback.factories import JudgeFactory


class ExportBatchFactory(DjangoModelFactory):
    class Meta:
        model = models.ExportBatch

    key = factory.Sequence(lambda n: f"{n:064x}")
    curated_set = factory.LazyFunction(lambda: approved_set([{}]))
    format = ExportFormat.JSONL
    requested_by = factory.SubFactory(StaffFactory)


class TrainingRunFactory(DjangoModelFactory):
    class Meta:
        model = models.TrainingRun

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    requested_by = factory.SubFactory(StaffFactory)


class PipelineRunFactory(DjangoModelFactory):
    """A run that waits for a worker, without a stage."""

    class Meta:
        model = models.PipelineRun

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    experiment_id = "nightly"
    experiment = factory.LazyFunction(lambda: {"id": "nightly", "backend": {"id": "local"}, "pipeline": []})
    requested_by = factory.SubFactory(StaffFactory)


class ExportLeaseFactory(DjangoModelFactory):
    """The lease of a worker that writes the batch `key`; it has run out."""

    class Meta:
        model = JobLease

    task = "exports.tasks.write_export"
    token = factory.LazyFunction(uuid.uuid4)
    attempts = 1
    expires_at = factory.LazyFunction(lambda: datetime(2020, 1, 1, tzinfo=UTC))


def approved_set(examples, **fields):
    """An approved set with one example for each dict of fields."""
    curated_set = CuratedSetFactory(**fields)
    for position, example in enumerate(examples):
        CuratedExampleFactory(curated_set=curated_set, position=position, **example)
    curated_set.status = CuratedSetStatus.APPROVED
    curated_set.save(update_fields=["status"])
    return curated_set


class GateRunFactory(DjangoModelFactory):
    """A gate that waits for uploaded answers to a golden set without rows."""

    class Meta:
        model = models.GateRun

    golden_set = factory.SubFactory(GoldenSetFactory)
    deployment = factory.SelfAttribute("golden_set.deployment")
    golden_name = factory.SelfAttribute("golden_set.name")
    status = GateStatus.WAITING
    metric = GateMetric.EXACT_MATCH
    seed = 1
    last_row = 0
    rows = 0
    token_budget = 1_000
    requested_by = factory.SubFactory(StaffFactory)


class PairwiseRunFactory(DjangoModelFactory):
    """A run over the pairs of a set without any."""

    class Meta:
        model = models.PairwiseRun

    judge = factory.SubFactory(
        JudgeFactory, deployment_id=factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0].pk)
    )
    deployment = factory.SelfAttribute("judge.deployment")
    judge_name = factory.SelfAttribute("judge.name")
    rubric = "tip-v1"
    source = "pairs"
    curated_set = factory.LazyAttribute(lambda run: CuratedSetFactory(deployment=run.deployment))
    most = 100
    seed = 1
    requested_by = factory.SubFactory(StaffFactory)
