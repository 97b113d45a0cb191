"""New names of tools that are gone: proposed from stored calls, confirmed by persons, used by nobody before."""

import gzip
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from benchmarks import labelled_data, tool_names
from feedback.deployments.renames import reading
from feedback.deployments.renames.deciding import confirmed_renames
from feedback.models import Deployment, ToolList, ToolRename
from tests.factories import NOON, DeploymentFactory
from tests.servers.workers import tasks_run_at_once

pytestmark = pytest.mark.django_db
EVENTS, URL = "/api/v1/events", "/api/v1/deployments/agents/tool-renames"
CHANGED_AT = NOON + timedelta(days=2)
PERIOD = {"since": CHANGED_AT.isoformat()}
SENTENCE = "Your parcel is on its way and arrives on Thursday in the afternoon."
OLD = [
    ("dispatch", {"recipient": "Bo", "address": "Mill Lane 2", "date": "2026-05-09"}),
    ("reply", {"message": SENTENCE}),
    ("resize", {"width": 3, "height": 4.5, "layers": [1]}),
]
NEW = [
    ("SendParcel", {"to": "Ann", "street": "Hill Road 4", "day": "2026-03-02"}),
    ("say", {"text": SENTENCE}),
]


def answer(name, arguments):
    call = {"id": "c", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def called(calls, at, **fields):
    return [
        {
            "deployment_id": "agents",
            "messages": [{"role": "user", "content": "Send it."}],
            "response": answer(*call),
            "occurred_at": at.isoformat(),
        }
        | fields
        for call in calls
    ]


@pytest.fixture
def send(api, write_all):
    def send(events):
        receipt = api.post(EVENTS, {"events": events}, format="json")
        assert receipt.status_code == 202, receipt.json()
        write_all()

    return send


@pytest.fixture
def propose(api, django_capture_on_commit_callbacks):
    """Ask for proposals and let the task run; returns the status and old and new names."""

    def propose(**body):
        with tasks_run_at_once(), django_capture_on_commit_callbacks(execute=True):
            status = api.post(f"{URL}/propose", body, format="json").status_code
        return status, listed(api)

    return propose


def listed(api, **query):
    rows = api.get(URL, query).json()["results"]
    return sorted((row["old_name"], row["new_name"], row["status"]) for row in rows)


def rename(old="lookup", new="find", **fields):
    Deployment.objects.get_or_create(pk="agents")
    return ToolRename.objects.create(
        **{"deployment_id": "agents", "old_name": old, "new_name": new, "similarity": 0.8} | fields
    )


def test_tools_that_are_gone_are_proposed_by_their_calls(api, send, propose, any_store):
    send([*called(OLD, NOON), *called(NEW, CHANGED_AT)])

    status, found = propose(**PERIOD)

    assert status == 202
    assert found == [("dispatch", "SendParcel", "proposed"), ("reply", "say", "proposed")]
    assert confirmed_renames("agents") == {}
    [row] = [row for row in api.get(URL).json()["results"] if row["old_name"] == "dispatch"]
    assert row["old_shape"] == {
        "calls": 1,
        "arguments": [
            {"name": "address", "share": 1.0, "kind": "word"},
            {"name": "date", "share": 1.0, "kind": "date"},
            {"name": "recipient", "share": 1.0, "kind": "word"},
        ],
        "results": [],
    }
    assert set(row["evidence"]) == {"kinds", "arguments", "names"}
    assert "Mill" not in json.dumps(row)


def test_a_tool_that_is_still_declared_or_called_is_not_gone(send, propose):
    declared = [{"name": "reply", "input_schema": {"type": "object"}}]
    send([*called(OLD, NOON), *called(NEW, CHANGED_AT, tools=declared), *called(OLD[:1], CHANGED_AT)])

    assert propose(**PERIOD) == (202, [])


def test_calls_in_the_history_of_a_conversation_are_read_too(send, propose):
    history = [{"role": "user", "content": "Hi"}, answer(*OLD[0]), {"role": "tool", "content": "ok"}]
    asked = [*history, {"role": "user", "content": "And now?"}]
    plain = {"deployment_id": "agents", "messages": asked, "response": "Done."}
    send([plain | {"occurred_at": NOON.isoformat()}, plain | {"occurred_at": CHANGED_AT.isoformat()}])
    send(called(NEW, CHANGED_AT))

    # The history of the newer event still holds the old name, which nothing calls any more.
    assert propose(**PERIOD) == (202, [("dispatch", "SendParcel", "proposed")])


def test_two_lists_of_tools_are_compared_without_times(send, propose):
    schema = {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}, "required": ["day"]}
    old, new = ([{"name": name, "input_schema": schema}] for name in ("hours", "open_hours"))
    send([*called(NEW[1:], NOON, tools=old), *called(NEW[1:], NOON, tools=new)])
    digests = {json.loads(one.tools)[0]["function"]["name"]: one.digest for one in ToolList.objects.all()}

    found = propose(old_list=digests["hours"], new_list=digests["open_hours"])

    assert found == (202, [("hours", "open_hours", "proposed")])


