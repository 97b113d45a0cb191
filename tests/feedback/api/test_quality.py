import pytest

from feedback.rollups.rolling import rolling_average
from tests.factories import DeploymentFactory, EventFactory


def test_assess_gives_the_score_and_its_checks(api):
    answer = api.post(
        "/api/v1/quality/assess", {"prompt": "Hi?", "response": "I cannot help with that."}, format="json"
    )

    body = answer.json()
    assert (answer.status_code, body["profile"]) == (200, "default")
    details = {check["name"]: check["details"] for check in body["checks"]}
    assert details["refusal"]["refusal"] == "full"
    assert details["repetition"]["repetition_ratio"] == 0
    assert body["score"] < 0.7


@pytest.mark.parametrize(
    ("body", "field"),
    [({"prompt": "x"}, "response"), ({"prompt": "x", "response": "y", "z": 1}, "z"), ({"profile": "none"}, "profile")],
)
def test_a_bad_question_is_named(api, body, field):
    answer = api.post("/api/v1/quality/assess", body, format="json")

    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_mask_gives_text_and_spans(api):
    answer = api.post("/api/v1/mask", {"text": "é: write to ann@example.com"}, format="json")

    assert answer.json() == {"text": "é: write to [EMAIL]", "spans": [{"start": 12, "end": 27, "kind": "EMAIL"}]}


def test_the_rolling_average_ignores_events_without_a_score(db):
    for score in (0.5, None, 0.7, None, 0.9):
        EventFactory(quality_score=score)

    average = rolling_average("helpdesk", 1_000)

    assert (average.n, average.mean) == (3, pytest.approx(0.7))
    assert (average.low, average.high) == (pytest.approx(0.7 - 1.959964 * 0.2 / 3**0.5), pytest.approx(0.926321, 1e-5))


@pytest.mark.parametrize(("scores", "mean"), [([], None), ([None], None), ([0.4], 0.4)])
def test_too_few_scores_give_no_interval(db, scores, mean):
    for score in scores:
        EventFactory(quality_score=score)

    average = rolling_average("helpdesk", 1_000)

    assert (average.mean, average.low, average.high) == (mean, None, None)


def test_quality_of_a_deployment_has_n_interval_and_buckets(api, write_all):
    events = [
        {"deployment_id": "helpdesk", "model_version_id": version, "prompt": "How?", "response": text}
        for version, text in (("v1", "Open the settings page and follow the link."), ("v2", ""), ("v2", ""))
    ]
    api.post("/api/v1/events", {"events": events}, format="json")
    write_all()

    body = api.get("/api/v1/deployments/helpdesk/quality").json()

    assert body["n"] == 3
    assert [(bucket["model_version_id"], bucket["n"]) for bucket in body["buckets"]] == [("v1", 1), ("v2", 2)]
    total = sum(bucket["n"] * bucket["mean"] for bucket in body["buckets"])
    assert body["mean"] == pytest.approx(total / 3)
    assert body["interval"][0] < body["mean"] < body["interval"][1]
    assert api.get("/api/v1/deployments/nobody/quality").status_code == 404


def test_deployments_are_listed(api):
    DeploymentFactory(id="a")
    DeploymentFactory(id="b")

    listed = api.get("/api/v1/deployments").json()

    assert [row["id"] for row in listed["results"]] == ["b", "a"]
    assert api.get("/api/v1/deployments/a").json()["enabled"] is True
    assert api.get("/api/v1/deployments/c").status_code == 404
