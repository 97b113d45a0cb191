"""Maps every error of ClickHouse to the contract's errors. No server text is passed on: it may quote a row."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from clickhouse_connect.driver import exceptions
from urllib3.exceptions import HTTPError

from feedback.stores.base import RowsRejected, StoreMisconfigured, StoreUnavailable

_ACCOUNT = (
    "ClickHouse at {place} rejects the user or password in CLICKHOUSE_URL. Correct them there, or on the server with"
    " ALTER USER."
)
_TABLES = "The tables in ClickHouse at {place} do not match this version. Run `manage.py migrate`."
_TOO_OLD = "ClickHouse at {place} cannot do what this store needs ({name}). It needs version 25.8 or newer."
_RIGHTS = (
    "The user in CLICKHOUSE_URL lacks the rights for this at {place} ({name}). Grant SELECT, INSERT, ALTER and CREATE"
    " TABLE on its database."
)
_DATABASE = (
    "ClickHouse at {place} has no database {database}. Create it with `CREATE DATABASE {database}`, or name another one"
    " in CLICKHOUSE_URL."
)
_CLUSTER = "ClickHouse at {place} knows no cluster {cluster}. See its system.clusters, and correct CLICKHOUSE_URL."
_MISCONFIGURED = {
    192: _ACCOUNT,  # UNKNOWN_USER
    193: _ACCOUNT,  # WRONG_PASSWORD
    194: _ACCOUNT,  # REQUIRED_PASSWORD
    516: _ACCOUNT,  # AUTHENTICATION_FAILED
    81: _DATABASE,  # UNKNOWN_DATABASE
    170: _CLUSTER,  # BAD_GET
    701: _CLUSTER,  # CLUSTER_DOESNT_EXIST
    16: _TABLES,  # NO_SUCH_COLUMN_IN_TABLE
    47: _TABLES,  # UNKNOWN_IDENTIFIER
    60: _TABLES,  # UNKNOWN_TABLE
    164: _RIGHTS,  # READONLY
    497: _RIGHTS,  # ACCESS_DENIED
    46: _TOO_OLD,  # UNKNOWN_FUNCTION
    48: _TOO_OLD,  # NOT_IMPLEMENTED
    62: _TOO_OLD,  # SYNTAX_ERROR
    115: _TOO_OLD,  # UNKNOWN_SETTING
    344: _TOO_OLD,  # SUPPORT_IS_DISABLED
}
_MEMORY = "ClickHouse at {place} has too little memory for this. Give it more, or raise max_server_memory_usage."
_DISK = "The disk of ClickHouse at {place} is full. Free some space; waiting items are then written."
_TIME = "ClickHouse at {place} took too long. It may be overloaded; writes are retried."
_AWAY = {
    241: _MEMORY,  # MEMORY_LIMIT_EXCEEDED
    173: _MEMORY,  # CANNOT_ALLOCATE_MEMORY
    243: _DISK,  # NOT_ENOUGH_SPACE
    75: _DISK,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR
    159: _TIME,  # TIMEOUT_EXCEEDED
    160: _TIME,  # TOO_SLOW
    209: _TIME,  # SOCKET_TIMEOUT
}
# What a row itself can be wrong in. Any other error of a write may heal, so the rows stay where they wait.
_REFUSED = {
    6,  # CANNOT_PARSE_TEXT
    27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
    53,  # TYPE_MISMATCH
    69,  # ARGUMENT_OUT_OF_BOUND
    70,  # CANNOT_CONVERT_TYPE
    131,  # TOO_LARGE_STRING_SIZE
    128,  # TOO_LARGE_ARRAY_SIZE
    321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
    469,  # VIOLATED_CONSTRAINT
}
_NO_SPACE = ("No space left on device", "errno: 28")
_ANSWERS_NOT = "ClickHouse at {place} does not answer. Start it, or correct CLICKHOUSE_URL."
_BROKEN_OFF = "ClickHouse at {place} ended its response early. Nothing is lost; try again."
_OTHER = "ClickHouse at {place} cannot do this now ({name}). See its log."
_NO_CLICKHOUSE = "The server at {place} is not ClickHouse's HTTP interface. Correct host and port in CLICKHOUSE_URL."
_NO_ENGINE = (
    "The engine in this process cannot open {place}: another process has it, or this process has another folder open."
)


@contextmanager
def translated(address, *, writes_rows: bool = False) -> Iterator[None]:
    """Raise StoreUnavailable, RowsRejected or StoreMisconfigured for what goes wrong inside."""
    try:
        yield
    except exceptions.Error as error:
        raise _told(error, address, writes_rows) from None
    except (OSError, HTTPError, pa.ArrowException):
        raise StoreUnavailable(_BROKEN_OFF.format(place=address)) from None


def _told(error: exceptions.Error, address, writes_rows: bool) -> Exception:
    code, text = error.code, str(error)
    facts = {
        "place": str(address),
        "database": address.database,
        "cluster": address.cluster,
        "name": error.name or f"error {code}",
    }
    if any(sign in text for sign in _NO_SPACE):
        return StoreUnavailable(_DISK.format(**facts))
    if writes_rows and code in _REFUSED:
        return RowsRejected(f"ClickHouse rejects these rows ({facts['name']}).")
    if code in _AWAY:
        return StoreUnavailable(_AWAY[code].format(**facts))
    if code in _MISCONFIGURED:
        return StoreMisconfigured(_MISCONFIGURED[code].format(**facts))
    if code is not None:
        return StoreUnavailable(_OTHER.format(**facts))
    return _unanswered(text, facts)


def _unanswered(text: str, facts: dict[str, str]) -> Exception:
    """An error without a code of the server: the way there, or something else at its end."""
    if "Unable to open the chdb engine" in text:
        return StoreMisconfigured(_NO_ENGINE.format(**facts))
    if "HTTP driver" in text or "HTTPDriver" in text or "response code" in text:
        return StoreMisconfigured(_NO_CLICKHOUSE.format(**facts))
    return StoreUnavailable(_ANSWERS_NOT.format(**facts))
