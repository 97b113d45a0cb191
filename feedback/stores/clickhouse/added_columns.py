"""Columns, indexes and constraints that later versions add to tables that are there. Each statement may run again."""

from collections.abc import Iterator

from feedback.stores.clickhouse import tables
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.tables import EVENTS, SIGNALS, Table

_SIGNAL_COLUMNS = (
    "session_hash",
    "name",
    "message_index",
    "retracted",
    "prompted",
    "key_prefix",
    "through_public_key",
)
_EVENT_COLUMNS = (
    "response_message",
    "dialect",
    "tools_hash",
    "tools_called",
    "tool_choice",
    "response_format",
    "feedback_shown",
    "training_allowed",
)
_TARGET, _TEXT = "has_a_target", "edit_has_text"


def statements(connection: Connection) -> Iterator[str]:
    """Signals that have names and messages or are taken back, and events whose answers are messages."""
    yield from _add_columns(connection, EVENTS, _EVENT_COLUMNS)
    yield from _add_columns(connection, SIGNALS, _SIGNAL_COLUMNS)
    yield from _replace_constraints(connection, SIGNALS, (_TARGET, _TEXT))
    yield from _add_indexes(connection, SIGNALS, ("by_session",))
    yield from _add_indexes(connection, EVENTS, ("by_session",))


def _add_columns(connection: Connection, table: Table, names: tuple[str, ...]) -> Iterator[str]:
    added = ", ".join(f"ADD COLUMN IF NOT EXISTS {_line(table, name)}" for name in names)
    here, on_cluster = tables.stored_in(table, connection.address), tables.on_cluster(connection.address)
    # The table that spans all shards comes last: what it names, every shard has.
    for name in dict.fromkeys((here, table.name)):
        yield f"ALTER TABLE {name}{on_cluster} {added}"


def _replace_constraints(connection: Connection, table: Table, names: tuple[str, ...]) -> Iterator[str]:
    here, on_cluster = tables.stored_in(table, connection.address), tables.on_cluster(connection.address)
    for name in names:
        yield f"ALTER TABLE {here}{on_cluster} DROP CONSTRAINT IF EXISTS {name}"
        yield f"ALTER TABLE {here}{on_cluster} ADD CONSTRAINT IF NOT EXISTS {_rest(table, 'CONSTRAINT', name)}"


def _add_indexes(connection: Connection, table: Table, names: tuple[str, ...]) -> Iterator[str]:
    """Old parts have no index until they are merged; their rows are found without it."""
    here, on_cluster = tables.stored_in(table, connection.address), tables.on_cluster(connection.address)
    for name in names:
        yield f"ALTER TABLE {here}{on_cluster} ADD INDEX IF NOT EXISTS {_rest(table, 'INDEX', name)}"


def _line(table: Table, name: str) -> str:
    return next(line for line in table.columns if line.split(" ", 1)[0] == name)


def _rest(table: Table, word: str, name: str) -> str:
    return next(line.removeprefix(f"{word} ") for line in table.columns if line.startswith(f"{word} {name} "))
