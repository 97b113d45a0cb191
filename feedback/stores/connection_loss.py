"""Tells an unavailable database from one that answers with an error."""

from django.db import InterfaceError, InternalError, OperationalError

# What a write raises when the database cannot take anything now; a read-only standby answers with InternalError.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, InternalError)

# SQLSTATEs of a connection that failed or that the server ended.
CONNECTION_LOST = ("08", "57P0")

_CANCELLED = "57014"


def is_timeout(error: BaseException) -> bool:
    """Whether the database gave up a statement that took longer than the process lets it."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) == _CANCELLED


def is_database_unavailable(error: BaseException) -> bool:
    """Whether this is a lost or rejected connection, and not the database's answer to a statement."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(CONNECTION_LOST)
