import uuid

import factory
import numpy as np
from factory.django import DjangoModelFactory

from feedback import models
from feedback.choices import Assessor, ItemKind, Metric
from feedback.measures.catalogue import measure_of
from feedback.measures.measuring import Place
from feedback.rollups import deltas
from feedback.rollups.deltas import Change
from feedback.rollups.segments import Group
from feedback.rollups.tally import Cell
from feedback.rubrics import versions
from feedback.times import floor_hour
from tests.factories import NOON, StaffFactory, UserFactory


def roll_up(
    *,
    deployment_id="helpdesk",
    model_version_id="",
    prompt_version="",
    metric=Metric.RESPONSE_LENGTH,
    hour_at=NOON,
    n=1,
    total=0.0,
    squares=0.0,
    names=None,
    measure_version=None,
):
    """Say in the rollups of one hour, as a writer would, what events add up to."""
    place = Place(deployment_id, model_version_id, prompt_version, floor_hour(hour_at))
    n = n if names is None else sum(names.values())
    bins = np.array([], dtype=np.int64) if names else np.array([0])
    counts = np.array([], dtype=np.int64) if names else np.array([n])
    cell = Cell(n, total, squares, bins, counts, names or {})
    measure = measure_of(metric)
    measure = measure if measure_version is None else measure._replace(version=measure_version)
    deltas.insert([Change(Group(place, ""), {measure: cell})])


class QualityScoreFactory(DjangoModelFactory):
    class Meta:
        model = models.QualityScore

    assessor = Assessor.CHECKS
    profile = "default"
    score = 0.9
    checks = factory.LazyFunction(list)


class RaisedFlagFactory(DjangoModelFactory):
    class Meta:
        model = models.RaisedFlag

    event_id = factory.LazyFunction(uuid.uuid4)
    deployment_id = "helpdesk"
    occurred_at = NOON
    kind = "injection"
    name = "reveal_prompt"
    field = "prompt"
    start = 0
    end = 4


class IngestBatchFactory(DjangoModelFactory):
    class Meta:
        model = models.IngestBatch

    batch_id = factory.LazyFunction(uuid.uuid4)
    deployment_id = "helpdesk"
    accepted = 1
    stored = 1
    received_at = NOON


class RejectedItemFactory(DjangoModelFactory):
    class Meta:
        model = models.RejectedItem

    batch_id = factory.LazyFunction(uuid.uuid4)
    deployment_id = "helpdesk"
    item_id = factory.LazyFunction(uuid.uuid4)
    kind = ItemKind.EVENT
    reason = "The database refused it."
    payload = factory.LazyFunction(dict)


class IngestCountFactory(DjangoModelFactory):
    class Meta:
        model = models.IngestCount

    deployment_id = "helpdesk"
    kind = ItemKind.EVENT
    hour_at = NOON
    flushed_at = NOON
    accepted = factory.LazyAttribute(lambda row: row.stored + row.duplicate + row.sampled_out + row.rejected)
    stored = 1
    duplicate = 0
    sampled_out = 0
    rejected = 0


class PromptFactory(DjangoModelFactory):
    class Meta:
        model = models.Prompt

    deployment = factory.LazyFunction(lambda: models.Deployment.objects.get_or_create(pk="helpdesk")[0])
    name = "tips"


class PromptVersionFactory(DjangoModelFactory):
    """A version that is the default of its prompt."""

    class Meta:
        model = models.PromptVersion

    prompt = factory.SubFactory(PromptFactory, default_version=factory.SelfAttribute("..label"))
    deployment_id = factory.SelfAttribute("prompt.deployment_id")
    label = "v1"
    text = "Give one tip."
    created_by = factory.SubFactory(StaffFactory)


class SampledEventFactory(DjangoModelFactory):
    class Meta:
        model = models.SampledEvent

    event_id = factory.LazyFunction(uuid.uuid4)
    deployment_id = "helpdesk"
    occurred_at = NOON
    hour_at = factory.LazyAttribute(lambda sampled: sampled.occurred_at.replace(minute=0, second=0, microsecond=0))
    sample_rank = 0


class EmbeddingFactory(DjangoModelFactory):
    class Meta:
        model = models.Embedding

    event_id = factory.LazyFunction(uuid.uuid4)
    field = "prompt"
    client = "wordllama 1"
    vector = [1.0, 0.0]


def tip():
    """The rubric `tip-v1`, which a test with transactions of its own may have deleted."""
    versions.install_shipped()
    return versions.find("tip-v1")


class JudgeFactory(DjangoModelFactory):
    class Meta:
        model = models.Judge

    deployment_id = "helpdesk"
    name = factory.Sequence(lambda number: f"judge-{number}")
    rubric_version = factory.LazyFunction(tip)
    endpoints = factory.LazyFunction(lambda: ["small"])
    sampling_rate = 1.0


class JudgementFactory(DjangoModelFactory):
    class Meta:
        model = models.Judgement

    judge = factory.SubFactory(JudgeFactory)
    deployment_id = factory.SelfAttribute("judge.deployment_id")
    rubric_version = factory.SelfAttribute("judge.rubric_version")
    event_id = factory.LazyFunction(uuid.uuid4)
    occurred_at = NOON


class ReassessmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Reassessment

    deployment_id = "helpdesk"
    occurred_to = NOON
    key = "default"
    version = "default-4"
    requested_by = factory.SubFactory(UserFactory)
