"""Times as files have them: numbers since 1970 in any unit, ISO 8601 with or without a zone."""

import math
import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

# Below it is a number of seconds; a thousand times as much is one of milliseconds, and so on. 1e11 s is the year 5138.
_MOST_SECONDS = 1e11
# 1973. A smaller number counts something else, or writes a date in digits.
_FEWEST_SECONDS = 1e8
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DIGITS_OF_DATE = re.compile(r"(?:19|20)\d{6}")
_UTC_BY_NAME = re.compile(r"\s*(?:UTC|GMT)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidTime(ValueError):
    """A value that is no time, or one of several."""


def moment(value: Any, *, zone: tzinfo) -> datetime:
    """Read a time; `zone` is that of times that name none.

    Numbers are seconds, milliseconds, microseconds or nanoseconds since 1970, by their size. Raises InvalidTime.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _since_1970(value)
    text = str(value).strip()
    if _NUMBER.fullmatch(text) and not _DIGITS_OF_DATE.fullmatch(text):
        return _since_1970(Decimal(text))
    try:
        read = datetime.fromisoformat(_UTC_BY_NAME.sub("+00:00", text))
    except ValueError:
        raise InvalidTime(
            "expected a time in ISO 8601, or seconds, milliseconds, microseconds or nanoseconds since 1970"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _since_1970(number: int | float | Decimal) -> datetime:
    if not math.isfinite(number) or number < _FEWEST_SECONDS:
        raise InvalidTime("a number below 100,000,000 (1973) is not read as a time since 1970")
    unit = 0
    while number >= _MOST_SECONDS * 1000**unit and unit < 3:
        unit += 1
    try:
        # Exact, as a float of seconds has no room for microseconds.
        return _EPOCH + timedelta(microseconds=int(Decimal(str(number)) * 1_000_000 / 1000**unit))
    except OverflowError as error:
        raise InvalidTime("the number is beyond the year 9999") from error
