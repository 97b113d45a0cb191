"""Any structure, with any values of its fields, is the same after JSON."""

import json
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback import ir

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
HOURS = st.integers(0, 10_000_000).map(
    lambda hours: datetime(1971, 1, 1, tzinfo=UTC) + timedelta(hours=hours, seconds=0.5)
)
SIMPLE = {
    str: TEXTS,
    int: st.integers(-(2**70), 2**70),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    datetime: HOURS,
    Any: VALUES,
    NoneType: st.none(),
}


def _any(hint):
    if hint in SIMPLE:
        return SIMPLE[hint]
    if hint in ir.STRUCTURES:
        return st.deferred(lambda: _structure(hint))
    if get_origin(hint) is list:
        return st.lists(_any(get_args(hint)[0]), max_size=2)
    if get_origin(hint) is dict:
        return st.dictionaries(TEXTS, _any(get_args(hint)[1]), max_size=2)
    return st.one_of([_any(one) for one in sorted(get_args(hint), key=lambda one: one is not NoneType)])


def _structure(kind):
    return st.builds(kind, **{name: _any(hint) for name, hint in get_type_hints(kind).items()})


@pytest.mark.parametrize("kind", ir.STRUCTURES, ids=lambda kind: kind.__name__)
def test_a_structure_is_the_same_after_json(kind):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(_structure(kind))
    def check(value):
        text = ir.to_json(value)

        assert ir.from_json(text, kind) == value
        assert ir.to_json(ir.from_json(text, kind)) == text
        assert ir.from_map(json.loads(text), kind) == value
        assert list(json.loads(text)) == list(kind.__struct_fields__)
        assert all(isinstance(error, str) for error in ir.validate(value))

    check()
