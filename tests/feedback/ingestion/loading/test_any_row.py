"""No row of a file stops the others, whatever its columns hold."""

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.field_errors import FieldError
from feedback.ingestion.items import EventItem, SignalItem
from feedback.ingestion.loading import known_exports
from feedback.ingestion.loading.columns import Mapping, fields_of
from feedback.ingestion.loading.known_exports import LANGFUSE, LANGSMITH, SHAREGPT
from feedback.ingestion.loading.reader import RowReader
from feedback.ingestion.loading.rows import FileRow

KEYS = ["role", "from", "type", "content", "parts", "kwargs", "data", "id", "tool_calls", "additional_kwargs", "args"]
KEYS += ["messages", "input", "output", "generations", "choices", "message", "text", "value", "lc", "total"]
TEXTS = [
    "user",
    "assistant",
    "human",
    "ai",
    "HumanMessage",
    "text",
    "nan",
    "",
    "1.0",
    "1e400",
    "[1",
    '{"role": []}',
    "\ud800",
]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS) | st.text(max_size=5)
ANY = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
)


def reader(item, known, *, is_text):
    mappings = [Mapping("made", "occurred_at"), Mapping("seconds", "latency_ms", 1000.0)]
    return RowReader(item, "files", mappings=mappings, constants={}, known=known, zone=UTC, is_text=is_text)


@pytest.mark.parametrize("is_text", [True, False])
@pytest.mark.parametrize("known", [None, SHAREGPT, LANGSMITH, LANGFUSE], ids=lambda known: known and known.name)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_row_is_an_item_or_a_reason(known, is_text, data):
    names = ["made", "seconds", "colour", "metadata", *fields_of(EventItem), *(known.targets if known else ())]
    row = data.draw(st.dictionaries(st.sampled_from(names), ANY, max_size=6))

    item = reader(EventItem, known, is_text=is_text).item(FileRow(0, row))

    assert bool(item.data) != isinstance(item.error, FieldError)


@settings(max_examples=80, deadline=None)
@given(row=st.dictionaries(st.sampled_from(["made", *fields_of(SignalItem)]), ANY, max_size=6) | ANY)
def test_every_row_is_a_signal_or_a_reason(row):
    item = reader(SignalItem, None, is_text=False).item(FileRow(0, row))

    assert bool(item.data) != isinstance(item.error, FieldError)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" + "-" * 100_000 + "1]", "[" + "+".join("1" * 100_000) + "]", '{"a": ' * 50_000]
)
def test_a_cell_that_no_parser_takes_is_text(text):
    item = reader(EventItem, None, is_text=True).item(FileRow(0, {"prompt": "a", "response": "b", "tools": text}))

    assert text[:50].encode().replace(b'"', b'\\"') in item.data


def test_signals_are_of_no_known_export():
    assert known_exports.recognise(["inputs", "outputs", "run_type"], SignalItem) is None
