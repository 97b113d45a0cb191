"""Judges over the API and the command: what can be chosen, who may, and what is shown."""

import io

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from config import doctor
from feedback.access import keys
from feedback.judging import budget, configuring, storing
from feedback.models import Deployment, Judge, JudgeConsent
from tests.factories import ALL_SCOPES, StaffFactory
from tests.feedback.factories import JudgeFactory, JudgementFactory
from tests.feedback.judging.conftest import event_id

JUDGES = "/api/v1/judges"
CONSENT = "/api/v1/deployments/helpdesk/judge-consent"
BODY = {"deployment_id": "helpdesk", "name": "strict", "rubric": "tip-v1", "endpoints": ["small"]}


@pytest.fixture
def deployment(db):
    return Deployment.objects.create(id="helpdesk")


def error_of(answer):
    (error,) = answer.json()["errors"]
    return answer.status_code, error["field"], error["message"]


def post(api, **changes):
    return api.post(JUDGES, BODY | changes, format="json")


def test_a_judge_is_added_enabled_changed_and_shown(api, deployment, endpoint):
    endpoint()
    added = post(api)
    address = f"{JUDGES}/{added.json()['id']}"
    refused = api.patch(address, {"enabled": True}, format="json")
    accepted = api.put(CONSENT)
    enabled = api.patch(address, {"enabled": True, "sampling": "uncertain", "daily_tokens": 5_000}, format="json")

    assert (added.status_code, refused.status_code, accepted.status_code) == (201, 409, 200)
    assert accepted.json()["accepted_by"]
    assert enabled.status_code == 200
    shown = api.get(address).json()
    assert shown == enabled.json()
    assert {name: shown[name] for name in ("name", "assessor", "rubric", "enabled", "sampling", "daily_tokens")} == {
        "name": "strict",
        "assessor": "judge:strict",
        "rubric": "tip-v1",
        "enabled": True,
        "sampling": "uncertain",
        "daily_tokens": 5_000,
    }
    assert shown["today"] == {
        "tokens": 0,
        "cost_usd": "0.00000000",
        "calls": 0,
        "hedged_calls": 0,
        "exhausted": False,
    }
    assert [one["id"] for one in api.get(JUDGES, {"deployment_id": "helpdesk"}).json()["results"]] == [shown["id"]]
    assert api.delete(CONSENT).status_code == 204
    assert api.get(CONSENT).json() == {"accepted_by": None, "accepted_at": None}


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"surprise": 1}, "surprise", "surprise is not a field of this resource"),
        ({"name": "A B"}, "name", "This value does not match the required pattern."),
        ({"rubric": "tip-v9"}, "rubric", "There is no rubric tip-v9"),
        ({"endpoints": ["absent"]}, "endpoints", "LLM_ENDPOINTS has no endpoint absent."),
        ({"endpoints": ["small", "small"]}, "endpoints", "At most 7 endpoints, each once."),
        ({"strategy": "majority"}, "strategy", "Voting needs two endpoints or more."),
        ({"endpoints": ["small", "large"]}, "strategy", "Several endpoints need a strategy of voting."),
        (
            {"endpoints": ["small", "large"], "strategy": "majority", "execution_mode": "sequential"},
            "min_agreement",
            "Asking one by one ends at this agreement",
        ),
        (
            {"endpoints": ["small", "large"], "strategy": "majority", "execution_mode": "cascade"},
            "strategy",
            "With the execution cascade one vote counts: use none.",
        ),
        (
            {"endpoints": ["small", "large"], "execution_mode": "hedged"},
            "execution_mode",
            "Hedged needs two endpoints and a hedging that is not off.",
        ),
        ({"weights": {"large": 2}}, "weights", "Weights are an object by names of the judge's endpoints."),
        ({"weights": {"small": 0}}, "weights", "A weight is a number above 0"),
        ({"daily_usd": "1.00"}, "daily_usd", "The endpoint small has no price in LLM_ENDPOINTS."),
        ({"daily_usd": "-1"}, "", "judge_daily_usd_above_0"),
        ({"sampling_rate": 2}, "sampling_rate", "Ensure this value is less than or equal to 1."),
        ({"hedging_strategy": "sometimes"}, "hedging_strategy", "is not a valid choice"),
    ],
)
def test_what_does_not_fit_is_an_error_by_field(api, deployment, endpoint, changes, field, message):
    endpoint()
    endpoint(name="large")
    if changes.get("daily_usd") == "-1":
        endpoint(prompt_usd_per_million=1)

    status, found, said = error_of(post(api, **changes))

    assert (status, found) == (400, field)
    assert message in said
    assert Judge.objects.count() == 0


def test_a_name_is_unique_in_its_deployment(api, deployment, endpoint):
    endpoint()
    post(api)

    assert error_of(post(api)) == (400, "name", "helpdesk has a judge of this name already.")


