import uuid
from datetime import timedelta

import factory
import numpy as np
from factory.django import DjangoModelFactory

from drift import models
from drift.choices import ReportStatus, TriggerName, Verdict
from feedback.models import Deployment, Embedding, Event
from tests.factories import NOON


class DriftReportFactory(DjangoModelFactory):
    class Meta:
        model = models.DriftReport

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    status = ReportStatus.COMPLETED
    verdict = Verdict.OK
    score = 0.0
    reference_window = {"last_events": 1000, "skip": 1000}
    current_window = {"last_events": 1000, "skip": 0}
    finished_at = NOON


class TriggerEvaluationFactory(DjangoModelFactory):
    class Meta:
        model = models.TriggerEvaluation

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    name = TriggerName.SCHEDULED
    fired = True
    threshold = 86_400
    reason = "There was no training and no scheduled firing so far."


def store_window(
    deployment_id,
    *,
    start_at,
    prompt_lengths,
    response_lengths=None,
    quality=None,
    vectors=None,
    version="",
    client="test",
):
    """Store one event a second from this moment on, with texts of these lengths; return the events."""
    Deployment.objects.get_or_create(pk=deployment_id)
    n = len(prompt_lengths)
    response_lengths = prompt_lengths if response_lengths is None else response_lengths
    quality = [0.9] * n if quality is None else quality
    events = Event.objects.bulk_create(
        Event(
            id=uuid.uuid4(),
            deployment_id=deployment_id,
            model_version_id=version,
            prompt="p" * int(prompt_lengths[i]),
            response="r" * int(response_lengths[i]),
            quality_score=None if quality[i] is None or np.isnan(quality[i]) else quality[i],
            occurred_at=start_at + timedelta(seconds=i),
            received_at=start_at + timedelta(seconds=i),
            batch_id=uuid.uuid4(),
        )
        for i in range(n)
    )
    if vectors is not None:
        Embedding.objects.bulk_create(
            Embedding(
                event_id=event.id,
                deployment_id=deployment_id,
                hour_at=NOON,
                sample_rank=i,
                client=client,
                vector=vectors[i].tolist(),
            )
            for i, event in enumerate(events)
        )
    return events
