"""How many users there were, as an estimate: HyperLogLog sketches of hours and days that add up to any window."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datasketches import hll_sketch, hll_union
from django.db import connection
from django.db.models import Q

from feedback.choices import Bucket
from feedback.evidence.votes import hash_of_user
from feedback.models import RollupDelta, UserSketch
from feedback.rollups.rows import RollupWindow
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.times import DAY, HOUR

# 4,096 registers of half a byte: a standard error of 1.6 %, in at most 2 kB.
_LOG_REGISTERS = 12
_WRITE = """
    INSERT INTO feedback_usersketch (deployment_id, bucket, start_at, sketch) VALUES (%s, %s, %s, %s)
    ON CONFLICT (deployment_id, bucket, start_at) DO UPDATE SET sketch = excluded.sketch
"""
Hour = tuple[str, datetime]


@dataclass(frozen=True)
class DistinctUsers:
    """An estimate with its 95 % interval; an exact number while there are few."""

    value: float
    low: float
    high: float


def distinct_users(window: RollupWindow) -> DistinctUsers:
    """How many users sent the events of a deployment in a window, whatever its other restrictions."""
    spans = Q()
    for bucket, start, end in window.spans():
        spans |= Q(bucket=bucket, start_at__gte=start, start_at__lt=end)
    rows = UserSketch.objects.filter(spans, deployment_id=window.deployment_id)
    # Deltas first: if they are folded in between, their users are only read twice.
    waiting = RollupDelta.objects.filter(
        deployment_id=window.deployment_id, hour_at__gte=window.start, hour_at__lt=window.end
    ).exclude(users=[])
    hashes = [number for numbers in waiting.values_list("users", flat=True) for number in numbers]
    union = _union(rows.values_list("sketch", flat=True), hashes)
    return DistinctUsers(union.get_estimate(), union.get_lower_bound(2), union.get_upper_bound(2))


def counted(deltas: Sequence[RollupDelta]) -> dict[tuple[str, str, datetime], bytes]:
    """The sketches of the hours and days that these deltas touch, by deployment, bucket and start.

    An hour that lost events is counted again from those that are left; other hours get their new users added.
    """
    new: defaultdict[Hour, set[int]] = defaultdict(set)
    recounted: set[Hour] = set()
    for delta in deltas:
        hour = (delta.deployment_id, delta.hour_at)
        new[hour].update(delta.users)
        if delta.recount_users:
            recounted.add(hour)
    touched = {hour for hour, numbers in new.items() if numbers} | recounted
    hours = {hour: _hour(hour, new[hour], is_recounted=hour in recounted) for hour in touched}
    sketches = {(name, Bucket.HOUR.value, at): sketch for (name, at), sketch in hours.items()}
    for name, day_at in {(name, at.replace(hour=0)) for name, at in touched}:
        sketches[name, Bucket.DAY.value, day_at] = _day(name, day_at, hours, recounted)
    return sketches


def _hour(hour: Hour, new: Iterable[int], *, is_recounted: bool) -> bytes:
    deployment_id, at = hour
    if is_recounted:
        return _union([], _users_in_store(deployment_id, at)).serialize_compact()
    there = UserSketch.objects.filter(deployment_id=deployment_id, bucket=Bucket.HOUR, start_at=at)
    return _union(there.values_list("sketch", flat=True), new).serialize_compact()


def _day(deployment_id: str, day_at: datetime, hours: Mapping[Hour, bytes], recounted: set[Hour]) -> bytes:
    """The day before plus its new hours; if one of them was counted again, all of its hours."""
    inside = {at: sketch for (name, at), sketch in hours.items() if name == deployment_id and at - day_at < DAY}
    inside = {at: sketch for at, sketch in inside.items() if at >= day_at}
    sketches = UserSketch.objects.filter(deployment_id=deployment_id)
    if any((deployment_id, at) in recounted for at in inside):
        others = sketches.filter(bucket=Bucket.HOUR, start_at__gte=day_at, start_at__lt=day_at + DAY)
        there = others.exclude(start_at__in=list(inside))
    else:
        there = sketches.filter(bucket=Bucket.DAY, start_at=day_at)
    return _union([*there.values_list("sketch", flat=True), *inside.values()], ()).serialize_compact()


def _users_in_store(deployment_id: str, at: datetime) -> set[int]:
    where = EventFilter(deployment_id=deployment_id, occurred_from=at, occurred_to=at + HOUR)
    hashes: set[str] = set()
    for batch in event_store().scan(where, ["user_hash"]):
        hashes.update(batch.column(0).to_pylist())
    return {hash_of_user(user_hash) for user_hash in hashes - {""}}


def _union(sketches: Iterable[bytes], new: Iterable[int]) -> hll_sketch:
    union = hll_union(_LOG_REGISTERS)
    for sketch in sketches:
        union.update(hll_sketch.deserialize(bytes(sketch)))
    added = hll_sketch(_LOG_REGISTERS)
    for number in new:
        added.update(number)
    union.update(added)
    return union.get_result()


def save(sketches: Mapping[tuple[str, str, datetime], bytes]) -> None:
    """Set these sketches; call it in a transaction."""
    if sketches:
        with connection.cursor() as cursor:
            cursor.executemany(_WRITE, [(*key, sketch) for key, sketch in sketches.items()])
