"""From a row of a file to the item that is sent."""

import hashlib
import math
import uuid
from collections.abc import Mapping as Values
from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from feedback import exact_json
from feedback.field_errors import FieldError
from feedback.ingestion.items import EventItem, Item
from feedback.ingestion.loading import cells
from feedback.ingestion.loading.columns import Mapping, fields_of
from feedback.ingestion.loading.known_exports import KnownExport
from feedback.ingestion.loading.rows import FileRow, malformed
from feedback.ingestion.loading.times import InvalidTime
from feedback.ingestion.loading.tool_results import with_tool_results
from feedback.ingestion.parsing.bodies import RawItem

NAMESPACE = uuid.UUID("6d4f6f0e-54d5-5c6b-9a0c-0d1f8f6a2b11")


class RowReader:
    """Reads rows as items of one type. `is_text`: cells are text and '' is a missing value."""

    def __init__(
        self,
        item: type[Item],
        deployment_id: str,
        *,
        mappings: Sequence[Mapping],
        constants: Values[str, str],
        known: KnownExport | None,
        zone: tzinfo,
        is_text: bool,
    ):
        self.rows_with_tool_results = 0
        self._item, self._deployment_id, self._is_text = item, deployment_id, is_text
        self._mappings, self._constants, self._known, self._zone = mappings, constants, known, zone
        self._mapped = {mapping.column for mapping in mappings}
        self._fields = frozenset(fields_of(item))
        self._converters = cells.converters(item, zone)

    def item(self, row: FileRow) -> RawItem:
        if isinstance(row.value, FieldError):
            return RawItem(row.number, error=row.value)
        if not isinstance(row.value, dict):
            return RawItem(row.number, error=malformed("the row is not a JSON object"))
        try:
            return RawItem(row.number, self._content(row.number, row.value))
        except InvalidTime as error:
            return RawItem(row.number, error=FieldError("occurred_at", "invalid", f"occurred_at: {error}"))
        except (UnicodeEncodeError, TypeError, OverflowError, RecursionError) as error:
            return RawItem(row.number, error=malformed(f"the row cannot be sent as JSON: {error}"))
        except ValueError as error:
            return RawItem(row.number, error=malformed(str(error)))

    def _content(self, number: int, row: dict[str, Any]) -> bytes:
        fields = self._read(row)
        fields.setdefault("deployment_id", self._deployment_id)
        _drop_nan(fields)
        self._name(fields)
        content = exact_json.encode(fields)
        if fields.get("id") is not None:
            return content
        # Made of its deployment, place and content, so that the same file again adds nothing.
        digest = hashlib.sha256(content).hexdigest()
        return exact_json.encode(fields | {"id": _made(f"{fields['deployment_id']} {number} {digest}")})

    def _read(self, row: dict[str, Any]) -> dict[str, Any]:
        """The fields of a row: mapped columns, those of a known export, then those named like a field."""
        given = cells.document(row.get("metadata"))
        metadata = dict(given) if isinstance(given, dict) and "metadata" not in self._mapped else {}
        fields: dict[str, Any] = {}
        for mapping in self._mappings:
            value = row.get(mapping.column)
            if mapping.factor is not None:
                value = _times(cells.number(value), mapping.factor)
            if mapping.field.startswith("metadata."):
                self._put(metadata, mapping.field.removeprefix("metadata."), value)
            elif mapping.field:
                self._put(fields, mapping.field, value)
        rest = {name: value for name, value in row.items() if name not in self._mapped and not _is_nan(value)}
        known = self._known.read(rest, self._zone) if self._known else {}
        targets = self._known.targets if self._known else {}
        for name, value in [*known.items(), *rest.items()]:
            if name in self._fields and (name in known or name not in targets):
                if name not in {"metadata", "deployment_id"}:
                    self._put(fields, name, value)
            elif name not in targets:
                self._put(metadata, name, value)
        if "metadata" in rest and not isinstance(given, dict):
            self._put(metadata, "metadata", given)
        return self._converted(fields) | ({"metadata": metadata} if metadata else {})

    def _put(self, into: dict[str, Any], name: str, value: Any) -> None:
        """Take the value unless it is missing or another column gave one. An empty answer is an answer."""
        if value is None or self._is_text and value == "" and name != "response":
            return
        into.setdefault(name, value)

    def _converted(self, fields: dict[str, Any]) -> dict[str, Any]:
        for name, value in self._constants.items():
            fields.setdefault(name, value)
        read = {name: self._converters[name](value) for name, value in fields.items()}
        if "value" in read:
            read["value"] = cells.value_of(read.get("type"), read["value"])
        read = {name: value for name, value in read.items() if value is not None and not _is_nan(value)}
        if "messages" in read:
            if self._is_text and read.get("response") == "":
                del read["response"]
            messages = with_tool_results(read["messages"])
            self.rows_with_tool_results += messages is not read["messages"]
            read["messages"] = messages
        return read

    def _name(self, fields: dict[str, Any]) -> None:
        """Ids that are no UUIDs name the event by `external_id`; a signal's own makes one of it."""
        if self._item is EventItem:
            if "id" in fields and not _is_uuid(fields["id"]):
                fields.setdefault("external_id", fields.pop("id"))
            return
        if "id" in fields and not _is_uuid(fields["id"]):
            fields["id"] = _made(f"{fields['deployment_id']} signal {fields['id']}")
        if "event_id" in fields and not _is_uuid(fields["event_id"]):
            fields.setdefault("external_id", fields.pop("event_id"))


def _made(name: str) -> str:
    return str(uuid.uuid5(NAMESPACE, name))


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    try:
        return float(value) * factor
    except OverflowError:
        return math.inf


def _is_uuid(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | Decimal) and math.isnan(value)


def _drop_nan(fields: dict[str, Any]) -> None:
    """Put None for every NaN, without recursion. Raises ValueError for infinite numbers, which have no JSON."""
    waiting: list[Any] = [fields]
    while waiting:
        inner = waiting.pop()
        for name, value in list(inner.items() if isinstance(inner, dict) else enumerate(inner)):
            if isinstance(value, dict | list):
                waiting.append(value)
            elif _is_nan(value):
                inner[name] = None
            elif isinstance(value, float | Decimal) and math.isinf(value):
                raise ValueError("the row contains an infinite number")
