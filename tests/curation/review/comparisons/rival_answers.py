"""Rows of a set whose prompt has a second answer, and reviewers who compare the two."""

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from feedback.access import keys
from tests.curation.factories import ComparisonFactory, CuratedExampleFactory
from tests.factories import ALL_SCOPES, EventFactory, UserFactory

LONG, SHORT = "Open the settings page and follow the link.", "Click on Security."


def rivals(curated_set, position=0, *, gap=0.1, response=LONG, other=SHORT, **fields):
    """A comparison of the answer of a row with that of another stored event."""
    prompt = f"How do I reset password {position}?"
    first, second = (EventFactory(prompt=prompt, response=text) for text in (response, other))
    row = CuratedExampleFactory(
        curated_set=curated_set,
        position=position,
        event_id=first.pk,
        prompt=prompt,
        response=response,
        **{"model_version_id": "v1", **fields},
    )
    return ComparisonFactory(example=row, other_event_id=second.pk, gap=gap)


def reviewer(*permissions):
    """A user who may decide on rows, and a client of the API with their key."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["review_curatedset", "view_curatedset", *permissions])
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'review', ALL_SCOPES)[1]}")
    return user, client


def take(client, curated_set):
    return client.post(f"/api/v1/curated-sets/{curated_set.pk}/comparisons/next")


def compare(client, curated_set, verdict, **named):
    body = {"verdict": verdict, **named}
    return client.post(f"/api/v1/curated-sets/{curated_set.pk}/comparisons", body, format="json")


def position_of(taken, text):
    """Where an answer is shown: a or b."""
    return next(position for position in ("a", "b") if taken.data[position]["text"] == text)
