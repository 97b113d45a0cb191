"""The queue of events whose evidence must be computed again."""

from collections.abc import Iterable

from django.db import connection

_COPY = "COPY feedback_touchedevent (event_id, deployment_id) FROM STDIN"


def touch(events: Iterable[tuple[str, str]]) -> None:
    """Queue events, given as (event id, deployment id); call it in the transaction that changes their evidence."""
    rows = sorted(set(events))
    if not rows:
        return
    # Django translates the driver's errors in its own methods only, and COPY is not one of them.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)
