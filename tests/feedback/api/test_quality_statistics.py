"""GET deployments/{id}/quality: what checks and users say, side by side, by group and over time."""

from datetime import timedelta

import pytest

from feedback.evidence.keeping import filling
from feedback.models import Deployment
from tests.factories import NOON, DeploymentFactory
from tests.feedback.evidence.keeping.sent import event, send, signal

HERE = "/api/v1/deployments/helpdesk"
NOTHING = {"n": 0, "mean": None, "interval": None, "level": 0.95}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON + timedelta(minutes=20), tick=False)


@pytest.fixture
def work(write_all):
    def work():
        write_all()
        filling.work_off()

    return work


def figures(api, **query):
    answer = api.get(f"{HERE}/quality", query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_without_events_nothing_is_known(api):
    DeploymentFactory(id="helpdesk")

    body = figures(api)

    assert {name: body[name] for name in NOTHING} == NOTHING
    assert body["feedback"] == {**NOTHING, "events_read": 0, "recounting": False, "buckets": []}
    assert (body["judges"], body["people"], body["buckets"], body["groups"]) == (None, None, [], [])
    assert body["total"] == {
        "events": 0,
        "voted": 0,
        "states": {"good": 0, "bad": 0, "mixed": 0},
        "signals": {},
        "ratings": [],
        "checks": NOTHING,
        "by_check": [],
        "feedback": {**NOTHING, "events_read": 0},
    }


def test_checks_and_feedback_stand_side_by_side(api, work):
    send(api, "events", *(event(number, model_version_id="v1") for number in range(1, 5)), event(5, response=""))
    send(api, "signals", signal(1, "a"), signal(2, "b"), signal(3, "c", type="thumbs_down"), signal(5, "a"))
    send(api, "signals", signal(1, "a", type="copy"))
    work()

    body = figures(api)

    assert (body["n"], body["mean"], body["level"]) == (5, pytest.approx(0.8), 0.95)
    assert body["interval"][0] < 0.8 < body["interval"][1]
    feedback = body["feedback"]
    # Three users weigh the same, whatever the number of their votes.
    assert (feedback["n"], feedback["events_read"], feedback["mean"]) == (3, 4, pytest.approx(2 / 3))
    assert feedback["interval"][0] < 2 / 3 < feedback["interval"][1]
    total = body["total"]
    assert (total["events"], total["voted"]) == (5, 4)
    assert total["states"] == {"good": 3, "bad": 1, "mixed": 0}
    assert total["signals"] == {
        "thumbs_up": {"count": 3, "per_100": 60.0},
        "thumbs_down": {"count": 1, "per_100": 20.0},
        "copy": {"count": 1, "per_100": 20.0},
    }
    assert total["checks"]["mean"] == pytest.approx(0.8)
    assert {one["name"]: (one["n"], one["mean"]) for one in total["by_check"]}["format"] == (5, pytest.approx(0.8))


def test_groups_are_those_of_each_split(api, work):
    send(api, "events", *(event(number, prompt_version="p1") for number in (1, 2)))
    send(api, "events", event(3, prompt_version="p2", experiment="short", model_version_id="v2"))
    send(api, "signals", signal(1, "a"), signal(3, "b", type="thumbs_down"))
    work()

    found = {
        by: {
            one["name"]: (
                one["events"],
                one["voted"],
                one["checks"]["n"],
                one["feedback"]["n"],
                one["feedback"]["mean"],
            )
            for one in figures(api, by=by)["groups"]
        }
        for by in ("model_version_id", "prompt_version", "experiment")
    }

    many, few = (2, 1, 2, 1, 1.0), (1, 1, 1, 1, 0.0)
    assert found == {
        "model_version_id": {"m1": many, "v2": few},
        "prompt_version": {"p1": many, "p2": few},
        "experiment": {"short": few},
    }
    assert [bucket["model_version_id"] for bucket in figures(api)["feedback"]["buckets"]] == ["m1", "v2"]


def test_segments_are_groups(api, work, time_machine):
    DeploymentFactory(id="helpdesk")
    assert api.patch(HERE, {"segment_keys": ["plan"]}, format="json").status_code == 200
    time_machine.shift(timedelta(minutes=1))
    for number, plan in enumerate(("free", "free", "paid"), start=1):
        send(api, "events", event(number, metadata={"plan": plan}))
    send(api, "signals", signal(1, "a", type="edit", edited_response="Better."), signal(3, "b"))
    work()

    groups = {one["name"]: one for one in figures(api, by="segment")["groups"]}

    assert {name: (one["events"], one["voted"], one["feedback"]["mean"]) for name, one in groups.items()} == {
        "plan=free": (2, 1, 0.0),
        "plan=paid": (1, 1, 1.0),
    }
    assert groups["plan=free"]["signals"] == {"edit": {"count": 1, "per_100": 50.0}}
    assert groups["plan=paid"]["feedback"]["interval"] is None


def test_buckets_have_their_own_votes(api, work):
    DeploymentFactory(id="helpdesk", rating_minimum=1, rating_maximum=5)
    yesterday = (NOON - timedelta(days=1)).isoformat()
    send(api, "events", event(1), event(2), event(3, occurred_at=yesterday))
    send(api, "signals", signal(1, "a"), signal(2, "b", type="regenerate"))
    send(api, "signals", signal(3, "a", type="rating", name="tone", value=2))
    work()

    body = figures(api, days=3)
    hourly = figures(api, days=3, bucket="hour")

    before, today = body["feedback"]["buckets"]
    assert [bucket["start"] for bucket in (before, today)] == ["2026-05-03T00:00:00Z", "2026-05-04T00:00:00Z"]
    assert (before["n"], before["mean"], before["ratings"]) == (1, 0.25, [{"name": "tone", "n": 1, "mean": 2.0}])
    assert (today["n"], today["mean"], today["voted"]) == (2, 0.5, 2)
    assert today["signals"]["regenerate"] == {"count": 1, "per_100": 50.0}
    assert [(one["start"], one["n"]) for one in body["buckets"]] == [(before["start"], 1), (today["start"], 2)]
    assert [one["start"] for one in hourly["feedback"]["buckets"]] == ["2026-05-03T12:00:00Z", "2026-05-04T12:00:00Z"]


def test_a_recount_is_reported(api, work):
    send(api, "events", event(1))
    work()
    assert Deployment.objects.get().signal_weights is None

    api.patch(HERE, {"signal_weights": {"copy": 0}}, format="json")

    assert figures(api)["feedback"]["recounting"] is True


@pytest.mark.parametrize("query", [{"by": "user_hash"}, {"bucket": "week"}, {"days": 0}, {"days": 367}])
def test_bad_parameters_are_named(api, query):
    DeploymentFactory(id="helpdesk")

    answer = api.get(f"{HERE}/quality", query)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(query)
