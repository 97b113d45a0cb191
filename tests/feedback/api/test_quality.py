import json

import pytest

from feedback.rollups.rolling import rolling_average
from tests.factories import DeploymentFactory, EventFactory
from tests.feedback.stores import rows

OLD_CHECK = {
    "name": "repetition",
    "score": 0.0,
    "passed": False,
    "details": {"repetition_ratio": 1.0},
    "version": "default-3",
}


def test_assess_gives_the_score_and_its_checks(api):
    answer = api.post(
        "/api/v1/quality/assess", {"prompt": "Hi?", "response": "I cannot help with that."}, format="json"
    )

    body = answer.json()
    assert (answer.status_code, body["profile"]) == (200, "default")
    details = {check["name"]: check["details"] for check in body["checks"]}
    assert details["refusal"]["refusal"] == "full"
    assert details["repetition"]["repetition_ratio"] == 0
    assert {check["name"]: check["score"] for check in body["checks"]} == {
        "format": 1,
        "length": 1,
        "refusal": 0,
        "repetition": 1,
    }
    assert body["caps"] == [{"name": "full_refusal", "at": 0.2}]
    assert (body["score"], body["version"]) == (pytest.approx(0.15), "default-5")


def test_assess_needs_no_prompt(api):
    answer = api.post("/api/v1/quality/assess", {"response": '{"ok": true}', "profile": "crucible"}, format="json")

    assert (answer.status_code, answer.json()["score"]) == (200, 0.85)


def test_the_quality_of_an_event_names_its_caps(api, any_store):
    capped = {**OLD_CHECK, "version": "repetition-3", "cap": {"name": "loop", "at": 0.5}}
    rows.add_events(
        any_store,
        *(rows.event(number, quality_score=0.375) for number in (1, 2)),
        scores=[rows.score(1, checks=json.dumps([OLD_CHECK])), rows.score(2, checks=json.dumps([capped]))],
    )

    old, new = (api.get(f"/api/v1/events/{rows.event_id(number)}").json()["quality"] for number in (1, 2))

    assert old == {"score": 0.375, "checks": [OLD_CHECK], "caps": []}
    assert new == {
        "score": 0.375,
        "checks": [{**OLD_CHECK, "version": "repetition-3"}],
        "caps": [{"name": "loop", "at": 0.5}],
    }


CALL = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": '{"day": "Monday"}'}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
HOURS = {"name": "hours", "input_schema": {"type": "object", "properties": {"day": {"type": "integer"}}}}
ASKED = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "required": ["n"]}}}


@pytest.mark.parametrize(
    ("body", "score", "names"),
    [
        ({"prompt": "When?", "response": CALLING}, 1.0, ["tool_calls"]),
        ({"messages": [{"role": "user", "content": "When?"}, CALLING]}, 1.0, ["tool_calls"]),
        ({"prompt": "When?", "response": CALLING, "tools": [HOURS]}, 0.0, ["tool_calls"]),
        ({"prompt": "When?", "response": CALLING, "tools": None, "tool_choice": "none"}, 0.0, ["tool_calls"]),
        (
            {"prompt": "n?", "response": '{"n": "twenty or so"}', "response_format": ASKED, "finish_reason": None},
            1.0,
            ["format", "length", "refusal", "repetition", "structured_output"],
        ),
        (
            {"prompt": "n?", "response": [{"type": "text", "text": "It is the number of"}], "finish_reason": "length"},
            0.5,
            ["format", "length", "refusal", "repetition", "truncation"],
        ),
    ],
)
def test_assess_takes_whole_messages_and_what_was_asked_for(api, body, score, names):
    answer = api.post("/api/v1/quality/assess", body, format="json")

    assert answer.status_code == 200, answer.json()
    assert answer.json()["score"] == pytest.approx(score)
    assert [check["name"] for check in answer.json()["checks"]] == names


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompt": "x"}, "response"),
        ({"prompt": "x", "response": "y", "z": 1}, "z"),
        ({"profile": "none"}, "profile"),
        ({"prompt": None, "response": "y"}, "prompt"),
        ({"prompt": "x", "response": None}, "response"),
        ({"prompt": "x", "response": {"role": "user", "content": "y"}}, "response"),
        ({"messages": [{"role": "user", "content": "y"}]}, "response"),
        ({"messages": {}, "response": "y"}, "messages"),
        ({"prompt": "x", "response": "y", "tools": [{}]}, "tools"),
        ({"prompt": "x", "response": "y", "tool_choice": 5}, "tool_choice"),
        ({"prompt": "x", "response": "y", "response_format": []}, "response_format"),
        ({"prompt": "x", "response": "y", "finish_reason": "x" * 256}, "finish_reason"),
    ],
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
