"""A deployment chooses how its answers are scored, over the API, and writers follow."""

import json

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import OperationalError

from feedback.access import keys
from feedback.choices import Scope
from feedback.models import CheckFailure, Deployment, Event, QualityChoice, RejectedItem
from feedback.quality import chosen
from feedback.quality.profiles import PROFILES
from feedback.rollups import folding, rebuilding
from feedback.stores import event_store
from tests.factories import NOON, DeploymentFactory, UserFactory

DEFAULT = PROFILES["default"].version
PATH = "tests.feedback.quality.own."
HERE = "/api/v1/deployments/helpdesk/quality-profile"


@pytest.fixture(autouse=True)
def own_checks(settings):
    settings.QUALITY_CHECKS = {"polite": f"{PATH}POLITE", "raising": f"{PATH}RAISING"}


@pytest.fixture
def helpdesk(db):
    return DeploymentFactory(id="helpdesk")


def put(api, **choice):
    return api.put(HERE, choice, format="json")


def send(api, *responses, deployment_id="helpdesk", **fields):
    items = [{"deployment_id": deployment_id, "prompt": "Where?", "response": text, **fields} for text in responses]
    answer = api.post("/api/v1/events", {"events": items}, format="json")
    assert answer.status_code == 202, answer.content


def stored_scores():
    return sorted(row["score"] for row in _scores()), {row["version"] for row in _scores()}


def _scores():
    ids = list(map(str, Event.objects.values_list("pk", flat=True)))
    return event_store().scores(ids).to_pylist()


def test_without_a_choice_the_default_profile_is_shown(api, helpdesk):
    found = api.get(HERE).json()

    assert (found["base"], found["version"], found["is_default"]) == ("default", DEFAULT, True)
    assert (found["min_length"], found["lower_bound"], found["upper_bound"]) == (None, 20, 4_000)
    assert found["checks"][1] == {
        "name": "length",
        "version": "length-3",
        "own": False,
        "runs": True,
        "weight": 1.0,
        "default_weight": 1.0,
    }
    assert found["checks"][-2:] == [
        {"name": name, "version": version, "own": True, "runs": False, "weight": None, "default_weight": None}
        for name, version in (("polite", "polite-1"), ("raising", "1"))
    ]
    assert {"name": "loop", "check_name": "repetition", "at": 0.5, "applies": True} in found["caps"]
    assert (found["failures"], found["history"]) == ([], [])


def test_a_choice_reads_back_and_is_logged(api, helpdesk, operator):
    given = {
        "weights": {"length": 2.0, "polite": 1.0},
        "excluded": ["format"],
        "ignored_caps": ["loop"],
        "max_length": 900,
    }

    answer = put(api, **given)

    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert {name: found[name] for name in given} == given
    assert found == api.get(HERE).json()
    assert found["version"].startswith(f"{DEFAULT}:")
    assert not found["is_default"]
    assert [(one["version"], one["chosen_by"]) for one in found["history"]] == [(found["version"], operator.username)]
    assert LogEntry.objects.get().change_message == f"quality profile: {found['version']}"


def test_the_same_choice_again_changes_nothing_and_an_empty_one_is_the_default(api, helpdesk):
    put(api, excluded=["format"])
    put(api, excluded=["format"], weights={"length": 1})
    assert QualityChoice.objects.count() == LogEntry.objects.count() == 1

    assert put(api).json()["is_default"]

    assert Deployment.objects.get().quality_profile is None
    assert list(QualityChoice.objects.documents()) == [None, {"excluded": ["format"]}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"base": "mine"}, "base"),
        ({"weights": {"tone": 1}}, "weights"),
        ({"weights": {"length": "much"}}, "weights.length"),
        ({"weights": [1]}, "weights"),
        ({"excluded": ["polite"]}, "excluded"),
        ({"ignored_caps": ["nap"]}, "ignored_caps"),
        ({"min_length": -1}, "min_length"),
        ({"min_length": 50, "max_length": 40}, "max_length"),
        ({"path": "os.system"}, "path"),
        ({"weights": {"tests.feedback.quality.own.POLITE": 1}}, "weights"),
    ],
)
def test_a_wrong_choice_is_rejected_by_field_and_changes_nothing(api, helpdesk, body, field):
    answer = put(api, **body)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert Deployment.objects.get().quality_profile is None


