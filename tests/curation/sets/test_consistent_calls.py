"""Sets of tool calls that no user says anything about, from sending them to the rows."""

import json
from datetime import timedelta

import pytest

from curation.models import CuratedSet
from feedback.models import Deployment, ToolRename
from tests.factories import NOON, StaffFactory

pytestmark = pytest.mark.django_db
SETS = "/api/v1/deployments/agents/curated-sets"
CITIES = ["Oslo", "Bern", "Rome", "Lima", "Kyiv", "Cork", "Bonn", "Nice"]
STREETS = ["Mill", "Hill", "Park", "Lake", "North", "South", "West", "East", "High", "Church", "Main", "Oak", "Elm"]


def declared(name, *required):
    schema = {"type": "object", "properties": {one: {"type": "string"} for one in required}, "required": required}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TOOLS = [declared("find_food", "city"), declared("book_table", "city", "street")]


def event(number, asked, name, arguments, **fields):
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": "c", "type": "function", "function": function}
    return {
        "deployment_id": "agents",
        "session_id": str(number),
        "messages": [{"role": "user", "content": asked}],
        "response": {"role": "assistant", "content": None, "tool_calls": [call]},
        "occurred_at": (NOON + timedelta(seconds=number)).isoformat(),
        "tools": TOOLS,
    } | fields


def traffic(*, find="find_food", **fields):
    """Half of the conversations look for food, the other half for a table; every call is right."""
    found = []
    for number, (city, street) in enumerate((city, street) for city in CITIES for street in STREETS[:10]):
        if number % 2:
            found.append(event(number, f"Book me a table in {city} at {street} street {number}.", "book_table",
                               {"city": city, "street": street}, **fields))  # fmt: skip
        else:
            found.append(event(number, f"What can I eat in {city} near {street}, number {number}?", find,
                               {"city": city}, **fields))  # fmt: skip
    return found


def more(**fields):
    return [one | {"session_id": f"more {number}"} for number, one in enumerate(_further(**fields))]


def _further(**fields):
    for number, street in enumerate(STREETS[10:] + STREETS[:7], start=100):
        for city in CITIES[:3]:
            asked = f"Where do people in {city} eat on {street} road, please? It is for {number} guests."
            yield event(number, asked, "find_food", {"city": city}, **fields)


@pytest.fixture
def send(api, write_all):
    def send(events):
        receipt = api.post("/api/v1/events", {"events": events}, format="json")
        assert receipt.status_code == 202, receipt.json()
        write_all()

    return send


@pytest.fixture
def curate(api, running_tasks):
    def curate(**body):
        with running_tasks():
            answer = api.post(SETS, {"name": "calls", "strategies": ["consistent_call"], **body}, format="json")
        assert answer.status_code == 202, answer.data
        return CuratedSet.objects.get(pk=answer.data["id"])

    return curate


def waiting(curated_set):
    return {row.queue_reason for row in curated_set.examples.queued()}


def test_calls_that_fit_are_accepted_without_any_signal_and_a_foreign_one_waits(send, curate):
    wrong = event(900, "What can I eat in Oslo, near the old harbour?", "book_table", {"city": "Lima", "street": "Oak"})
    send([*traffic(), *more(), wrong])

    made = curate()

    [row] = made.examples.queued()
    assert (row.messages[0]["content"], row.strategy) == (wrong["messages"][0]["content"], "consistent_call")
    assert "below 0.85; usual is find_food. Not in the conversation: city, street." in row.queue_reason
    assert made.funnel["consistent_call"]["queued"] == 1
    # The others are near-copies.
    assert made.counts == {"consistent_call": made.examples.accepted().count()} == {"consistent_call": 90}


def test_a_call_that_its_tool_does_not_take_waits(send, curate):
    broken = event(900, "Book me a table in Cork at Elm street 900.", "book_table", {"city": "Cork"})
    send([*traffic(), *more(), broken])

    made = curate()

    assert waiting(made) == {"Calls book_table, which the event does not declare, or not with these arguments."}


def test_with_few_answers_all_wait(send, curate):
    send(traffic()[:20])

    made = curate()

    assert made.counts == {}
    assert waiting(made) == {
        "Calls find_food; too few answers to compare it with.",
        "Calls book_table; too few answers to compare it with.",
    }
    assert made.error == "No row passed; 20 wait in the queue for a person."


def test_former_names_count_as_those_that_a_person_confirmed(send, curate):
    send([*traffic(find="lookup", tools=None), *more()])
    Deployment.objects.get_or_create(pk="agents")
    ToolRename.objects.create(
        deployment_id="agents", old_name="lookup", new_name="find_food", similarity=0.8,
        status="confirmed", decided_by=StaffFactory(), decided_at=NOON,
    )  # fmt: skip

    made = curate()

    assert waiting(made) == set()
    assert {row.reason.split(",")[0] for row in made.examples.accepted()} == {"Calls find_food", "Calls book_table"}


def test_answers_without_calls_are_no_rows(send, curate, api):
    texts = [
        {"deployment_id": "agents", "prompt": f"Hello {number}", "response": "How can I help?", "id": None}
        for number in range(3)
    ]
    send([*traffic(), *more(), *texts])

    made = curate()

    assert made.funnel["consistent_call"]["no_call"] == 3
    [said, *_] = [row for row in api.get("/api/v1/events").data["results"] if row["prompt"] == "Hello 2"]
    reasons = api.get(f"/api/v1/events/{said['id']}/why").data["reasons"]
    assert reasons[-1]["sentence"] == "Its answer calls no tool."


def test_the_same_request_gives_the_same_set(send, curate):
    send([*traffic(), *more()])

    first, second = curate(), curate()

    assert first.content_hash == second.content_hash
    assert list(first.examples.values_list("score")) == list(second.examples.values_list("score"))
