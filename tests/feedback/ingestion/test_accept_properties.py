"""Whatever is sent, each item is accepted, a duplicate or refused, and what is durable is what was answered."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from feedback import valkey
from feedback.choices import ItemKind
from feedback.conversations.shown import shown_text
from feedback.deployments import policies
from feedback.ingestion import accept, stream
from feedback.ingestion.admitting import declared_tools, exchanges, rows
from feedback.ingestion.admitting.feedback_events import as_signal
from feedback.ingestion.items import EventItem, InvalidItem, SignalItem
from feedback.ingestion.parsing import decoding
from feedback.ingestion.parsing.bodies import RawItem, split_lines
from feedback.ingestion.score_items import GivenScore, ScoreItem

pytestmark = pytest.mark.django_db

EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings."}
SIGNAL = {"event_id": "5a1f0e3c-7a44-4a1c-9d0e-0d3f6f1f9a10", "type": "thumbs_up"}
SCORE = {"event_id": SIGNAL["event_id"], "deployment_id": "helpdesk", "name": "solved", "value": 1}
WHOLE = {ItemKind.EVENT: EVENT, ItemKind.SIGNAL: SIGNAL, ItemKind.SCORE: SCORE}
STRUCTS = {ItemKind.EVENT: EventItem, ItemKind.SIGNAL: SignalItem, ItemKind.SCORE: ScoreItem}
IDS = [
    "5a1f0e3c-7a44-4a1c-9d0e-0d3f6f1f9a11",
    "5A1F0E3C7A444A1C9D0E0D3F6F1F9A11",
    "5a1f0e3c-7a44-4a1c-9d0e-0d3f6f1f9a12",
]
TYPES = ["thumbs_up", "edit", "rating", "label", "thumbs", "correction", "flag", "applause"]
FRAGMENTS = (
    *("jane@example.org", "555-123-4567", "+44 20 7946 0958", "123-45-6789", "4111 1111 1111 1111", "10.0.0.7"),
    *(
        "GB29NWBK60161331926819",
        "sk-a1b2c3d4e5f6a1b2c3d4",
        "call ",
        "phone: ",
        "[EMAIL]",
        " ",
        "-",
        ".",
        "12",
        "x",
        "é",
    ),
    *("\ud800", "\0", "\U0001f600", '"', "\\", "{", "電話"),
)
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join)
NUMBERS = st.sampled_from([0, -1, 0.5, 1e400, float("nan"), 2**31, 2**63, 10**400, 4111111111111111, 5551234567])
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
FIELDS = {kind: [name for name in struct.__struct_fields__ if name != "id"] for kind, struct in STRUCTS.items()}
NAMES = st.sampled_from(["solved", "tel:555-123-4567", "4111111111111111", "10.0.0.7", "Solved", ""]) | TEXTS
SCORE_VALUES = st.sampled_from([0, 0.5, 1, 1.5, -1]) | NUMBERS
GIVEN = st.fixed_dictionaries({"name": NAMES, "value": SCORE_VALUES}, optional={"version": TEXTS})
NEAR = {
    "id": st.sampled_from(IDS),
    "type": st.sampled_from(TYPES),
    "value": VALUES,
    "scores": st.lists(GIVEN, max_size=3),
    "metadata": st.dictionaries(TEXTS, VALUES, max_size=3),
    "tags": st.lists(TEXTS, max_size=3),
    "messages": st.lists(
        st.fixed_dictionaries({"role": st.sampled_from(["user", "tool"]), "content": TEXTS | st.none()}), max_size=2
    ),
    "occurred_at": st.sampled_from(["2026-05-04T12:00:00Z", "2026-05-04T12:00:00", "0001-01-01T00:00:00-23:59", ""]),
    "deployment_id": st.sampled_from(["helpdesk", "shop", "a b", ""]),
    "user_id": TEXTS | NUMBERS,
}
DEEP = b"[" * 5_000 + b"]" * 5_000


def objects(kind):
    """Objects near a valid one, each field right, nearly right or anything."""
    whole, near = WHOLE[kind], NEAR
    if kind == ItemKind.SCORE:
        near = NEAR | {"name": NAMES, "value": SCORE_VALUES}
    plausible = {name: near.get(name, TEXTS) for name in ["id", *FIELDS[kind]]}
    changes = st.lists(st.sampled_from(sorted(plausible)), max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: plausible[name] for name in names})
    )
    anything = st.dictionaries(st.sampled_from(FIELDS[kind]) | TEXTS, VALUES, max_size=1)
    return st.builds(lambda change, odd: whole | change | odd, changes, st.just({}) | anything)


def bodies(kind):
    """Newline-delimited items: JSON, JSON of another kind, cut JSON and bytes."""
    encoded = (objects(kind) | VALUES).flatmap(
        lambda value: st.sampled_from([json.dumps(value).encode(), _as_utf8(value), json.dumps(value).encode()[:-1]])
    )
    lines = encoded | st.binary(max_size=20) | st.sampled_from([DEEP, b'{"metadata": %b}' % DEEP])
    return st.lists(lines.map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=8).map(b"\n".join)


def _as_utf8(value):
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def durable():
    """The one request in the stream, with the counts that are told of it until it is written."""
    ((stream_id, fields),) = valkey.client().xrange(stream.STREAM)
    entry = stream.decode(stream_id.decode(), fields)
    return entry, stream.pending(entry.batch_id)


def expected_fates(items, rejected):
    """(ids, duplicates) of what was not rejected; None stands for an id that the server gives."""
    ids, duplicates = [], []
    for item in items:
        if item.index not in rejected:
            claimed = decoding.known_id(item)
            claimed = claimed and str(UUID(claimed))
            (duplicates if claimed and claimed in ids else ids).append(claimed)
    return ids, duplicates


@pytest.mark.parametrize("kind", list(ItemKind))
@settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_item_has_one_fate_and_what_is_durable_is_what_was_answered(kind, data):
    valkey.client().flushdb()
    items = split_lines(data.draw(bodies(kind)), max_items=10)

    receipt = accept.accept(items, kind)

    rejected = [item.index for item in receipt.rejected]
    assert rejected == sorted(set(rejected))
    assert set(rejected) <= {item.index for item in items}
    assert all(item.errors for item in receipt.rejected)
    json.dumps([asdict(item) for item in receipt.rejected], ensure_ascii=False).encode()
    ids, duplicates = expected_fates(items, set(rejected))
    assert duplicates == receipt.duplicates
    assert [wanted or given for wanted, given in zip(ids, receipt.ids, strict=True)] == receipt.ids
    assert len(set(receipt.ids)) == len(receipt.ids)
    if not items:
        assert valkey.client().xlen(stream.STREAM) == 0
        return
    entry, told = durable()
    assert (entry.batch_id, entry.kind) == (receipt.batch_id, kind)
    assert [row["id"] for row in entry.rows] == receipt.ids
    assert sum(entry.invalid.values()) == len(rejected)
    assert told == {"accepted": dict(entry.accepted), "invalid": dict(entry.invalid)}


@pytest.mark.parametrize("kind", list(ItemKind))
@settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_stored_row_sent_again_stays_as_it_is(kind, data):
    build, again = BUILDERS[kind]
    try:
        item = decoding.decode(RawItem(0, json.dumps(data.draw(objects(kind))).encode()), STRUCTS[kind])
        item = as_signal(item) if kind == ItemKind.SIGNAL else item
    except InvalidItem:
        return
    told = {"received_at": datetime(2026, 5, 4, 12, tzinfo=UTC), "policy": policies.policy_of("helpdesk")}

    try:
        row = build(item, IDS[0], **_exchange(item), **told)
    except InvalidItem:
        return

    unchanged = {"user_hash", "session_hash", "masked"}
    second_item = again(row)
    second = build(second_item, IDS[0], **_exchange(second_item), **told)
    assert {name: second[name] for name in second if name not in unchanged} == {
        name: row[name] for name in row if name not in unchanged
    }
    assert second.get("masked", "{}") == "{}"


def _exchange(item):
    if not isinstance(item, EventItem):
        return {}
    return {"exchange": exchanges.read(item), "tools": declared_tools.read(item.tools, policies.DEFAULT)}


def _event_of(row):
    same = {name: row[name] or None for name in EventItem.__struct_fields__ if name in row}
    same |= {name: json.loads(row[name] or "null") for name in ("tool_choice", "response_format")}
    same |= {"feedback_shown": row["feedback_shown"], "training_allowed": row["training_allowed"]}
    answer = row["response_message"] or json.dumps([{"role": "assistant", "content": row["response"]}])
    (message,) = shown_text(answer)
    raw = {"messages": row["messages"] and json.dumps(shown_text(row["messages"])), "response": json.dumps(message)}
    same |= {"scores": [GivenScore(**score) for score in row["scores"]] if "scores" in row else None}
    odd = {"deployment_id": row["deployment_id"], "prompt": row["prompt"], "metadata": json.loads(row["metadata"])}
    return EventItem(**same | odd | {name: Raw((text or "null").encode()) for name, text in raw.items()})


def _signal_of(row):
    same = {name: row[name] or None for name in SignalItem.__struct_fields__ if name in row}
    value = row["value"] and json.loads(row["value"])
    same |= {"retracted": row["retracted"], "message_index": row["message_index"]}
    return SignalItem(**same | {"value": value, "metadata": json.loads(row["metadata"])})


def _score_of(row):
    same = {name: row[name] or None for name in ScoreItem.__struct_fields__ if name in row}
    return ScoreItem(**same | {name: row[name] for name in ("name", "value", "deployment_id")})


BUILDERS = {
    ItemKind.EVENT: (rows.event_row, _event_of),
    ItemKind.SIGNAL: (rows.signal_row, _signal_of),
    ItemKind.SCORE: (rows.score_row, _score_of),
}