def test_only_a_user_who_may_change_deployments_chooses(client, helpdesk):
    _, secret = keys.create(UserFactory(), "test", [Scope.READ, Scope.OPERATE])

    answer = client.put(HERE, "{}", content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert answer.status_code == 403


def test_events_follow_the_choice_of_their_deployment_and_older_ones_keep_their_score(api, helpdesk, write_all):
    with time_machine.travel(NOON, tick=True):
        send(api, "Paris")
        write_all()
        version = put(api, excluded=["length"]).json()["version"]
        send(api, "Paris")
        send(api, "Paris", deployment_id="shop")
        write_all()

    assert stored_scores() == ([0.95, 0.95, 1.0], {DEFAULT, version})
    by_deployment = sorted(Event.objects.values_list("deployment_id", "quality_score"))
    assert by_deployment == [("helpdesk", 0.95), ("helpdesk", 1.0), ("shop", 0.95)]


def test_figures_of_a_deployment_are_those_of_its_choice_alone(api, helpdesk, write_all):
    send(api, "Paris", "Rome")
    write_all()
    put(api, excluded=["length"])
    send(api, "Paris")
    write_all()
    folding.fold()

    found = api.get("/api/v1/deployments/helpdesk/quality").json()

    assert (found["n"], found["mean"]) == (1, 1.0)
    assert (found["total"]["checks"]["n"], found["total"]["checks"]["mean"]) == (1, 1.0)
    assert rebuilding.rebuild(helpdesk, is_check=True).differences == []


def test_texts_that_are_dropped_are_scored_by_the_choice_before(api, helpdesk, write_all):
    Deployment.objects.update(content_policy="drop")
    put(api, excluded=["length"])

    send(api, "Paris")
    write_all()

    assert stored_scores()[0] == [1.0]


def test_the_crucible_profile_can_be_a_deployments_own(api, helpdesk, write_all):
    put(api, base="crucible")

    send(api, "Paris", "Paris is the capital of France, of course.")
    write_all()

    assert stored_scores() == ([0.775, 0.925], {"crucible-1"})
    assert {row["profile"] for row in _scores()} == {"default"}


def test_a_check_that_fails_is_counted_and_shown_and_every_event_is_stored(api, helpdesk, write_all):
    put(api, weights={"raising": 5, "polite": 1})

    with time_machine.travel(NOON, tick=True):
        send(api, "Would you please sit down over there?", "The parcel left on Monday.")
        write_all()
        found = api.get(HERE).json()["failures"]
        by_check = api.get("/api/v1/deployments/helpdesk/quality").json()["total"]["by_check"]

    assert stored_scores()[0] == [0.85, 1.0]
    assert [(one["check_name"], one["reason"], one["n"]) for one in found] == [("raising", "raised ValueError", 2)]
    assert CheckFailure.objects.get().n == 2
    assert not RejectedItem.objects.exists()
    checks = [{check["name"] for check in json.loads(row["checks"])} for row in _scores()]
    assert all("polite" in names and "raising" not in names for names in checks)
    assert [one["name"] for one in by_check] == ["format", "length", "polite", "refusal", "repetition"]


def test_one_response_is_scored_by_the_choice_of_a_deployment(api, helpdesk):
    version = put(api, weights={"raising": 1}, excluded=["length"]).json()["version"]

    def assess(**fields):
        return api.post("/api/v1/quality/assess", {"response": "Paris", **fields}, format="json")

    found = assess(deployment_id="helpdesk").json()
    assert (found["version"], found["score"]) == (version, 1.0)
    assert found["failures"] == [{"check_name": "raising", "reason": "raised ValueError"}]
    assert assess().json()["version"] == DEFAULT
    assert assess(deployment_id="nobody").status_code == 404
    assert assess(deployment_id="helpdesk", profile="crucible").json()["errors"][0]["field"] == "profile"


def test_a_limited_key_sees_only_its_deployments_profile(client, operator, helpdesk):
    _, secret = keys.create(operator, "test", [Scope.READ, Scope.OPERATE], deployments=["shop"])
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

    assert client.get(HERE, **headers).status_code == 404
    body = json.dumps({"response": "Paris", "deployment_id": "helpdesk"})
    answer = client.post("/api/v1/quality/assess", body, content_type="application/json", **headers)
    assert answer.status_code == 404


def test_choices_are_read_once_in_two_seconds_and_last_ones_hold_while_the_database_is_away(
    helpdesk, monkeypatch, django_assert_num_queries
):
    Deployment.objects.update(quality_profile={"excluded": ["format"]})
    with django_assert_num_queries(1):
        version = chosen.profile_of("helpdesk").version
        assert all(chosen.profile_of("helpdesk").version == version for _ in range(100))

    def away():
        raise OperationalError

    monkeypatch.setattr(chosen, "_read", away)
    chosen._known.tried_at = -chosen.REFRESH_SECONDS
    assert chosen.profile_of("helpdesk").version == version
    chosen.forget()
    with pytest.raises(OperationalError):
        chosen.profile_of("helpdesk")


def test_what_a_later_version_stored_scores_by_the_default(helpdesk, api):
    Deployment.objects.update(quality_profile={"mood": "strict"})

    assert chosen.profile_of("helpdesk").version == DEFAULT
    assert api.get(HERE).json()["is_default"]


def test_the_console_shows_the_choice_and_saves_it(console, helpdesk):
    page = "/admin/feedback/deployment/helpdesk/quality-profile/"
    shown = console.get(page)
    assert shown.context["form"].initial["weight_length"] == "1"
    data = {name: value for name, value in shown.context["form"].initial.items() if value not in (None, "")}

    answer = console.post(page, data | {"weight_length": "", "weight_polite": "2.5", "max_length": "900"})

    assert answer.status_code == 302
    stored = Deployment.objects.get().quality_profile
    assert stored == {"weights": {"polite": 2.5}, "excluded": ["length"], "max_length": 900}
    again = console.get(page)
    assert (again.context["form"].initial["weight_length"], again.context["form"].initial["weight_polite"]) == (
        "",
        "2.5",
    )


def test_the_console_says_what_is_wrong(console, helpdesk):
    page = "/admin/feedback/deployment/helpdesk/quality-profile/"

    answer = console.post(page, {"base": "default", "min_length": "50", "max_length": "40", "weight_length": "-1"})

    assert answer.status_code == 200
    assert "Ensure this value is greater than or equal to 0" in answer.content.decode()
    answer = console.post(page, {"base": "default", "min_length": "50", "max_length": "40", "weight_length": "1"})
    assert "min_length (50) must not exceed max_length (40)" in answer.content.decode()
    assert Deployment.objects.get().quality_profile is None
