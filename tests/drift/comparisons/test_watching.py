import pytest

from drift import tasks
from drift.comparisons import lifecycle, stopping
from drift.models import ArmComparison
from drift.windows.arms import Arm
from tests.drift.comparisons.arms import store_arm
from tests.drift.factories import ArmComparisonFactory
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
RUN = "/api/v1/deployments/helpdesk/comparisons"


@pytest.fixture
def live(api, running_tasks, rng):
    """A live comparison by latency; returns a function that lets so many events arrive and looks again."""

    def arrive(n, start, faster=0):
        for k, version in enumerate(("v1", "v2")):
            drawn = rng.normal(500 - faster * k, 100, n)
            store_arm(version, n, latency_ms=lambda i, drawn=drawn: drawn[i], start=start + 10_000 * k)

    def look(n, start, **more):
        arrive(n, start, **more)
        with running_tasks():
            tasks.look_at_comparisons()
        return api.get(f"/api/v1/comparisons/{ArmComparison.objects.get().pk}").json()

    arrive(10, 0)
    with running_tasks():
        answer = api.post(RUN, {"a": "v1", "b": "v2", "outcomes": ["latency_ms"], "live": True}, format="json")
    assert answer.status_code == 202, answer.json()
    return look


def advice(found):
    return found["results"][0]["pairs"][0]["anytime"]["advice"]


def test_a_live_comparison_follows_the_events_and_advises(live):
    first = live(1, 1_000)
    second = live(120, 2_000)
    third = live(300, 3_000, faster=200)

    assert [advice(found) for found in (first, second, third)] == ["wait", "go_on", "switch"]
    assert [look["n"] for look in third["looks"]] == [[10, 10], [11, 11], [131, 131], [431, 431]]
    assert (third["is_live"], third["status"]) == (True, "completed")
    assert "Switch to v2: it is better." in third["results"][0]["pairs"][0]["anytime"]["sentence"]


def test_what_intervals_are_tuned_to_stays(live):
    live(120, 1_000)
    tuning = ArmComparison.objects.get().tuning
    live(300, 2_000, faster=300)

    assert ArmComparison.objects.get().tuning == tuning != {}


def test_a_stopped_comparison_is_not_computed_again(live, api):
    before = live(30, 1_000)

    answer = api.post(f"/api/v1/comparisons/{before['id']}/stop")
    after = live(30, 2_000)

    assert (answer.status_code, answer.json()["is_live"]) == (200, False)
    assert after["n"] == before["n"]
    again = api.post(f"/api/v1/comparisons/{before['id']}/stop")
    assert (again.status_code, again.json()["errors"][0]["message"]) == (409, f"Comparison {before['id']} is not live.")


def test_past_the_most_events_watching_ends(live, monkeypatch):
    monkeypatch.setattr("drift.reading.arm_events.MOST_EVENTS", 20)

    assert live(15, 1_000)["is_live"] is False


def test_arms_that_come_to_share_events_are_watched_no_longer(live, running_tasks):
    before = live(30, 1_000)
    ArmComparison.objects.update(arms=[{"model_version_id": "v1"}, {"prompt_version": ""}])

    after = live(30, 2_000)

    assert (after["status"], after["is_live"], after["n"]) == ("completed", False, before["n"])
    assert after["notes"][-1].startswith("It is watched no longer: v1 and (none) share")


def test_the_newest_events_cannot_be_watched(api):
    DeploymentFactory(id="helpdesk")

    answer = api.post(RUN, {"a": "v1", "b": {"model_version_id": "v2", "last_events": 9}, "live": True}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "last_events")


def test_a_comparison_that_failed_is_not_watched():
    DeploymentFactory(id="helpdesk")
    arms = [Arm(model_version_id="v1"), Arm(model_version_id="v2")]
    comparison = lifecycle.request("helpdesk", arms=arms, outcomes=["quality"], live=True)

    lifecycle.fail(comparison.pk, "No.")

    comparison.refresh_from_db()
    assert comparison.is_live is False
    with pytest.raises(stopping.NotLive):
        stopping.stop(comparison)


def test_only_so_many_are_live(api):
    for _ in range(lifecycle.MOST_LIVE):
        ArmComparisonFactory(is_live=True)

    answer = api.post(RUN, {"a": "v1", "b": "v2", "live": True}, format="json")

    assert (answer.status_code, ArmComparison.objects.count()) == (409, lifecycle.MOST_LIVE)
