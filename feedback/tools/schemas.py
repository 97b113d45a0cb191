"""Judges JSON by JSON Schema within bounds: no reference is fetched, no expression backtracks, every run ends."""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import jsonschema
import orjson
import re2
import regex
from jsonschema import validators
from msgspec import Struct
from referencing import Registry
from referencing.exceptions import Unresolvable

from feedback import exact_json

MAX_SCHEMA_BYTES = 64 * 1024
# Keywords that are applied to values while the calls of one message are judged; 20,000 take about 0.3 s.
MAX_STEPS = 20_000
MOST_VIOLATIONS = 10
_CHARACTERS_A_STEP, _ELEMENTS_A_STEP = 250, 10
_PATTERN_BYTES = 1 << 20
_SORTED = orjson.OPT_SORT_KEYS
_DIALECTS = (
    jsonschema.Draft4Validator,
    jsonschema.Draft6Validator,
    jsonschema.Draft7Validator,
    jsonschema.Draft201909Validator,
    jsonschema.Draft202012Validator,
)
# Keywords whose value has schemas by name.
_MAPS = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"))
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# What masking leaves in place of a value.
_MASK = regex.compile(r"\[[A-Z][A-Z0-9_]{0,31}\]")
# Keywords that judge parts of a value together, so that one masked part may decide.
_TOGETHER = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "contains", "const", "enum", "uniqueItems", "propertyNames")
)


