"""Any structure of the IR, with any values of its fields."""

from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

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
        return st.deferred(lambda: structure(hint))
    if get_origin(hint) is list:
        return st.lists(_any(get_args(hint)[0]), max_size=2)
    if get_origin(hint) is dict:
        return st.dictionaries(TEXTS, _any(get_args(hint)[1]), max_size=2)
    return st.one_of([_any(one) for one in sorted(get_args(hint), key=lambda one: one is not NoneType)])


def structure(kind):
    return st.builds(kind, **{name: _any(hint) for name, hint in get_type_hints(kind).items()})
