import uuid

import factory
from factory.django import DjangoModelFactory

from feedback import models
from feedback.choices import Assessor, ItemKind, Metric
from tests.factories import NOON


class MetricRollupFactory(DjangoModelFactory):
    class Meta:
        model = models.MetricRollup

    deployment_id = "helpdesk"
    metric = Metric.RESPONSE_LENGTH
    hour_at = NOON
    n = 1
    total = 0.0
    total_squares = 0.0


class QualityScoreFactory(DjangoModelFactory):
    class Meta:
        model = models.QualityScore

    assessor = Assessor.CHECKS
    profile = "default"
    score = 0.9
    checks = factory.LazyFunction(list)


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