def test_without_a_time_the_newest_list_that_lacks_a_tool_divides_old_and_new(send, propose, time_machine):
    lists = [[{"name": name, "input_schema": {}} for name in names] for names in (["dispatch"], ["SendParcel"])]
    time_machine.move_to(NOON)
    send(called(OLD[:1], NOON, tools=lists[0]))
    time_machine.move_to(CHANGED_AT)
    send(called(NEW[:1], CHANGED_AT + timedelta(minutes=1), tools=lists[1]))

    assert propose() == (202, [("dispatch", "SendParcel", "proposed")])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"since": NOON.isoformat(), "until": CHANGED_AT.isoformat()}, "until"),
        ({"since": "0001-01-02T00:00:00Z"}, "since"),
        ({"old_list": "0" * 32}, "old_list"),
        ({"old_list": "0" * 32, "new_list": "1" * 32, "since": NOON.isoformat()}, "old_list"),
        ({"then": NOON.isoformat()}, "then"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_rejected(api, body, field):
    DeploymentFactory(id="agents")

    refused = api.post(f"{URL}/propose", body, format="json")

    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (400, [field])


def test_decisions_outlive_later_proposals(api, send, propose):
    send([*called(OLD, NOON), *called(NEW, CHANGED_AT)])
    propose(**PERIOD)
    dispatch, reply = (ToolRename.objects.get(old_name=name).pk for name in ("dispatch", "reply"))
    rename("resize", "shrink")
    api.post(f"{URL}/{reply}/reject")

    again = propose(**PERIOD)

    # The pair that was rejected is not proposed again, and one that is not found again is no longer proposed.
    assert again == (202, [("dispatch", "SendParcel", "proposed"), ("reply", "say", "rejected")])
    assert ToolRename.objects.get(old_name="dispatch").pk == dispatch
    assert api.post(f"{URL}/{dispatch}/confirm").status_code == 200
    assert propose(**PERIOD)[1] == [("dispatch", "SendParcel", "confirmed"), ("reply", "say", "rejected")]


def test_nothing_is_proposed_for_a_deployment_that_is_being_deleted(send, propose):
    send([*called(OLD, NOON), *called(NEW, CHANGED_AT)])
    Deployment.objects.filter(pk="agents").update(archived=True, deleting=True)

    assert propose(**PERIOD) == (202, [])


def test_the_command_proposes_and_prints(send):
    send([*called(OLD, NOON), *called(NEW, CHANGED_AT)])
    printed = StringIO()

    call_command("propose_tool_renames", "agents", "--since", "2026-05-06T12:00:00Z", stdout=printed)

    lines = printed.getvalue().splitlines()
    assert [line.partition(",")[0] for line in lines[:-1]] == ["dispatch → SendParcel", "reply → say"]
    assert lines[-1] == "2 proposed. Nothing uses them until a person confirms them in the console."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "Deployment nowhere does not exist."),
        (["agents", "--since", "yesterday"], "--since: not a time in ISO 8601: yesterday"),
        (["agents", "--old-list", "x"], "old_list: The deployment has no such list of tools."),
    ],
)
def test_the_command_says_what_is_wrong(arguments, message):
    DeploymentFactory(id="agents")

    with pytest.raises(CommandError, match=message):
        call_command("propose_tool_renames", *arguments)


def test_every_tool_is_read_however_many_there_are(send, propose, monkeypatch):
    monkeypatch.setattr(reading, "NEWEST_READ", 1)
    monkeypatch.setattr(reading, "MOST_READ", 4)
    often = called(OLD[:1] * 5, NOON + timedelta(hours=1))
    send([*often, *called(OLD[1:], NOON), *called(NEW, CHANGED_AT)])

    assert propose(**PERIOD)[1] == [("dispatch", "SendParcel", "proposed"), ("reply", "say", "proposed")]


@pytest.mark.realdata
@pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent")
def test_renamed_tools_of_stored_traces_are_proposed_right(send, propose):
    for name, at in (("schema_drift", NOON), ("test", CHANGED_AT)):
        send([trace(row["messages"], at) for row in traces(name)])

    _, found = propose(**PERIOD)

    right = [tool_names.TODAY[old] == new for old, new, _ in found]
    assert (len(found), right.count(True)) == (21, 21)
    assert confirmed_renames("agents") == {}


def traces(name):
    with gzip.open(labelled_data.data_folder() / tool_names.DATA / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def trace(messages, at):
    """A conversation up to its last call, as an event."""
    last = max(index for index, message in enumerate(messages) if message["role"] == "assistant")
    return {"deployment_id": "agents", "messages": messages[: last + 1], "occurred_at": at.isoformat()}
