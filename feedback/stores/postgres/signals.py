"""The SQL that attaches signals and events to each other, and leaves one live signal in every slot."""

from collections.abc import Iterable
from operator import attrgetter

from django.db import connection

from feedback.choices import SignalType
from feedback.stores.base import SignalChange
from feedback.stores.locks import uuid_array

_ATTACH_BY_ID = """
    UPDATE feedback_signal AS signal SET waiting = false, deployment_id = event.deployment_id
    FROM feedback_event AS event
    WHERE signal.waiting AND signal.event_id = event.id AND signal.deployment_id IN ('', event.deployment_id)
        AND (signal.id = ANY(%(signals)s::uuid[]) OR signal.event_id = ANY(%(events)s::uuid[]))
        AND event.deployment_id || ' ' || signal.type <> ALL(%(uncollected)s)
    RETURNING signal.id
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
# An edit that equals the response says nothing; a retraction is the last of its slot and not live either.
_LATEST = """
    SELECT id FROM (
        SELECT DISTINCT ON (event_id, user_hash, slot) id, retracted FROM feedback_signal AS signal
        WHERE event_id = ANY(%(touched)s::uuid[]) AND NOT waiting AND NOT (
            type = 'edit' AND NOT content_dropped AND NOT retracted
            AND edited_response = (SELECT response FROM feedback_event WHERE id = signal.event_id)
        )
        ORDER BY event_id, user_hash, slot, occurred_at DESC, received_at DESC, id DESC
    ) AS latest
    WHERE NOT retracted
"""
_COLUMNS = "id::text, event_id::text, type, name, value::text, user_hash, through_public_key, deployment_id"
_CHANGED = f"RETURNING {_COLUMNS}"
_RETIRE = f"""
    UPDATE feedback_signal SET live = false
    WHERE event_id = ANY(%(touched)s::uuid[]) AND live AND id NOT IN ({_LATEST}) {_CHANGED}
"""
_ENLIVEN = f"UPDATE feedback_signal SET live = true WHERE NOT live AND id IN ({_LATEST}) {_CHANGED}"
_STAYING = f"""
    SELECT {_COLUMNS} FROM feedback_signal
    WHERE event_id = ANY(%(events)s::uuid[]) AND live AND id <> ALL(%(changed)s::uuid[])
"""


def attach(event_ids: set[str], signal_ids: set[str], uncollected: frozenset[str]) -> list[SignalChange]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM feedback_signal WHERE waiting)")
        return _attach(cursor, event_ids, signal_ids, uncollected) if cursor.fetchone()[0] else []


def _attach(cursor, event_ids: set[str], signal_ids: set[str], uncollected: frozenset[str]) -> list[SignalChange]:
    touched = list(signal_ids)
    names = {"events": uuid_array(event_ids), "uncollected": list(uncollected)}
    for attach in (_ATTACH_BY_ID, _ATTACH_BY_EXTERNAL_ID):
        cursor.execute(attach, names | {"signals": uuid_array(touched)})
        touched += [str(row[0]) for row in cursor.fetchall()]
    cursor.execute(_TOUCHED, {"signals": uuid_array(touched)})
    touched_events = uuid_array(str(row[0]) for row in cursor.fetchall())
    changes = []
    for statement, sign in ((_RETIRE, -1), (_ENLIVEN, 1)):
        cursor.execute(statement, {"touched": touched_events})
        changes += _changes(cursor.fetchall(), sign)
    if changes:
        changed_events = uuid_array({change.event_id for change in changes})
        cursor.execute(
            _STAYING, {"events": changed_events, "changed": uuid_array(change.signal_id for change in changes)}
        )
        changes += _changes(cursor.fetchall(), 0)
    return sorted(changes, key=attrgetter("signal_id"))


def _changes(rows: Iterable[tuple], sign: int) -> list[SignalChange]:
    return [
        SignalChange(signal_id, event_id, SignalType(type), sign, *facts) for signal_id, event_id, type, *facts in rows
    ]