class Unjudged(Exception):
    """A schema that gives no verdict: "schema_invalid", "schema_reference" for one that leads elsewhere, or
    "too_complex"."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Violation(Struct, frozen=True):
    """A rule of a schema that a value breaks.

    keyword: of JSON Schema; path: to the value, as a JSON Pointer in which names that the schema does not declare are
    `*`; names: the missing properties, for `required`. It holds nothing of the value itself.
    """

    keyword: str
    path: str
    names: tuple[str, ...] = ()


class Budget:
    """The steps that are left. Raises Unjudged when there are none.

    Examples
    --------
    >>> budget = Budget(2)
    >>> budget.spend(1)
    >>> budget.left
    1
    """

    def __init__(self, steps: int = MAX_STEPS):
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Unjudged("too_complex")


_BUDGET: ContextVar[Budget] = ContextVar("steps_of_json_schema")


class Schema:
    """A JSON Schema, ready to judge values. Raises Unjudged if it is none or too long.

    Patterns are expressions of RE2; one that RE2 does not know is not applied, and neither are `format`,
    `unevaluatedProperties` and `unevaluatedItems`.
    """

    def __init__(self, schema: Mapping[str, Any]):
        text = exact_json.encode(schema)
        if len(text) > MAX_SCHEMA_BYTES:
            raise Unjudged("too_complex")
        dialect = _dialect_of(schema)
        try:
            plain = _without_dialects(schema)
            dialect.check_schema(plain)
            self._names = frozenset(_declared_names(plain))
        except jsonschema.SchemaError as error:
            raise Unjudged("schema_invalid") from error
        except RecursionError as error:
            raise Unjudged("too_complex") from error
        self._validator = _BOUNDED[dialect](plain, registry=Registry())

    def violations(self, value: Any, budget: Budget) -> list[Violation]:
        """The rules that a value of `exact_json.decode` breaks, at most MOST_VIOLATIONS. Raises Unjudged.

        Masked values break none: what was sent is not known.
        """
        token = _BUDGET.set(budget)
        try:
            return self._violations(value)
        except (Unresolvable, ValueError) as error:
            raise Unjudged("schema_reference") from error
        except RecursionError as error:
            raise Unjudged("too_complex") from error
        finally:
            _BUDGET.reset(token)

    def _violations(self, value: Any) -> list[Violation]:
        found: dict[tuple[str, str], Violation] = {}
        for error in self._validator.iter_errors(value):
            if _is_of_masked(error):
                continue
            path = self._pointer(error.absolute_path)
            missing = (
                tuple(name for name in error.validator_value if name not in error.instance)
                if (error.validator == "required")
                else ()
            )
            found.setdefault((error.validator, path), Violation(error.validator, path, missing))
            if len(found) == MOST_VIOLATIONS:
                break
        return list(found.values())

    def _pointer(self, path: Any) -> str:
        return "".join(f"/{part if isinstance(part, int) or part in self._names else '*'}" for part in path)


def _dialect_of(schema: Mapping[str, Any]) -> Any:
    named = schema.get("$schema")
    known = (dialect for dialect in _DIALECTS if isinstance(named, str) and _uri_of(dialect) == named.rstrip("#"))
    return next(known, jsonschema.Draft202012Validator)


def _uri_of(dialect: Any) -> str:
    return str(dialect.META_SCHEMA["$schema"]).rstrip("#")


def _is_of_masked(error: jsonschema.ValidationError) -> bool:
    if isinstance(error.instance, str):
        return _MASK.search(error.instance) is not None
    return error.validator in _TOGETHER and _MASK.search(exact_json.encode(error.instance).decode()) is not None


def _without_dialects(schema: Any, *, is_map: bool = False) -> Any:
    """A schema whose parts name no dialect of their own, by which they would be judged without bounds."""
    if isinstance(schema, list):
        return [_without_dialects(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if is_map:
        return {name: _without_dialects(part) for name, part in schema.items()}
    if any(key in schema and not isinstance(schema[key], str) for key in _REFERENCES):
        raise Unjudged("schema_invalid")
    return {
        key: value if key in ("const", "enum") else _without_dialects(value, is_map=key in _MAPS)
        for key, value in schema.items()
        if key != "$schema"
    }


def _declared_names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for value in inner:
        yield from _declared_names(value)


def _counted(keyword: Callable[..., Any]) -> Callable[..., Iterator[jsonschema.ValidationError]]:
    def judge(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        extent = len(value) if isinstance(value, list | dict) else 0
        _BUDGET.get().spend(1 + extent // _ELEMENTS_A_STEP)
        for error in keyword(validator, value, instance, schema) or ():
            # Messages of the library quote the value, however long it is.
            _BUDGET.get().spend(len(error.message) // _CHARACTERS_A_STEP)
            yield error

    return judge


def _pattern(validator: Any, value: str, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if validator.is_type(instance, "string") and not _is_found(value, instance):
        yield jsonschema.ValidationError("does not match")


def _pattern_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, part in value.items():
        for name, inner in instance.items():
            if _is_found(pattern, name, otherwise=False):
                yield from validator.descend(inner, part, path=name, schema_path=pattern)


def _additional_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    _BUDGET.get().spend(len(instance) // _ELEMENTS_A_STEP)
    for name, inner in instance.items():
        if name in declared or any(_is_found(pattern, name) for pattern in patterns):
            continue
        if value is False:
            yield jsonschema.ValidationError("is not declared")
        else:
            yield from validator.descend(inner, value, path=name)


def _unique_items(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if value and validator.is_type(instance, "array"):
        _BUDGET.get().spend(len(instance) // _ELEMENTS_A_STEP)
        if len({exact_json.dump(item, options=_SORTED) for item in instance}) < len(instance):
            yield jsonschema.ValidationError("has equal items")


def _multiple_of(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if validator.is_type(instance, "number") and _exact(instance) % _exact(value):
        yield jsonschema.ValidationError("is no multiple")


def _not_judged(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    return iter(())


def _is_found(pattern: str, text: str, *, otherwise: bool = True) -> bool:
    _BUDGET.get().spend(1 + len(text) // _CHARACTERS_A_STEP)
    expression = _expression(pattern)
    return otherwise if expression is None else expression.search(text) is not None


@lru_cache(maxsize=1_000)
def _expression(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_BYTES, False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        return None


def _exact(value: Any) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _is_integer(checker: Any, instance: Any) -> bool:
    if isinstance(instance, Decimal):
        return instance == instance.to_integral_value()
    return not isinstance(instance, bool) and (
        isinstance(instance, int) or isinstance(instance, float) and instance.is_integer()
    )


def _bounded(dialect: Any) -> Any:
    keywords = dict(dialect.VALIDATORS)
    keywords |= {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items,
        "multipleOf": _multiple_of,
        **dict.fromkeys(("format", "unevaluatedProperties", "unevaluatedItems"), _not_judged),
    }
    return validators.extend(
        dialect,
        {name: _counted(keyword) for name, keyword in keywords.items()},
        type_checker=dialect.TYPE_CHECKER.redefine("integer", _is_integer),
    )


_BOUNDED = {dialect: _bounded(dialect) for dialect in _DIALECTS}
