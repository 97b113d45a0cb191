"""The OpenAPI description of events, signals and scores says what the API takes, and its examples run."""

import jsonschema
import msgspec
import pytest

from feedback.api import item_examples
from feedback.ingestion.items import EventItem, SignalItem
from feedback.ingestion.score_items import GivenScore, ScoreItem
from feedback.ir import FeedbackEvent
from feedback.models import Event, Signal

DIALECTS = {
    "A prompt and its response": "",
    "OpenAI Chat Completions": "openai_chat",
    "OpenAI Chat Completions, answered with a tool call": "",
    "OpenAI Responses": "openai_responses",
    "Anthropic Messages": "anthropic",
    "Gemini": "gemini",
    "ShareGPT": "sharegpt",
}
# The types of values that are read later say nothing about these.
UNTYPED = {EventItem: {"tool_choice", "response_format"}, SignalItem: {"value"}}
PATHS = {
    "events": "EventItem",
    "signals": "SignalItem",
    "scores": "ScoreItem",
    "feedback-events": "FeedbackEvent",
}
EXAMPLES = {
    "events": item_examples.EVENTS,
    "signals": item_examples.SIGNALS,
    "scores": item_examples.SCORES,
    "feedback-events": item_examples.FEEDBACK_EVENTS,
}


@pytest.fixture
def document(api):
    return api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()


def body_of(document, path):
    return document["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]


def judge(document, path):
    schema = body_of(document, path)["schema"] | {"components": document["components"]}
    return jsonschema.Draft4Validator(schema)


@pytest.mark.parametrize("item", [EventItem, SignalItem, ScoreItem, GivenScore])
def test_every_field_is_described_with_its_type_and_bounds(document, item):
    described = document["components"]["schemas"][item.__name__]

    assert list(described["properties"]) == [field.name for field in msgspec.structs.fields(item)]
    assert described["additionalProperties"] is False
    assert {name for name, field in described["properties"].items() if not field.get("description")} == set()
    types = {name for name, field in described["properties"].items() if field.keys() & {"type", "anyOf", "enum"}}
    assert described["properties"].keys() - types == UNTYPED.get(item, set())


def test_every_field_of_a_feedback_event_is_described(document):
    described = document["components"]["schemas"]["FeedbackEvent"]

    assert list(described["properties"]) == [field.name for field in msgspec.structs.fields(FeedbackEvent)]
    assert {name for name, field in described["properties"].items() if not field.get("description")} == set()
    types = {name: field.get("type") for name, field in described["properties"].items()}
    assert (types["latency_ms"], types["input"], types["timestamp"]) == ("number", "object", "string")


def test_bounds_are_those_that_are_checked(document):
    named = ("EventItem", "SignalItem", "ScoreItem")
    event, signal, score = (document["components"]["schemas"][name]["properties"] for name in named)
    bounds = {name: value for name, value in event["prompt_tokens"].items() if name != "description"}

    assert bounds == {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "nullable": True}
    assert (event["prompt"]["type"], event["prompt"]["maxLength"]) == ("string", 1_000_000)
    assert event["deployment_id"]["pattern"] == "^[A-Za-z0-9._:-]{1,255}$"
    assert {"thumbs", "thumbs_up", "rating", "label", "flag"} < set(signal["type"]["enum"])
    assert (score["name"]["pattern"], score["version"]["maxLength"]) == ("^[a-z0-9_.:-]{1,64}$", 100)
    assert (event["scores"]["maxItems"], event["scores"]["items"]) == (50, {"$ref": "#/components/schemas/GivenScore"})


@pytest.mark.parametrize("path", PATHS)
def test_examples_are_part_of_the_description_and_fit_it(document, path):
    examples = {example["summary"]: example["value"] for example in body_of(document, path)["examples"].values()}

    assert examples == EXAMPLES[path]
    for value in [*examples.values(), {path.replace("-", "_"): list(examples.values())}]:
        judge(document, path).validate(value)


@pytest.mark.parametrize("name", item_examples.EVENTS)
def test_an_example_of_an_event_is_taken_and_read_back(api, write_all, name):
    example = item_examples.EVENTS[name]

    answer = api.post("/api/v1/events", example, format="json")
    write_all()

    assert (answer.status_code, answer.json().get("warnings")) == (202, None)
    event = api.get(f"/api/v1/events/{example['id']}").json()
    assert (event["prompt"], event["dialect"]) == ("Is the workshop open on Sundays?", DIALECTS[name])
    if "tool call" in name:
        assert (event["response"], event["tools_called"]) == ("", ["opening_hours"])
    else:
        assert event["response"] == "Yes, from ten to four."
    called = [call["function"]["name"] for message in event["messages"] or [] for call in message.get("tool_calls", [])]
    assert called == (
        [] if name in {"A prompt and its response", "ShareGPT"} or "tool call" in name else ["opening_hours"]
    )


@pytest.mark.parametrize("name", item_examples.SIGNALS)
def test_an_example_of_a_signal_is_taken_and_stored(api, write_all, name):
    api.post("/api/v1/events", item_examples.EVENTS["A prompt and its response"], format="json")
    write_all()

    answer = api.post("/api/v1/signals", item_examples.SIGNALS[name], format="json")
    write_all()

    assert answer.status_code == 202
    event, signal = Event.objects.get(), Signal.objects.get()
    assert signal.event_id == (None if "session" in name else event.pk)


@pytest.mark.parametrize("name", item_examples.SCORES)
def test_an_example_of_a_score_is_taken_and_stored(api, write_all, name):
    event = item_examples.EVENTS["A prompt and its response"] | {"external_id": "request-12"}
    api.post("/api/v1/events", event, format="json")
    write_all()

    answer = api.post("/api/v1/scores", item_examples.SCORES[name], format="json")
    write_all()

    assert answer.status_code == 202
    assert len(api.get(f"/api/v1/events/{event['id']}").json()["scores"]) == 1


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("events", {"deployment_id": "helpdesk", "prompt": "a"}),
        ("events", {"deployment_id": "helpdesk", "response": "a"}),
        ("events", {"deployment_id": "help desk", "prompt": "a", "response": "b"}),
        ("events", {"deployment_id": "helpdesk", "prompt": "a", "response": "b", "colour": "red"}),
        ("events", {"deployment_id": "helpdesk", "prompt": "a", "response": "b", "prompt_tokens": 1.5}),
        ("events", {"deployment_id": "helpdesk", "prompt": "a", "response": {"role": "user", "content": "b"}}),
        ("events", {"deployment_id": "helpdesk", "messages": []}),
        ("events", {"events": []}),
        ("signals", {"type": "thumbs_up"}),
        ("signals", {"type": "smile", "event_id": "6f1c0b52-38d1-4c6c-9c1e-51f4b7a0d001"}),
        ("signals", {"type": "thumbs_up", "external_id": "a"}),
        ("signals", {"type": "thumbs_up", "session_id": "a"}),
        ("scores", {"name": "solved", "value": 1}),
        ("scores", {"name": "Solved", "value": 1, "external_id": "a", "deployment_id": "helpdesk"}),
        ("scores", {"name": "solved", "external_id": "a", "deployment_id": "helpdesk"}),
    ],
)
def test_what_does_not_fit_the_description_is_rejected(api, document, path, item):
    assert not judge(document, path).is_valid(item)
    assert api.post(f"/api/v1/{path}", item, format="json").status_code == 400
