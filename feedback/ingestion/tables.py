"""The SQL of the writer: COPY into a temporary table, then insert what is new."""

from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from feedback import schema
from feedback.ingestion.rows import Row

SCORE_COLUMNS = ("event_id", "assessor", "profile", "score", "checks", "assessed_at")


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    key: str = "id"

    @cached_property
    def column_list(self) -> str:
        return ", ".join(f'"{name}"' for name in self.columns)

    @property
    def incoming(self) -> str:
        return f"incoming_{self.name}"


EVENTS = Table("feedback_event", tuple(schema.EVENT.names))
SIGNALS = Table("feedback_signal", tuple(schema.SIGNAL.names))
SCORES = Table("feedback_qualityscore", SCORE_COLUMNS, key="event_id")

# Of two writers, one with an event and one with its signal, the second to take the lock sees the first one's rows.
_SIGNAL_LOCK = 0x5163_7E01

_ATTACH_BY_ID = """
    UPDATE feedback_signal AS signal SET waiting = false, deployment_id = event.deployment_id
    FROM feedback_event AS event
    WHERE signal.waiting AND signal.event_id = event.id
        AND (signal.id = ANY(%(signals)s::uuid[]) OR signal.event_id = ANY(%(events)s::uuid[]))
"""
_ATTACH_BY_EXTERNAL_ID = """
    UPDATE feedback_signal AS signal SET waiting = false, event_id = found.id
    FROM (
        SELECT DISTINCT ON (deployment_id, external_id) deployment_id, external_id, id FROM feedback_event
        WHERE external_id <> '' AND (deployment_id, external_id) IN (
            SELECT deployment_id, external_id FROM feedback_signal
            WHERE waiting AND event_id IS NULL AND id = ANY(%(signals)s::uuid[])
            UNION
            SELECT deployment_id, external_id FROM feedback_event
            WHERE id = ANY(%(events)s::uuid[]) AND external_id <> ''
        )
        ORDER BY deployment_id, external_id, occurred_at DESC, id DESC
    ) AS found
    WHERE signal.waiting AND signal.event_id IS NULL
        AND signal.deployment_id = found.deployment_id AND signal.external_id = found.external_id
    RETURNING signal.id
"""
_TOUCHED = """
    SELECT DISTINCT event_id FROM feedback_signal WHERE id = ANY(%(signals)s::uuid[]) AND event_id IS NOT NULL
"""
_LATEST = """
    SELECT DISTINCT ON (event_id, user_hash, slot) id FROM feedback_signal WHERE event_id = ANY(%(touched)s::uuid[])
    ORDER BY event_id, user_hash, slot, occurred_at DESC, received_at DESC, id DESC
"""
_RETIRE = f"""
    UPDATE feedback_signal SET live = false
    WHERE event_id = ANY(%(touched)s::uuid[]) AND live AND id NOT IN ({_LATEST})
"""
_ENLIVEN = f"UPDATE feedback_signal SET live = true WHERE NOT live AND id IN ({_LATEST})"


def insert_new(table: Table, rows: list[Row]) -> set[str]:
    """Insert rows whose key is not there yet; return the keys inserted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {table.incoming} ON COMMIT DELETE ROWS AS"
            f" SELECT {table.column_list} FROM {table.name} WITH NO DATA"
        )
        cursor.execute(f"TRUNCATE {table.incoming}")
        _copy(cursor, table.incoming, table, rows)
        # In the order of ids, so that two writers with the same ids wait for each other and never deadlock.
        cursor.execute(
            f"INSERT INTO {table.name} ({table.column_list}) SELECT {table.column_list} FROM {table.incoming}"
            f" ORDER BY {table.key} ON CONFLICT DO NOTHING RETURNING {table.key}"
        )
        return {str(row[0]) for row in cursor.fetchall()}


def _copy(cursor, target: str, table: Table, rows: list[Row]) -> None:
    # Django translates the driver's errors in its own methods only, and COPY is not one of them.
    with connection.wrap_database_errors, cursor.copy(f"COPY {target} ({table.column_list}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in table.columns])


def settle_signals(event_ids: set[str], signal_ids: set[str]) -> None:
    """Attach signals and events that found each other, and leave one live signal in every touched slot."""
    names = {"events": list(event_ids), "signals": list(signal_ids)}
    with connection.cursor() as cursor:
        lock = "pg_advisory_xact_lock" if signal_ids else "pg_advisory_xact_lock_shared"
        cursor.execute(f"SELECT {lock}(%s)", [_SIGNAL_LOCK])
        cursor.execute(_ATTACH_BY_ID, names)
        cursor.execute(_ATTACH_BY_EXTERNAL_ID, names)
        names["signals"] += [str(row[0]) for row in cursor.fetchall()]
        cursor.execute(_TOUCHED, names)
        names["touched"] = [row[0] for row in cursor.fetchall()]
        if names["touched"]:
            cursor.execute(_RETIRE, names)
            cursor.execute(_ENLIVEN, names)
