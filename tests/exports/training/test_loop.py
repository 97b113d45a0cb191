"""How far the loop goes by itself: the policy of a deployment, and what a firing starts under it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from exports.models import ExportBatch, LoopPolicy, TrainingRun, TriggeredSet
from exports.tasks import start_triggered_sets
from exports.training import policies
from tests.curation.factories import CuratedExampleFactory
from tests.drift.factories import TriggerEvaluationFactory, TriggerFiringFactory
from tests.factories import NOON, DeploymentFactory, UserFactory

URL = "/api/v1/deployments/helpdesk/loop-policy"


@pytest.fixture(autouse=True)
def helpdesk(db, time_machine, settings):
    settings.TRAINERS = {"local": {"adapter": "command", "command": ["true"]}}
    time_machine.move_to(NOON, tick=False)
    return DeploymentFactory(id="helpdesk")


def fire(*, at=NOON, name="scheduled"):
    return TriggerFiringFactory(evaluation=TriggerEvaluationFactory(name=name, created_at=at))


def approve(curated_set):
    """As a build and a review would leave it."""
    CuratedExampleFactory(curated_set=curated_set)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED, content_hash="a" * 64)


def publish(batch):
    ExportBatch.objects.filter(pk=batch.pk).update(
        status="published", rows=1, bytes=1, sha256="a" * 64, published_at=NOON
    )


@pytest.mark.parametrize(
    ("level", "sets", "exports", "runs"),
    [("notify", 0, 0, 0), ("curate", 1, 0, 0), ("export", 1, 1, 0), ("train", 1, 1, 1)],
)
def test_a_firing_goes_as_far_as_the_policy_says(operator, level, sets, exports, runs):
    policies.change("helpdesk", by=operator, level=level, trainer="local", config={"epochs": 3})
    firing = fire()

    start_triggered_sets()
    for curated_set in CuratedSet.objects.all():
        approve(curated_set)
    start_triggered_sets()
    for batch in ExportBatch.objects.all():
        assert (batch.status, batch.requested_by) == ("requested", operator)
        publish(batch)
    for _ in range(2):
        start_triggered_sets()

    assert [model.objects.count() for model in (CuratedSet, ExportBatch, TrainingRun)] == [sets, exports, runs]
    if runs:
        run = TrainingRun.objects.get()
        assert (run.firing, run.batch, run.trainer) == (firing, ExportBatch.objects.get(), "local")
        assert (run.config["epochs"], run.requested_by, run.status) == (3, operator, "pending")


def test_nothing_leaves_before_people_approved_it(operator):
    policies.change("helpdesk", by=operator, level="train", trainer="local")
    fire()

    for _ in range(2):
        start_triggered_sets()
    waiting = ExportBatch.objects.count()
    approve(CuratedSet.objects.get())
    for _ in range(2):
        start_triggered_sets()

    assert (waiting, ExportBatch.objects.get().status, TrainingRun.objects.count()) == (0, "requested", 0)


def test_firings_from_before_the_policy_start_nothing(operator, time_machine):
    fire(at=NOON - timedelta(hours=1))
    policies.change("helpdesk", by=operator, level="curate")

    start_triggered_sets()

    assert not CuratedSet.objects.exists()


def test_a_second_firing_waits_while_a_run_is_unfinished(operator):
    policies.change("helpdesk", by=operator, level="train", trainer="local")
    for name in ("scheduled", "data_count"):
        fire(name=name)
    start_triggered_sets()
    for curated_set in CuratedSet.objects.all():
        approve(curated_set)
    start_triggered_sets()
    for batch in ExportBatch.objects.all():
        publish(batch)

    start_triggered_sets()
    first = TrainingRun.objects.get()
    TrainingRun.objects.update(status="failed", error_message="-", completed_at=NOON)
    start_triggered_sets()

    assert TrainingRun.objects.exclude(pk=first.pk).get().firing != first.firing
    assert set(TriggeredSet.objects.values_list("error", flat=True)) == {""}


def test_a_user_who_lost_a_permission_requests_nothing(operator):
    policies.change("helpdesk", by=operator, level="export")
    fire()
    start_triggered_sets()
    approve(CuratedSet.objects.get())
    operator.is_superuser = False
    operator.save()

    start_triggered_sets()

    assert not ExportBatch.objects.exists()
    assert "may no longer request exports" in TriggeredSet.objects.get().error


def test_a_policy_is_read_and_replaced_through_the_api(api, operator):
    before = api.get(URL).json()
    body = {"level": "export", "export_format": "huggingface", "export_product": "sft"}
    after = api.put(URL, body, format="json")

    assert (before["level"], before["changed_by"]) == ("notify", None)
    assert after.status_code == 200
    assert after.json() == api.get(URL).json()
    assert after.json() == {
        "deployment_id": "helpdesk",
        **body,
        "trainer": "",
        "config": {},
        "changed_by": operator.username,
        "changed_at": "2026-05-04T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": "train"}, "trainer"),
        ({"level": "train", "trainer": "elsewhere"}, "trainer"),
        ({"level": "export", "export_format": "kto", "export_product": "sft"}, "export_product"),
        ({"level": "notify", "config": {"epochs": 0}}, "config"),
        ({"level": "notify", "config": {"colour": "red"}}, "config"),
        ({"level": "always"}, "level"),
        ({}, "level"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(api, body, field):
    answer = api.put(URL, body, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not LoopPolicy.objects.exists()


def test_a_level_needs_the_permissions_of_its_steps(api, operator):
    operator.is_superuser = False
    operator.save()
    names = ["change_looppolicy", "add_curatedset"]
    operator.user_permissions.set(Permission.objects.filter(codename__in=names))

    answers = [api.put(URL, {"level": level}, format="json").status_code for level in ("curate", "export")]

    assert answers == [200, 403]
    assert LoopPolicy.objects.get().level == "curate"
    assert not UserFactory().has_perm(policies.PERMISSION)
