"""Formats of typed columns hold every value with its type, as text, or not at all."""

from contextlib import contextmanager
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.batches.target import TargetUnusable
from exports.choices import ColumnKind, LeftOut
from exports.formats import FORMATS, columnar
from exports.formats.base import InvalidFile
from tests.exports.packages import package, table

CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
LARGE = 10**40
COLUMNS = {"messages": ColumnKind.MESSAGES, "score": ColumnKind.FLOAT}

columnar_formats = pytest.mark.parametrize("name", ["parquet", "huggingface", "arrow"])


def conversation(**message):
    return {"messages": [{"role": "assistant", "content": None, **message}], "score": 0.5}


def fitted(record):
    return FORMATS["parquet"].fit("sft", record)


@pytest.mark.parametrize(
    "record",
    [
        conversation(content="Hi", reasoning_content="Hm"),
        conversation(tool_calls=[CALL], name=None),
        conversation(tool_calls=None, is_error=True),
        {"prompt": "Hi", "label": True, "score": 0.5, "tools": None},
    ],
)
def test_a_record_of_texts_calls_numbers_and_flags_stays_as_it_is(record):
    assert fitted(record) == record


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"score": 1}, {"score": 1.0}),
        ({"score": Decimal("0.12345678901234567890")}, {"score": 0.12345678901234568}),
        ({"tools": [{"type": "function", "largest": LARGE}]}, {"tools": f'[{{"type":"function","largest":{LARGE}}}]'}),
        ({"metadata": {"é": None}}, {"metadata": '{"é":null}'}),
        (conversation(extra={"n": [LARGE]}), conversation(extra=f'{{"n":[{LARGE}]}}')),
        (conversation(name=7), conversation(name="7")),
        (
            conversation(tool_calls=[CALL | {"function": {"name": "add", "arguments": {"a": LARGE}}}]),
            conversation(tool_calls=[CALL | {"function": {"name": "add", "arguments": f'{{"a":{LARGE}}}'}}]),
        ),
    ],
)
def test_a_value_of_another_type_becomes_a_float_or_the_text_of_its_json(given, expected):
    assert fitted(given) == expected
    assert repr(fitted(given)) == repr(expected)


@pytest.mark.parametrize(
    "message",
    [
        {"content": [{"type": "image_url", "image_url": {"url": "data:image/png;sha256=00,"}}]},
        {"tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "run", "input": "ls"}}]},
        {"tool_calls": [CALL | {"index": 0}]},
        {"tool_calls": [CALL | {"function": {"name": "add", "arguments": "{}", "strict": True}}]},
        {"tool_calls": ["add"]},
        {"is_error": "yes"},
    ],
)
def test_a_message_without_a_column_for_its_content_or_its_calls_leaves_the_record_out(message):
    assert fitted(conversation(**message)) == LeftOut.UNWRITABLE


@pytest.mark.parametrize("score", [Decimal("1e400"), 10**400, float("inf"), float("nan")])
def test_a_number_that_no_float_holds_leaves_the_record_out(score):
    assert fitted({"score": score}) == LeftOut.UNWRITABLE


def test_every_kind_of_column_has_a_type():
    assert {*columnar.TYPES, ColumnKind.MESSAGES} == set(ColumnKind)


def tables(count, text="Hi"):
    return package(table([conversation(content=f"{text} {number}") for number in range(count)], columns=COLUMNS))


@columnar_formats
def test_records_are_written_in_slices_of_bounded_size(draft, name):
    files = FORMATS[name].write(draft, "many", tables(12_000))
    long_files = FORMATS[name].write(draft, "long", tables(3, "x" * 9 * 2**20))

    assert slices(draft, files) == [5_000, 5_000, 2_000]
    assert slices(draft, long_files) == [1, 1, 1]


def slices(draft, files):
    """The rows of each row group of Parquet or batch of Arrow."""
    (path,) = (path for path in files if path.endswith((".parquet", ".arrow")))
    with draft.open(path) as file:
        if path.endswith(".arrow"):
            return [batch.num_rows for batch in pa.ipc.open_stream(file)]
        metadata = pq.read_metadata(file)
        return [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]


@columnar_formats
@pytest.mark.parametrize("other", [tables(1), tables(3), tables(2, "Ho")], ids=["fewer", "more", "changed"])
def test_a_check_compares_the_records_not_only_the_bytes(draft, name, other):
    files = FORMATS[name].write(draft, "weekly", other)

    with pytest.raises(InvalidFile):
        FORMATS[name].check(draft, files, tables(2), lambda: None)


class FullDisk:
    """A draft on a disk without space."""

    @contextmanager
    def create(self, name):
        yield self

    def write(self, data):
        raise TargetUnusable("is full.", "Free some space there.")


@columnar_formats
def test_a_full_disk_is_reported_as_one(name):
    with pytest.raises(TargetUnusable, match="is full"):
        FORMATS[name].write(FullDisk(), "weekly", tables(1))
