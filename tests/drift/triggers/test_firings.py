from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from drift.models import TriggerFiring
from drift.triggers import firings
from feedback.access import keys
from tests.drift.factories import TriggerEvaluationFactory, TriggerFiringFactory
from tests.factories import ALL_SCOPES, NOON, UserFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FIRINGS = "/api/v1/deployments/helpdesk/triggers/firings"


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def test_firings_are_listed_with_their_reason(api):
    TriggerFiringFactory(state="acknowledged", settled_at=NOON, fired_at=NOON - HOUR)
    firing = TriggerFiringFactory(
        evaluation=TriggerEvaluationFactory(name="quality_drop", value=0.6, threshold=0.7, reason="Below.")
    )

    everything, waiting = (api.get(FIRINGS + query).json()["results"] for query in ("", "?state=open"))

    assert len(everything) == 2
    assert waiting == [
        {
            "id": firing.pk,
            "deployment_id": "helpdesk",
            "name": "quality_drop",
            "state": "open",
            "value": 0.6,
            "threshold": 0.7,
            "reason": "Below.",
            "fired_at": "2026-05-04T12:00:00Z",
            "settled_by": None,
            "settled_at": None,
        }
    ]
    assert api.get(f"{FIRINGS}?state=shut").json()["errors"][0]["field"] == "state"


def test_only_one_user_acknowledges_a_firing(api, operator):
    firing = TriggerFiringFactory()
    path = f"/api/v1/trigger-firings/{firing.pk}/acknowledge"

    first, second = api.post(path), api.post(path)

    assert first.status_code == 200
    assert (first.json()["state"], first.json()["settled_by"]) == ("acknowledged", operator.username)
    assert second.status_code == 409
    message = "This firing is already acknowledged."
    assert second.json() == {"errors": [{"field": "", "code": "already_settled", "message": message}]}


def test_acknowledging_needs_the_permission_and_the_deployment(api, operator):
    firing = TriggerFiringFactory()
    path = f"/api/v1/trigger-firings/{firing.pk}/acknowledge"
    limited = APIClient()
    _, secret = keys.create(operator, "limited", ALL_SCOPES, deployments=["shop"])
    limited.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert limited.post(path).status_code == 404
    operator.is_superuser = False
    operator.save()
    assert api.post(path).status_code == 403
    assert TriggerFiring.objects.get().state == "open"


def test_only_open_ones_of_many_are_acknowledged():
    user = UserFactory()
    ids = [
        TriggerFiringFactory().pk,
        TriggerFiringFactory(state="handed_off", settled_at=NOON, fired_at=NOON - HOUR).pk,
    ]

    assert firings.acknowledge_open(ids, by=user) == 1
    assert list(TriggerFiring.objects.order_by("pk").values_list("state", "settled_by")) == [
        ("acknowledged", user.pk),
        ("handed_off", None),
    ]


def test_an_evaluation_has_one_firing():
    firing = TriggerFiringFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        TriggerFiringFactory(evaluation=firing.evaluation)
    with pytest.raises(IntegrityError), transaction.atomic():
        TriggerFiringFactory(evaluation=TriggerEvaluationFactory(created_at=firing.fired_at))
