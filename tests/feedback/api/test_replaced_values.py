import gzip
import json

import pytest

from feedback.models import Event
from tests.feedback.api.test_events import EVENT, send

REPLACED = {
    "NUL": ({"prompt": "a\0b"}, "prompt", "a\ufffdb", "replaced_character"),
    "NUL in a key": ({"metadata": {"a\0": 1}}, "metadata", {"a\ufffd": 1}, "replaced_character"),
    "half a pair": ({"response": "a\ud83d"}, "response", "a\ufffd", "replaced_character"),
    "both": ({"response": "\udc00 \0"}, "response", "\ufffd \ufffd", "replaced_character"),
    "NaN": ({"latency_ms": float("nan")}, "latency_ms", None, "not_a_number"),
    "infinity": ({"metadata": {"a": [1, float("inf")]}}, "metadata", {"a": [1, None]}, "not_a_number"),
}


@pytest.mark.parametrize("lines", [False, True], ids=["list", "lines"])
@pytest.mark.parametrize(("change", "field", "stored", "code"), REPLACED.values(), ids=REPLACED)
def test_what_cannot_be_stored_is_replaced_and_reported_in_the_receipt(
    api, write_all, change, field, stored, code, lines
):
    items = [EVENT, EVENT | change, EVENT]

    if lines:
        body, options = "\n".join(map(json.dumps, items)), {"content_type": "application/x-ndjson"}
    else:
        body, options = json.dumps({"events": items}), {}
    answer = send(api, body, **options)
    write_all()

    receipt = answer.json()
    assert (answer.status_code, receipt["accepted"]) == (202, 3)
    assert [(note["index"], note["id"], note["code"]) for note in receipt["warnings"]] == [(1, receipt["ids"][1], code)]
    assert getattr(Event.objects.get(pk=receipt["ids"][1]), field) == stored


def test_a_backslash_before_nul_in_so_many_letters_is_kept(api, write_all):
    answer = send(api, {"events": [EVENT | {"response": "write \\u0000 in JSON"}]})
    write_all()

    assert "warnings" not in answer.json()
    assert Event.objects.get().response == "write \\u0000 in JSON"


def test_an_empty_user_and_session_are_none(api, write_all):
    answer = send(api, {"events": [EVENT | {"user_id": "", "session_id": ""}]})
    write_all()

    assert answer.status_code == 202
    assert Event.objects.values_list("user_hash", "session_hash").get() == ("", "")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip"])
def test_gzip_of_several_members_is_read(api, encoding):
    first, second = json.dumps(EVENT).encode()[:40], json.dumps(EVENT).encode()[40:]

    answer = send(api, gzip.compress(first) + gzip.compress(second), HTTP_CONTENT_ENCODING=encoding)

    assert answer.status_code == 202


def test_a_message_keeps_the_content_that_it_came_with(api, write_all):
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "content": "", "tool_call_id": "c1"},
    ]

    send(api, {"events": [EVENT | {"messages": messages}]})
    write_all()

    assert api.get(f"/api/v1/events/{Event.objects.get().pk}").json()["messages"] == messages
