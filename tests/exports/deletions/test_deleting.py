"""A deployment goes with everything that it has; approved sets and their exports stay as the record of what left."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from curation.choices import CuratedSetStatus
from curation.models import CuratedExample, CuratedSet, ReviewDecision
from curation.review import approval
from drift.models import (
    AlertDelivery,
    Baseline,
    DriftReport,
    MetricState,
    TriggerEvaluation,
    TriggerFiring,
    TriggerRule,
)
from drift.triggers import rules, training
from exports.deletions import deleting
from exports.models import DeploymentDeletion, ExportBatch
from exports.tasks import sweep_erasures
from feedback import models as traffic
from feedback.access import keys
from feedback.rollups import folding
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.drift.factories import (
    AlertChannelFactory,
    AlertDeliveryFactory,
    BaselineFactory,
    DriftReportFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
    store_window,
)
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, EventFactory, SignalFactory, UserFactory
from tests.feedback.factories import IngestBatchFactory, RejectedItemFactory

URL = "/api/v1/deployments/helpdesk"
LATER = timedelta(seconds=30)
OF_TRAFFIC = (
    *(traffic.Event, traffic.Signal, traffic.Rollup, traffic.RollupDelta, traffic.UserSketch, traffic.OwnVersion),
    *(traffic.RejectedItem, traffic.RejectionReason, traffic.IngestBatch, traffic.IngestCount, traffic.SampledEvent),
    traffic.RepeatedShare,
)
OF_DRIFT = (DriftReport, Baseline, MetricState, TriggerEvaluation, TriggerFiring, TriggerRule)


@pytest.fixture(autouse=True)
def noon(db, time_machine):
    time_machine.move_to(NOON, tick=False)


def fill(name):
    """Something of everything in this deployment."""
    deployment = DeploymentFactory(id=name)
    store_window(name, start_at=NOON, prompt_lengths=[10] * 4)
    folding.fold()
    event = EventFactory(deployment_id=name)
    SignalFactory(event_id=event.pk, deployment_id=name)
    SignalFactory(deployment_id=name, waiting=True, live=False)
    RejectedItemFactory(deployment_id=name)
    IngestBatchFactory(deployment_id=name)
    traffic.IngestCount.objects.create(deployment_id=name, kind="event", hour_at=NOON, flushed_at=NOON)
    traffic.RejectionReason.objects.create(
        hour_at=NOON, kind="event", deployment_id=name, code="invalid", message="-", count=1
    )
    traffic.RepeatedShare.objects.create(deployment_id=name, n=1, repeated=0, answers=0, first_at=NOON)
    report = DriftReportFactory(deployment=deployment)
    BaselineFactory(deployment=deployment, report=report)
    rules.with_rows(deployment)
    training.mark(name)
    firing = TriggerFiringFactory(evaluation=TriggerEvaluationFactory(deployment=deployment, report=report))
    AlertDeliveryFactory(firing=firing)
    AlertDeliveryFactory(channel=AlertChannelFactory(), digest_size=2).firings.add(firing)
    return deployment


def left(name):
    counts = {model: model.objects.filter(deployment_id=name).count() for model in (*OF_TRAFFIC, *OF_DRIFT)}
    return {model.__name__: count for model, count in counts.items() if count}


def delete(api, running_tasks, time_machine):
    """Ask for it, and let the worker run until nothing can arrive any more."""
    with running_tasks():
        answer = api.delete(URL)
    time_machine.move_to(NOON + LATER, tick=False)
    with running_tasks():
        sweep_erasures()
    return answer, DeploymentDeletion.objects.get()


def test_everything_of_a_deployment_goes_and_nothing_of_another(api, operator, running_tasks, time_machine):
    fill("helpdesk")
    fill("shop")
    before = left("shop")

    answer, deletion = delete(api, running_tasks, time_machine)

    assert answer.status_code == 202
    asked = answer.json()
    assert (asked["deployment_id"], asked["requested_by"]) == ("helpdesk", operator.username)
    assert (deletion.status, deletion.events, deletion.signals, deletion.error) == ("completed", 5, 2, "")
    assert (left("helpdesk"), left("shop")) == ({}, before)
    assert list(traffic.Deployment.objects.values_list("pk", flat=True)) == ["shop"]
    assert AlertDelivery.objects.count() == 3
    assert api.get(URL).status_code == 404
    assert api.get(f"/api/v1/deployment-deletions/{deletion.pk}").json()["status"] == "completed"


def test_it_is_archived_until_nothing_can_arrive_any_more(api, running_tasks):
    fill("helpdesk")

    with running_tasks():
        first = api.delete(URL)
    again = api.delete(URL)
    restored = api.patch(URL, {"archived": False}, format="json")

    shown = api.get(URL).json()
    assert (shown["archived"], shown["deleting"], left("helpdesk")) == (True, True, {})
    assert DeploymentDeletion.objects.get().status == "running"
    assert again.json()["id"] == first.json()["id"]
    assert restored.status_code == 400
    [error] = restored.json()["errors"]
    assert (error["code"], error["message"]) == ("being_deleted", "Deployment helpdesk is being deleted")


def test_approved_sets_stay_and_others_go(api, operator, running_tasks, time_machine):
    deployment = fill("helpdesk")
    approved = approved_set([{}], deployment=deployment, name="approved")
    export = ExportBatchFactory(curated_set=approved)
    rejected = CuratedSetFactory(deployment=deployment, name="rejected")
    in_review = CuratedSetFactory(deployment=deployment, name="in review")
    for curated_set in (rejected, in_review):
        CuratedExampleFactory(curated_set=curated_set)
    approval.reject(rejected.pk, by=operator, note="Too short.")
    approval.submit(in_review.pk, by=operator, note="")
    CuratedSetFactory(deployment=deployment, name="building", status=CuratedSetStatus.BUILDING, content_hash="")

    _, deletion = delete(api, running_tasks, time_machine)

    assert (deletion.sets, deletion.kept_sets) == (3, 1)
    assert list(CuratedSet.objects.values_list("pk", flat=True)) == [approved.pk]
    assert (CuratedExample.objects.count(), ExportBatch.objects.get()) == (1, export)
    assert not ReviewDecision.objects.exclude(curated_set=approved).exists()
    shown = api.get(URL).json()
    assert (shown["archived"], shown["deleting"], left("helpdesk")) == (True, False, {})
    assert api.patch(URL, {"archived": False}, format="json").status_code == 200


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_the_database_keeps_decided_sets_of_a_deployment_that_is_not_deleted(operator, status):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.DRAFT)
    CuratedExampleFactory(curated_set=curated_set)
    decide = approval.approve if status == "approved" else approval.reject
    decide(curated_set.pk, by=operator, note="Seen.")

    for rows in (
        ReviewDecision.objects.all(),
        CuratedExample.objects.all(),
        CuratedSet.objects.filter(pk=curated_set.pk),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_a_failure_is_shown_and_tried_again(api, running_tasks, time_machine, settings):
    fill("helpdesk")
    api.delete(URL)
    deletion = DeploymentDeletion.objects.get()
    time_machine.move_to(NOON + LATER, tick=False)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with pytest.raises(Exception, match="connecting"):
        deleting.run(deletion.pk)
    deletion.refresh_from_db()
    failed = (deletion.status, deletion.error)
    settings.REDIS_URL = settings.CELERY_BROKER_URL
    with running_tasks():
        sweep_erasures()

    assert failed == ("running", "ConnectionError. See the log of the worker.")
    deletion.refresh_from_db()
    assert (deletion.status, deletion.error) == ("completed", "")


def _user(*permissions):
    user = UserFactory(is_staff=True)
    codenames = ["view_deployment", "view_deploymentdeletion", *permissions]
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


@pytest.mark.parametrize(("permission", "status"), [("change_deployment", 403), ("delete_deployment", 202)])
def test_deleting_needs_the_permission(permission, status):
    DeploymentFactory(id="helpdesk")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(_user(permission), 'test', ALL_SCOPES)[1]}")

    assert client.delete(URL).status_code == status
    assert DeploymentDeletion.objects.count() == (status == 202)


def test_the_console_says_what_goes_and_asks_for_the_name(console, running_tasks):
    deployment = fill("helpdesk")
    approved_set([{}], deployment=deployment, name="approved")
    address = reverse("admin:feedback_deployment_delete", args=["helpdesk"])

    page = console.get(address)
    wrong = console.post(address, {"name": "shop"})
    unchanged = DeploymentDeletion.objects.count()
    done = console.post(address, {"name": "helpdesk"})

    contents = page.context["contents"]
    assert contents.goes[:3] == [
        ("Events, with their scores and embeddings", "5"),
        ("Signals", "2"),
        ("Rejected items", "1"),
    ]
    assert contents.stays == [("Approved and superseded sets", "1"), ("Their exports", "0")]
    assert "Enter helpdesk to confirm." in wrong.content.decode()
    assert unchanged == 0
    assert done.headers["Location"] == reverse(
        "admin:exports_deploymentdeletion_change", args=[DeploymentDeletion.objects.get().pk]
    )
    assert "is archived and being deleted" in console.get(done.headers["Location"]).content.decode()


def test_the_console_deletes_nothing_without_the_permission(client):
    DeploymentFactory(id="helpdesk")
    client.force_login(_user("change_deployment"))

    answer = client.post(reverse("admin:feedback_deployment_delete", args=["helpdesk"]), {"name": "helpdesk"})

    assert (answer.status_code, DeploymentDeletion.objects.count()) == (403, 0)
