"""A set whose calls have numbers beyond 64 bits leaves like any other, with every digit."""

import hashlib
import json
import uuid

import pytest

from curation.models import CuratedExample, CuratedSet
from tests.feedback.conftest import any_store  # noqa: F401 - the sets are built from every store

WEI, RATE = "340282366920938463463374607431768211457", "0.1234567890123456789012345"
ARGUMENTS = f'{{"wei":{WEI},"rate":{RATE}}}'
EVENT = (
    '{"deployment_id": "bank", "id": "%s", "response": "The transfer is booked.", "messages": ['
    '{"role": "user", "content": "Book the transfer."},'
    '{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",'
    f' "function": {{"name": "transfer", "arguments": {ARGUMENTS}}}}}]}},'
    '{"role": "tool", "tool_call_id": "c1", "content": "booked"}]}'
)


@pytest.fixture
def approved(api, write_all, running_tasks, any_store):  # noqa: F811
    """The number of an approved set with one edited event, as the API makes it."""
    event_id = str(uuid.uuid4())
    edit = {
        "deployment_id": "bank",
        "event_id": event_id,
        "type": "edit",
        "edited_response": "The transfer is booked and confirmed.",
    }
    api.generic("POST", "/api/v1/events", EVENT % event_id, content_type="application/json")
    api.post("/api/v1/signals", edit, format="json")
    write_all()
    with running_tasks():
        number = api.post("/api/v1/deployments/bank/curated-sets", {"name": "weekly"}, format="json").data["id"]
    for step in ("submit", "approve"):
        assert api.post(f"/api/v1/curated-sets/{number}/{step}", {}, format="json").status_code == 200
    return number


@pytest.mark.parametrize("export_format", ["jsonl", "preference_pairs"])
def test_calls_with_large_numbers_are_exported_as_they_were_sent(api, approved, running_tasks, folder, export_format):
    wanted = {"curated_set": approved, "format": export_format}
    number = api.post("/api/v1/exports", wanted, format="json").data["id"]
    with running_tasks():
        api.post(f"/api/v1/exports/{number}/approve", {}, format="json")

    export = api.get(f"/api/v1/exports/{number}").data
    assert (export["status"], export["rows"], export["excluded"]) == ("published", 1, {})
    assert json.dumps(ARGUMENTS) in (folder / export["files"][0]["path"]).read_text()


def test_examples_and_the_hash_of_a_set_keep_every_digit(api, approved):
    page = api.get(f"/api/v1/curated-sets/{approved}/examples").content.decode()

    assert json.dumps(ARGUMENTS) in page
    curated_set, example = CuratedSet.objects.get(), CuratedExample.objects.get()
    said = json.loads(page, parse_float=str, parse_int=str)["results"][0]
    messages = json.dumps(said["messages"], sort_keys=True, separators=(",", ":"))
    for digits in (WEI, RATE):
        messages = messages.replace(f'"{digits}"', digits)
    line = (
        f'["{example.event_id}","user_edit",{example.score:.1f},"Book the transfer.",{messages},'
        f'"The transfer is booked.","The transfer is booked and confirmed.","","{example.occurred_at.isoformat()}"]'
    )
    pair = (
        f'["{example.event_id}","{example.event_id}","edit","Book the transfer.",{messages},'
        '"The transfer is booked and confirmed.",null,"The transfer is booked.",null]'
    )
    lines = "\n".join(sorted([line, pair]))
    assert curated_set.content_hash == hashlib.sha256(lines.encode()).hexdigest()
