"""The format of rows in the stream and of rejected items, and the defaults that rows of earlier formats lack."""

from typing import Any

import pyarrow as pa

from feedback.choices import DEFAULT_PROFILE, Assessor, ItemKind, ScoreName
from feedback.stores import schema
from feedback.stores.schema import Row

# Incremented with every change of the columns of a row. Entries without a number have the first format.
FORMAT, FIRST_FORMAT = 4, 1
# Of an event without its texts the score travels with the row.
ASSESSMENT = "assessment"
_REQUIRED = {"id", "deployment_id", "type", "slot", "occurred_at", "received_at"}
_NULLABLE = {
    *("messages", "response_message", "tool_choice", "response_format", "feedback_shown"),
    *("value", "event_id", "prompted"),
}
_TRUE = {"training_allowed"}
_OBJECTS = {"metadata", "masked"}


class NewerFormat(ValueError):
    """A row in a format of a later version."""

    def __init__(self, number: int):
        super().__init__(f"format {number} is newer than {FORMAT}")
        self.number = number


def require_known(number: int) -> None:
    """Raise NewerFormat for a format of a later version: unknown columns would be lost."""
    if number > FORMAT:
        raise NewerFormat(number)


def filled(kind: ItemKind, row: Row) -> Row:
    """The row with the defaults of every column that it lacks."""
    if (score := row.get(ASSESSMENT)) is not None:
        row = row | {ASSESSMENT: _SCORE | {"raw": score["score"]} | score}
    return _DEFAULTS[kind] | row


def _default(column: pa.Field) -> Any:
    if pa.types.is_list(column.type):
        return []
    if column.name in _NULLABLE:
        return None
    if column.name in _OBJECTS:
        return "{}"
    if pa.types.is_boolean(column.type):
        return column.name in _TRUE
    return "" if pa.types.is_string(column.type) else None


def _defaults(columns: pa.Schema) -> Row:
    return {column.name: _default(column) for column in columns if column.name not in _REQUIRED}


_DEFAULTS: dict[ItemKind, Row] = {
    ItemKind.EVENT: _defaults(schema.EVENT),
    ItemKind.SIGNAL: _defaults(schema.SIGNAL),
    ItemKind.SCORE: {},
}
_SCORE = {
    "assessor": Assessor.CHECKS.value,
    "name": ScoreName.QUALITY.value,
    "profile": DEFAULT_PROFILE,
    "minimum": 0.0,
    "maximum": 1.0,
    "version": "",
    "checks": "[]",
}
