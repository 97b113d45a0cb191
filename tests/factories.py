"""The least valid objects; a test states only what it is about."""

import uuid
from datetime import UTC, datetime

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from feedback import models
from feedback.choices import Scope, SignalType

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda n: f"user-{n}")


class StaffFactory(UserFactory):
    is_staff = True
    is_superuser = True


class DeploymentFactory(DjangoModelFactory):
    class Meta:
        model = models.Deployment

    id = factory.Sequence(lambda n: f"deployment-{n}")


class EventFactory(DjangoModelFactory):
    class Meta:
        model = models.Event

    id = factory.LazyFunction(uuid.uuid4)
    deployment_id = "helpdesk"
    prompt = "How do I reset my password?"
    response = "Open the settings page, choose Security and follow the link."
    occurred_at = NOON
    received_at = NOON
    quality_score = 0.9
    batch_id = factory.LazyFunction(uuid.uuid4)


class SignalFactory(DjangoModelFactory):
    class Meta:
        model = models.Signal

    id = factory.LazyFunction(uuid.uuid4)
    event_id = factory.LazyFunction(uuid.uuid4)
    deployment_id = "helpdesk"
    type = SignalType.THUMBS_UP
    slot = factory.LazyAttribute(lambda signal: "thumbs" if signal.type.startswith("thumbs") else signal.type)
    occurred_at = NOON
    received_at = NOON
    live = True
    batch_id = factory.LazyFunction(uuid.uuid4)


ALL_SCOPES = list(map(str, Scope.of_people()))
