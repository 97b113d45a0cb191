"""The groups of a deployment beside each other, over the API and in the console."""

import uuid

import pytest
from django.urls import reverse

from feedback.choices import FeedbackState
from feedback.models import Deployment, Evidence
from tests.factories import NOON, DeploymentFactory
from tests.feedback.evidence.keeping.sent import event, event_id, send

REFUSAL = "I'm sorry, but I can't help with that request."


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def declared(**fields):
    DeploymentFactory(id="helpdesk", **fields)


def sent(api, write_all, *, votes=False, gold=None):
    """40 events of version a, which refuses, and 40 of b, which does not."""
    events = [
        event(
            number,
            model_version_id="a" if number < 40 else "b",
            occurred_at=NOON.isoformat(),
            **({"response": REFUSAL} if number < 40 else {}),
        )
        for number in range(80)
    ]
    send(api, "events", *events)
    write_all()
    if votes:
        for number in range(80):
            up = float(number >= 40)
            Evidence.objects.create(
                event_id=event_id(number),
                deployment_id="helpdesk",
                model_version_id="a" if number < 40 else "b",
                occurred_at=NOON,
                state=FeedbackState.GOOD if up else FeedbackState.BAD,
                voters=[number + 1],
                ups=[up],
                downs=[1 - up],
                gold=[] if gold is None else [gold],
                up=up,
                down=1 - up,
                users=1,
                weights_version="w",
            )


def get(api, **query):
    return api.get("/api/v1/deployments/helpdesk/fairness", query)


def verdicts(body, name):
    (outcome,) = [one for one in body["outcomes"] if one["name"] == name]
    return {one["group"]: one["verdict"] for one in outcome["comparisons"]}


def test_versions_are_compared_with_the_rest(api, write_all):
    declared()
    sent(api, write_all, votes=True)

    body = get(api).json()

    assert (body["by"], body["threshold"], body["fewest"], body["more"]) == ("model_version", 0.8, 30, 0)
    assert verdicts(body, "not_refused") == {"a": "lower", "b": "higher"}
    assert verdicts(body, "approval") == {"a": "lower", "b": "higher"}
    parity = {(one["metric"], one["outcome"]): one for one in body["metrics"]}
    assert parity["demographic_parity", "not_refused"]["verdict"] == "violated"
    assert not parity["equal_opportunity", "approval"]["computable"]
    assert "gold score" in parity["predictive_parity", "approval"]["reason"]


def test_metrics_with_a_truth_need_gold_scores(api, write_all):
    declared()
    sent(api, write_all, votes=True, gold=1.0)

    metrics = {(one["metric"], one["outcome"]): one["verdict"] for one in get(api).json()["metrics"]}

    assert metrics["equal_opportunity", "approved_if_good"] == "violated"
    assert metrics["equalized_odds", "approved_if_bad"] == "not_enough_data"
    assert metrics["predictive_parity", "good_if_approved"] == "not_enough_data"


def test_declared_keys_are_compared_and_options_choose(api, write_all):
    stated = {"metrics": ["demographic_parity"], "group_by": "plan", "threshold": 0.9}
    declared(segment_keys=["plan"], options={"fairness": stated})

    body = get(api).json()

    assert (body["by"], body["threshold"]) == ("plan", 0.9)
    assert [(one["metric"], one["computable"]) for one in body["metrics"]] == [("demographic_parity", False)]
    assert get(api, by="model_version", threshold=0.7).json()["threshold"] == 0.7


def test_an_undeclared_key_is_an_error(api):
    declared()

    answer = get(api, by="country")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "by")


def test_few_events_are_not_compared(api, write_all):
    declared()
    send(api, "events", event(1, model_version_id="a"), event(2, model_version_id="b", id=str(uuid.uuid4())))
    write_all()

    assert set(verdicts(get(api).json(), "not_refused").values()) == {"not_enough_data"}


def test_the_page_shows_chart_and_tables(console, api, write_all, django_assert_max_num_queries):
    declared()
    sent(api, write_all, votes=True)
    address = reverse("admin:feedback_deployment_fairness", args=["helpdesk"])

    with django_assert_max_num_queries(12):
        page = console.get(address).content.decode()

    assert "Fairness metrics, smallest ratio 0.8" in page
    assert "not computable" in page
    assert "What these figures cannot tell" in page
    assert console.get(address, {"by": "country"}).status_code == 404
    assert console.get(address, {"days": "5"}).status_code == 404
    assert Deployment.objects.count() == 1


def test_the_page_of_a_deployment_without_events_says_so(console):
    declared()

    page = console.get(reverse("admin:feedback_deployment_fairness", args=["helpdesk"])).content.decode()

    assert "there is nothing to compare" in page
    assert "fairness-chart" not in page