def test_keys_and_users_see_and_change_what_they_may(api, deployment, endpoint, operator):
    endpoint()
    judge = JudgeFactory()
    JudgementFactory(judge=judge)
    Deployment.objects.create(id="shop")
    limited, reader = APIClient(), APIClient()
    _, secret = keys.create(operator, "shop", ALL_SCOPES, deployments=["shop"])
    limited.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    _, secret = keys.create(StaffFactory(username="reader", is_superuser=False), "none", ALL_SCOPES)
    reader.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    for address in (JUDGES, "/api/v1/judgements"):
        assert limited.get(address).json()["results"] == []
        assert reader.get(address).status_code == 403
    assert limited.get(f"{JUDGES}/{judge.pk}").status_code == 404
    assert post(limited).status_code == 404
    assert limited.put(CONSENT).status_code == 404
    for answer in (
        post(reader),
        reader.patch(f"{JUDGES}/{judge.pk}", {"max_per_run": 1}, format="json"),
        reader.put(CONSENT),
    ):
        assert answer.status_code == 403
    assert (Judge.objects.get().max_per_run, JudgeConsent.objects.count()) == (50, 0)


def test_judgements_are_listed_with_their_votes(api, events, judge, endpoint, ran):
    events(1, 2)
    endpoint(prompt_usd_per_million=2)
    one = judge()
    ran(one)

    (found,) = api.get("/api/v1/judgements", {"event_id": event_id(1), "status": "judged"}).json()["results"]

    assert (found["judge"], found["rubric"], found["source"], found["cached"]) == (
        *("strict", "tip-v1", "endpoint", False),
    )
    assert (found["cost_usd"], found["votes"][0]["endpoint"]) == ("0.00140000", "small")
    quality = api.get("/api/v1/deployments/helpdesk/quality").json()["judges"]
    assert [(row["assessor"], row["rubric"], row["n"], row["agreement"]) for row in quality] == [
        ("judge:strict", "tip-v1", 2, None)
    ]
    assert quality[0]["mean"] == pytest.approx(0.8)
    scores = api.get(f"/api/v1/events/{event_id(1)}").json()["scores"]
    assert [one["assessor"] for one in scores if one["assessor"] != "checks"] == ["judge:strict"]


def test_a_list_of_judges_reads_what_they_used_at_once(api, judge, django_assert_max_num_queries):
    for number in range(6):
        budget.reserve(judge(name=f"judge-{number}", endpoints=["small"]), tokens=number + 1, cost_usd=0.0)

    with django_assert_max_num_queries(12):
        found = api.get(JUDGES).json()["results"]

    assert sorted(one["today"]["tokens"] for one in found) == [1, 2, 3, 4, 5, 6]


def test_without_judges_quality_has_none(api, deployment):
    assert api.get("/api/v1/deployments/helpdesk/quality").json()["judges"] is None


def command(*arguments):
    said = io.StringIO()
    call_command("judge", *arguments, stdout=said)
    return said.getvalue()


def test_the_command_judges_now(events, judge, endpoint):
    events(1, 2, 3)
    endpoint()
    one = judge()

    assert command("helpdesk", "--most", "2").startswith(
        "strict: 2 judged (0 from the cache), 0 unjudged; today 1,500 of 200,000 tokens, 0.0000 USD"
    )
    storing.pause(one, "The endpoint small is unusable: it rejects the key (401).")
    assert command("helpdesk") == ("strict: nothing asked, The endpoint small is unusable: it rejects the key (401).\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shop"], "shop has no enabled judge with endpoints."),
        (["helpdesk", "--judge", "lenient"], "helpdesk has no judge lenient with endpoints."),
        (["helpdesk", "--most", "-1"], "--most must be at least 1."),
        (["helpdesk"], "No user has accepted that masked texts of helpdesk are sent to endpoints."),
    ],
)
def test_the_command_says_why_nothing_is_judged(judge, arguments, message):
    judge()
    JudgeConsent.objects.all().delete()

    with pytest.raises(CommandError, match=message):
        command(*arguments)


def test_doctor_names_judges_that_cannot_ask(judge, endpoint, operator, monkeypatch):
    monkeypatch.delenv("JUDGE_KEY_ABSENT", raising=False)
    endpoint(key_env="JUDGE_KEY_ABSENT")
    endpoint(name="good")
    judge()
    judge(name="elsewhere", endpoints=["gone"])
    judge(name="fine", endpoints=["good"])
    paused = judge(name="paused", endpoints=["good"])
    storing.pause(paused, "The endpoint good is unusable: it rejects the key (401).")

    finding = doctor.judges()

    assert finding.problem == (
        "Judges cannot ask their endpoints: helpdesk strict: The worker has no environment variable JUDGE_KEY_ABSENT.; "
        "helpdesk elsewhere: LLM_ENDPOINTS of the worker has no endpoint gone.; "
        "helpdesk paused: The endpoint good is unusable: it rejects the key (401)."
    )
    configuring.enable(paused, by=operator)
    Judge.objects.filter(name__in=["strict", "elsewhere"]).delete()
    assert doctor.judges() is None
