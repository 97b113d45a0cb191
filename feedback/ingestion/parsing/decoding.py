"""From the raw bytes of one item to a typed item."""

import re

import msgspec

from feedback import exact_json
from feedback.field_errors import FieldError, printable
from feedback.ingestion.items import MAX_METADATA_DEPTH, EventItem, InvalidItem, Item, ScoreItem, SignalItem
from feedback.ingestion.parsing.bodies import RawItem

DECODERS = {item: exact_json.decoder(item) for item in (EventItem, SignalItem, ScoreItem)}
COUNTS = ("prompt_tokens", "completion_tokens", "token_count")
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_QUOTED = re.compile(r"`([^`]*)`")


class _Identified(msgspec.Struct):
    id: str | None = None


def decode(raw: RawItem, kind: type[Item]) -> Item:
    """One typed item. Raises InvalidItem that names the field, the code and what to do."""
    if raw.error is not None:
        raise InvalidItem([raw.error])
    try:
        item = DECODERS[kind].decode(raw.data)
    except msgspec.ValidationError as error:
        raise InvalidItem([_explain(str(error))]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidItem([FieldError("", "malformed", f"The item is not JSON in UTF-8: {error}")]) from error
    except RecursionError as error:
        raise InvalidItem([FieldError("", "too_deep", "The item is nested too deeply")]) from error
    _check_depth(item)
    if isinstance(item, EventItem):
        _make_whole(item)
    return item


def _make_whole(item: EventItem) -> None:
    for name in COUNTS:
        value = getattr(item, name)
        if type(value) is float:
            if not value.is_integer():
                raise InvalidItem([FieldError(name, "invalid", f"{name}: expected a whole number")])
            setattr(item, name, int(value))


def _explain(message: str) -> FieldError:
    quoted = _QUOTED.search(message)
    if message.startswith("Object contains unknown field"):
        name = printable(quoted.group(1))
        return FieldError(name, "unknown_field", f"{name} is not a field of this resource")
    if message.startswith("Object missing required field"):
        return FieldError(quoted.group(1), "required", f"{quoted.group(1)} is required")
    path = _PATH.search(message)
    field = path.group(1) if path else ""
    reason = _PATH.sub("", message).replace("`int | float", "`int")
    code = "out_of_range" if any(sign in reason for sign in (">=", "<=", "out of range")) else "invalid"
    return FieldError(field, code, f"{field or 'The item'}: {reason[0].lower()}{reason[1:]}")


def _check_depth(item: Item) -> None:
    for name, value in _nesting(item):
        if isinstance(value, dict | list) and _depth(value) > MAX_METADATA_DEPTH:
            raise InvalidItem([FieldError(name, "too_deep", f"{name} is nested deeper than {MAX_METADATA_DEPTH}")])


def _nesting(item: Item):
    """The fields of arbitrary depth, without those that are read later."""
    if isinstance(item, ScoreItem):
        return
    yield "metadata", item.metadata
    if isinstance(item, SignalItem):
        yield "value", item.value
    else:
        yield "tool_choice", item.tool_choice
        yield "response_format", item.response_format


def _depth(value) -> int:
    """How deep dicts and lists are nested, counted without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        if depth > MAX_METADATA_DEPTH:
            break
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return depth


def known_id(raw: RawItem) -> str | None:
    """The id that a rejected item names, if it can be read."""
    try:
        return msgspec.json.decode(raw.data, type=_Identified).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
