"""Files of lines hold only what any JSON reader accepts, and every value as it was."""

import json
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.batches import storage
from exports.formats import FORMATS
from tests.exports.packages import package, table

TEXTS = st.text(
    st.one_of(st.sampled_from('\x00\x7f\x85\u2028\u2029\ufeff"\\\r\n'), st.characters(exclude_categories=["Cs"])),
    min_size=1,
)
INTEGERS = st.one_of(st.integers(), st.sampled_from([2**53 + 1, 2**63, -(2**63) - 1, 2**128]))
NUMBERS = st.one_of(INTEGERS, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([Decimal("0.1") ** 30]))
SCHEMAS = st.fixed_dictionaries({"type": st.just("object"), "default": NUMBERS, "title": TEXTS})
CONVERSATIONS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3)


def record(turns, parameters):
    messages = [
        message
        for asked, answered in turns
        for message in ({"role": "user", "content": asked}, {"role": "assistant", "content": answered})
    ]
    return {"messages": messages, "tools": [{"type": "function", "function": {"name": "f", "parameters": parameters}}]}


RECORDS = st.lists(st.builds(record, CONVERSATIONS, SCHEMAS), min_size=1, max_size=3)


def once(pairs):
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


def refused(constant):
    raise AssertionError(constant)


def read(line):
    return json.loads(line, object_pairs_hook=once, parse_constant=refused, parse_float=Decimal)


def exact(value):
    """The same value with decimals in place of floats, as the reader gives them."""
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


@pytest.mark.parametrize("name", ["jsonl", "openai", "sharegpt"])
@given(records=RECORDS)
def test_rows_of_any_text_and_number_are_read_back_as_they_were(name, records):
    format, draft = FORMATS[name], storage.Draft(uuid.uuid4())
    rows = [format.fit("sft", record) for record in records]
    packed = package(table(rows))

    files = format.write(draft, "weekly", packed)
    format.check(draft, files, packed, lambda: None)

    content = draft.open("weekly.jsonl").read().decode()
    assert content.splitlines() == content.split("\n")[:-1]
    assert list(map(read, content.split("\n")[:-1])) == exact(rows)
