import uuid
from datetime import timedelta

import factory
import numpy as np
from factory.django import DjangoModelFactory

from drift import models
from drift.choices import CheckSource, ComparisonStatus, ReportStatus, TriggerName, TriggerOutcome, Verdict
from feedback.choices import Assessor
from feedback.models import Deployment, Embedding, Event, QualityScore, SampledEvent
from feedback.rollups import deltas
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


def report_metric(name="response_length", verdict="ok", effect=0.0, **values):
    """A metric of a report, as it keeps them."""
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "segment": "",
        "verdict": verdict,
        "effect": effect,
        "effect_interval": None,
        "adjusted_p_value": None,
        "sentence": "Said.",
        "statistics": {},
        "n_reference": 1204,
        "n_current": 1180,
        **values,
    }


class TriggerEvaluationFactory(DjangoModelFactory):
    class Meta:
        model = models.TriggerEvaluation

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    name = TriggerName.SCHEDULED
    fired = True
    outcome = factory.LazyAttribute(lambda look: TriggerOutcome.FIRED if look.fired else TriggerOutcome.QUIET)
    threshold = 86_400
    reason = "No training or scheduled firing yet."
    source = CheckSource.BEAT


class TriggerFiringFactory(DjangoModelFactory):
    class Meta:
        model = models.TriggerFiring

    evaluation = factory.SubFactory(TriggerEvaluationFactory)
    deployment = factory.SelfAttribute("evaluation.deployment")
    name = factory.SelfAttribute("evaluation.name")
    fired_at = factory.SelfAttribute("evaluation.created_at")


class BaselineFactory(DjangoModelFactory):
    class Meta:
        model = models.Baseline

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    name = "helpdesk"
    window = factory.LazyFunction(lambda: {"last_events": 1})
    resolved_window = factory.LazyFunction(
        lambda: {"source": "events", "n": 1, "first_at": NOON.isoformat(), "last_at": NOON.isoformat()}
    )
    n = 1
    scheme = 1
    parts = factory.LazyFunction(dict)


class ArmComparisonFactory(DjangoModelFactory):
    class Meta:
        model = models.ArmComparison

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    status = ComparisonStatus.COMPLETED
    arms = factory.LazyFunction(lambda: [{"model_version_id": "v1"}, {"model_version_id": "v2"}])
    outcomes = ("quality",)
    verdict = "v2 against v1: better by score of the checks."
    finished_at = NOON


class AlertChannelFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertChannel

    name = factory.Sequence(lambda n: f"channel {n}")
    url = "https://alerts.example.org/hook"
    secret = "a secret of some length"


class AlertDeliveryFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertDelivery

    channel = factory.SubFactory(AlertChannelFactory)


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
    """Store and roll up one event a second from this moment on, with texts of these lengths; return the events."""
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
            prompt_length=int(prompt_lengths[i]),
            response_length=int(response_lengths[i]),
            quality_score=None if quality[i] is None or np.isnan(quality[i]) else quality[i],
            occurred_at=start_at + timedelta(seconds=i),
            received_at=start_at + timedelta(seconds=i),
            batch_id=uuid.uuid4(),
        )
        for i in range(n)
    )
    QualityScore.objects.bulk_create(
        QualityScore(
            event_id=event.id,
            assessor=Assessor.CHECKS,
            profile="default",
            raw=event.quality_score,
            score=event.quality_score,
            checks=[],
        )
        for event in events
        if event.quality_score is not None
    )
    deltas.add(deltas.contribution_of([event.id for event in events]).measured)
    if vectors is not None:
        SampledEvent.objects.bulk_create(
            SampledEvent(
                event_id=event.id,
                deployment_id=deployment_id,
                model_version_id=version,
                occurred_at=event.occurred_at,
                hour_at=NOON,
                sample_rank=i,
                client=client,
            )
            for i, event in enumerate(events)
        )
        Embedding.objects.bulk_create(
            Embedding(event_id=event.id, field="prompt", client=client, vector=vectors[i].tolist())
            for i, event in enumerate(events)
        )
    return events
