"""The share of a version's sampled answers that are one answer to many prompts."""

from datetime import timedelta

import pytest

from feedback import tasks
from feedback.models import RepeatedShare, SampledEvent
from feedback.statistics.intervals import wilson
from tests.factories import NOON, DeploymentFactory
from tests.feedback.evidence.keeping.sent import event, send

CONSTANT = "Please contact our support team, they will gladly help you."


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON + timedelta(minutes=20), tick=False)


@pytest.fixture
def measured(api, write_all):
    def measured(*events):
        if events:
            send(api, "events", *events)
            write_all()
        tasks.measure_repeats()
        groups = api.get("/api/v1/deployments/helpdesk/quality").json()["groups"]
        return {group["name"]: group["repeated"] for group in groups}

    return measured


def answers(n, start=0, **fields):
    return [event(start + index + 1, **fields) for index in range(n)]


def figure(n, repeated):
    return {"n": n, "share": repeated / n, "interval": list(wilson(repeated, n)), "level": 0.95}


def test_the_share_is_that_of_each_version(measured):
    earlier = NOON - timedelta(hours=1)
    other = answers(100, 200, response=CONSTANT, model_version_id="m2", occurred_at=earlier.isoformat())

    found = measured(*answers(100), *answers(30, 100, response=CONSTANT), *other)

    assert found == {"m1": figure(130, 30), "m2": figure(100, 100)}
    assert list(RepeatedShare.objects.order_by("pk").values_list("answers", "first_at")) == [(1, NOON), (1, earlier)]


@pytest.mark.parametrize(
    ("repeated", "expected"),
    [
        ({"response": CONSTANT}, 20),
        ({"response": CONSTANT.upper() + "!"}, 20),
        ({"response": "Category: billing and invoices"}, 0),
        ({"response": CONSTANT, "response_format": {"type": "json_object"}}, 0),
        ({"response": CONSTANT, "prompt": "Hello"}, 0),
    ],
    ids=["long", "same_but_for_case", "label", "prescribed", "one_prompt"],
)
def test_labels_and_answers_to_one_prompt_are_not_counted(measured, repeated, expected):
    assert measured(*answers(100), *answers(20, 100, **repeated)) == {"m1": figure(120, expected)}


def test_nineteen_prompts_are_not_many(measured):
    assert measured(*answers(100), *answers(19, 100, response=CONSTANT)) == {"m1": figure(119, 0)}


def test_fewer_than_a_hundred_answers_are_not_enough_data(measured):
    assert measured(*answers(99, response=CONSTANT)) == {
        "m1": {"n": 99, "share": None, "interval": None, "level": 0.95}
    }


def test_measuring_again_changes_nothing_until_there_are_new_answers(measured):
    first = measured(*answers(100, response=CONSTANT))
    before = list(RepeatedShare.objects.values())

    assert (measured(), list(RepeatedShare.objects.values())) == (first, before)
    assert measured(*answers(100, 100)) == {"m1": figure(200, 100)}


def test_old_samples_and_removed_events_do_not_count(measured, time_machine):
    measured(*answers(100, response=CONSTANT))
    SampledEvent.objects.filter(pk=answers(1)[0]["id"]).update(is_member=False)

    assert measured()["m1"]["n"] == 99

    time_machine.shift(timedelta(days=8))
    assert measured()["m1"] == {"n": 0, "share": None, "interval": None, "level": 0.95}
    assert not RepeatedShare.objects.exists()


def test_other_groups_than_versions_have_no_share(api, measured):
    measured(*answers(100, response=CONSTANT, prompt_version="p1"))

    groups = api.get("/api/v1/deployments/helpdesk/quality", {"by": "prompt_version"}).json()["groups"]

    assert [(group["name"], group["repeated"]) for group in groups] == [("p1", None)]


def test_what_is_known_of_a_deleted_deployment_goes(db):
    DeploymentFactory(id="helpdesk")
    for name in ("helpdesk", "gone"):
        RepeatedShare.objects.create(deployment_id=name, n=1, repeated=0, answers=0, first_at=NOON)

    tasks.measure_repeats()

    assert not RepeatedShare.objects.exists()
