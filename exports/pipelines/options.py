"""Checks the options of a stage against what it describes. Options that it does not name are accepted."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from feedback.field_errors import FieldError, printable

# A name, or one of {"enum": [values]}, {"list": type}, {"map": [type of keys, type of values]}, {"union": [types]} and
# {"tuple": [types]}.
Type = str | Mapping[str, Any]

_IS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "atom": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "float": lambda value: isinstance(value, float | Decimal),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "list": lambda value: isinstance(value, list | tuple),
    "map": lambda value: isinstance(value, Mapping),
    "module": lambda value: isinstance(value, str),
    "string": lambda value: isinstance(value, str),
}


def problems(description: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[FieldError]:
    """What is wrong: missing options in the order of the description, then values in the order of the options."""
    for name in description["required"]:
        if name not in options:
            yield FieldError(name, "required", f"missing required option: {name}")
    types = all_types(description)
    for name, value in options.items():
        if name in types and not fits(value, types[name]):
            message = f"{name}: expected {_shown(types[name])}, got {printable(_json(value))}"
            yield FieldError(name, "invalid", message)


def all_types(description: Mapping[str, Any]) -> dict[str, Type]:
    """The type of each option, those of extensions included."""
    found = dict(description["types"])
    for extension in description.get("__extensions__", {}).values():
        found |= extension["types"]
    return found


def fits(value: Any, kind: Type) -> bool:
    """Whether a value is of this type. An integer is no float."""
    if isinstance(kind, str):
        return _IS[kind](value)
    [(name, inner)] = kind.items()
    return _FITS[name](value, inner)


_FITS: dict[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, values: isinstance(value, str) and value in values,
    "list": lambda value, kind: _IS["list"](value) and all(fits(one, kind) for one in value),
    "map": lambda value, kinds: (
        _IS["map"](value) and all(fits(key, kinds[0]) and fits(one, kinds[1]) for key, one in value.items())
    ),
    "tuple": lambda value, kinds: (
        _IS["list"](value)
        and len(value) == len(kinds)
        and all(fits(one, kind) for one, kind in zip(value, kinds, strict=True))
    ),
    "union": lambda value, kinds: any(fits(value, kind) for kind in kinds),
}


def _shown(kind: Type) -> str:
    if isinstance(kind, str):
        return kind
    [(name, inner)] = kind.items()
    if name == "enum":
        return f"one of {_json(list(inner))}"
    if name == "union":
        return " or ".join(map(_shown, inner))
    return f"list of {_shown(inner)}" if name == "list" else name


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
