"""Small pieces of SQL that more than one module needs."""

from collections.abc import Iterable

from django.db import connection

from feedback.advisory_locks import AdvisoryLock

# Of two writers, one with an event and one with its signal, the second to take the lock sees the first one's rows.
_SIGNALS = AdvisoryLock.SIGNALS


def uuid_array(ids: Iterable[str]) -> str:
    """Ids as PostgreSQL writes an array of them; the driver's own way of passing a list takes far longer."""
    return "{" + ",".join(ids) + "}"


def lock_signals(*, shared: bool = False) -> None:
    """Keep others from attaching signals until the transaction ends; writers of events alone may share the lock."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [_SIGNALS])


def lock_scores() -> None:
    """Keep others from scoring stored events until the transaction ends; take it before every other lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.SCORES])


def end_if_idle(seconds: int) -> None:
    """Have the database end this transaction if its process hangs, so that another can take over."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'")
