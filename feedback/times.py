"""Hours and days in UTC, the buckets of rollups."""

from datetime import UTC, datetime, timedelta

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def floor_hour(moment: datetime) -> datetime:
    """The start of the hour that holds this moment."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def floor_day(moment: datetime) -> datetime:
    """The start of the day that holds this moment."""
    return floor_hour(moment).replace(hour=0)


def whole_hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The start of the first hour and the end of the last that hold these moments; `end` is exclusive."""
    last = floor_hour(end)
    return floor_hour(start), last if last == end else last + HOUR
