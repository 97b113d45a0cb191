"""Events that are audited: chosen as they are stored, answered by gold scores, and what the answers say."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from feedback.evidence.audits import is_audited
from feedback.evidence.keeping.corrected import corrected_approval
from feedback.hashing import hash_person
from feedback.models import AuditedEvent, Deployment
from feedback.removal import erasing, retention
from feedback.tasks import fill_evidence
from tests.factories import NOON, DeploymentFactory
from tests.feedback.evidence.keeping.sent import send, signal
from tests.feedback.scores.sent import event, event_id, score, send_events, send_scores

HELPDESK = "/api/v1/deployments/helpdesk"
AUDITS = f"{HELPDESK}/audits"


@pytest.fixture
def helpdesk(api, db):
    """A deployment whose events are all audited, with a gold score."""
    DeploymentFactory(id="helpdesk")
    answer = api.patch(HELPDESK, {"audit_rate": 1, "scores": [{"name": "solved", "gold": True}]}, format="json")
    assert answer.status_code == 200
    return answer.json()


def audits(api, **query):
    answer = api.get(AUDITS, query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def numbers(found):
    """The events of a list by their numbers."""
    return [int(one["event_id"].replace("-", ""), 16) for one in found["results"]]


def test_events_are_chosen_by_a_salted_hash_at_the_rate_of_their_deployment(api, write_all, any_store, helpdesk):
    assert api.patch(HELPDESK, {"audit_rate": 0.3}, format="json").json()["audit_rate"] == 0.3
    salt = Deployment.objects.get().audit_salt

    send_events(api, *(event(number) for number in range(1, 101)), event(200, deployment_id="shop"))
    write_all()
    send_events(api, *(event(number) for number in range(1, 101)))
    write_all()

    expected = [number for number in range(1, 101) if is_audited(event_id(number), salt=salt, rate=0.3)]
    assert (len(salt), 10 < len(expected) < 50) == (32, True)
    assert sorted(row.event_id.int for row in AuditedEvent.objects.all()) == expected
    assert {(row.deployment_id, row.rate) for row in AuditedEvent.objects.all()} == {("helpdesk", 0.3)}


def test_a_deployment_has_one_salt_which_no_one_sees(api, helpdesk):
    salt = Deployment.objects.get().audit_salt

    shown = [api.patch(HELPDESK, {"audit_rate": rate}, format="json").content.decode() for rate in (0, 0.5)]

    assert Deployment.objects.get().audit_salt == salt
    assert not any(salt in text for text in [*shown, *map(str, LogEntry.objects.all())])


@pytest.mark.parametrize("rate", [-0.1, 1.1, None, "much"])
def test_a_rate_that_is_no_share_changes_nothing(api, helpdesk, rate):
    answer = api.patch(HELPDESK, {"audit_rate": rate, "enabled": False}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "audit_rate")
    assert Deployment.objects.values_list("audit_rate", "enabled").get() == (1.0, True)


def test_audits_are_listed_and_answered_by_gold_scores_alone(api, write_all, any_store, helpdesk):
    times = [(NOON + timedelta(minutes=number)).isoformat() for number in range(4)]
    events = [event(number, occurred_at=times[number], model_version_id=f"m{number % 2}") for number in range(1, 4)]
    send_scores(api, score(1, 0.5), score(2, 1, name="tone"))
    send_events(api, *events[:2], events[2] | {"feedback_shown": False})
    write_all()

    everything, first = audits(api), audits(api, page_size=2)

    assert numbers(everything) == [3, 2, 1]
    assert (numbers(first), numbers(api.get(first["next"]).json())) == ([3, 2], [1])
    assert numbers(audits(api, answered="true")) == [1]
    assert numbers(audits(api, answered="false")) == [3, 2]
    newest, _, oldest = everything["results"]
    assert (newest["feedback_shown"], newest["gold"], newest["rate"]) == (False, None, 1.0)
    assert (oldest["gold"], oldest["answered_at"] is not None) == (0.5, True)
    names = ("model_version_id", "audited", "answered", "unanswered")
    assert [tuple(one[name] for name in names) for one in first["versions"]] == [("m0", 1, 0, 1), ("m1", 2, 1, 1)]
    assert {one["message"] for one in first["versions"]} == {
        "not enough audits (0 of 20)",
        "not enough audits (1 of 20)",
    }
    assert {(one["share"], one["voluntary"]) for one in first["versions"]} == {(None, None)}


def test_the_share_of_all_events_stands_beside_that_of_votes(api, write_all, any_store, helpdesk):
    """Of 30 answers 24 are good. Every user of a bad one complains, two users of good ones praise."""
    send_events(api, *(event(number, model_version_id="m1", user_id=f"u{number}") for number in range(30)))
    send_scores(api, *(score(number, 0 if number < 6 else 1) for number in range(26)))
    downs = [signal(number, f"u{number}", type="thumbs_down") for number in range(6)]
    ups = [signal(number, f"u{number}", prompted=True) for number in (6, 7)]
    send(api, "signals", *downs, *ups)
    write_all()
    fill_evidence()

    [found] = audits(api)["versions"]

    assert (found["audited"], found["answered"], found["unanswered"], found["message"]) == (30, 26, 4, "")
    # The 18 answered ones without votes, all good, stand for 22.
    assert found["share"]["mean"] == pytest.approx(24 / 30)
    assert 0.6 < found["share"]["low"] < 0.8 < found["share"]["high"] < 0.95
    assert (found["share"]["level"], found["voluntary"]["value"], found["voluntary"]["users"]) == (0.95, 0.25, 8)
    assert corrected_approval("helpdesk")[0].share.mean == found["share"]["mean"]


def test_audits_go_with_their_events(api, write_all, any_store, helpdesk):
    send_events(api, event(1, user_id="maria"), event(2), event(3, occurred_at="2020-01-01T00:00:00Z"))
    write_all()

    erasing.erase_some([hash_person("maria")])
    left = numbers(audits(api))
    api.patch(HELPDESK, {"retention_days": 2_000}, format="json")
    retention.purge()

    assert (left, numbers(audits(api))) == ([2, 3], [2])


def test_audits_are_of_visible_deployments_only(api, helpdesk):
    assert api.get("/api/v1/deployments/elsewhere/audits").status_code == 404
    assert api.get(AUDITS, {"answered": "maybe"}).status_code == 400
    assert api.get(AUDITS, {"answer": "true"}).status_code == 400
