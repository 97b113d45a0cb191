"""Values as ClickHouse's SQL writes them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\0": "\\0"})


def text(value: str) -> str:
    return f"'{value.translate(_ESCAPES)}'"


def texts(values: Iterable[UUID | str]) -> str:
    """A list for IN; nothing is in an empty one."""
    return "(" + (", ".join(text(str(value)) for value in values) or "NULL") + ")"


def moment(value: datetime) -> str:
    return f"fromUnixTimestamp64Micro(toInt64({(value - _EPOCH) // timedelta(microseconds=1)}), 'UTC')"


def name(value: str) -> str:
    """A table's, database's or cluster's name."""
    return "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`"
