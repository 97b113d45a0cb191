"""Rebuilds rollups from the event store and reports the differences."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from feedback.choices import Bucket
from feedback.measures import measuring
from feedback.measures.catalogue import SIGNAL, Measure, is_of_signals, is_of_texts, kind_of, measure_of
from feedback.measures.measuring import COLUMNS, Place
from feedback.models import Deployment, FeedbackRecount, Rollup, RollupDelta, ScoreClaim, StoreClaim
from feedback.rollups import deltas, folding
from feedback.rollups.deltas import Change
from feedback.rollups.folding import Key
from feedback.rollups.rows import RollupWindow, as_cell, fetch
from feedback.rollups.segments import Group
from feedback.rollups.signals import counting, labels
from feedback.rollups.signals.live import live_signals
from feedback.rollups.tally import Cell, add_up
from feedback.stores import event_store, locks
from feedback.stores.base import EventFilter, Paging
from feedback.times import DAY, HOUR, floor_hour

ATTEMPTS = 3
_EVENTS_AT_ONCE = 5_000
_GROUP = ("model_version_id", "prompt_version", "segment")
Cells = dict[tuple[Group, Measure], Cell]


@dataclass(frozen=True)
class Difference:
    """One rollup that differs from the events: the number of values it has, and the number counted from events."""

    deployment_id: str
    bucket: str
    start_at: datetime
    model_version_id: str
    prompt_version: str
    segment: str
    metric: str
    assessor: str
    measure_version: str
    held: int
    counted: int


@dataclass(frozen=True)
class RebuildOutcome:
    """What was compared, what differed, and which hours changed too often to be compared."""

    hours: int
    differences: list[Difference]
    unsettled: list[datetime]


def rebuild(
    deployment: Deployment,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    is_check: bool = False,
    tell: Callable[[datetime], None] = lambda at: None,
) -> RebuildOutcome:
    """Compare the rollups of these hours with the events, and correct them unless `is_check`.

    Hours with purged events are skipped: their rollups are all that is left of them. A rebuild of all hours counts also
    the experiments of events that came before these were counted.
    """
    if not is_check:
        labels.learn(deployment.pk)
    if not is_check and start is None and end is None:
        _count_all_experiments(deployment.pk)
    differences: list[Difference] = []
    unsettled: list[datetime] = []
    days: set[datetime] = set()
    hours = 0
    for at in _hours(deployment.pk, earliest(deployment, start), end):
        tell(at)
        found = _compare(deployment.pk, at, is_check=is_check)
        if found is None:
            unsettled.append(at)
        else:
            differences += found
        hours += 1
        days.add(at.replace(hour=0))
    for at in sorted(days):
        differences += compare_day(deployment.pk, at, is_check=is_check)
    return RebuildOutcome(hours, differences, unsettled)


def _count_all_experiments(deployment_id: str) -> None:
    with transaction.atomic():
        # Whoever subtracts events holds this lock, and so has read either the one moment or the other.
        locks.lock_signals()
        Deployment.objects.filter(pk=deployment_id).update(experiments_since=None)


def earliest(deployment: Deployment, start: datetime | None = None) -> datetime | None:
    """The first hour from `start` on whose events are all there still; None for the first that there is."""
    if deployment.purged_to is None:
        return start
    whole = RollupWindow.over(deployment.purged_to, deployment.purged_to).end
    return whole if start is None else max(start, whole)


def _hours(deployment_id: str, start: datetime | None, end: datetime | None) -> Iterator[datetime]:
    """The hours that hold events or rollups, in order."""
    at = None if start is None else RollupWindow.over(start, start + HOUR).start
    while True:
        times = [_first_event(deployment_id, at), *_first_rows(deployment_id, at)]
        found = min((time for time in times if time is not None), default=None)
        if found is None or (end is not None and found >= end):
            return
        hour_at = floor_hour(found)
        yield hour_at
        at = hour_at + HOUR


def _first_event(deployment_id: str, at: datetime | None) -> datetime | None:
    where = EventFilter(deployment_id=deployment_id, occurred_from=at)
    times = event_store().scan(where, ["occurred_at"], Paging(newest_first=False, limit=1)).read_all()["occurred_at"]
    return times[0].as_py() if len(times) else None


def _first_rows(deployment_id: str, at: datetime | None) -> list[datetime | None]:
    folded = Rollup.objects.filter(deployment_id=deployment_id, bucket=Bucket.HOUR).order_by("start_at")
    waiting = RollupDelta.objects.filter(deployment_id=deployment_id).order_by("hour_at")
    if at is not None:
        folded, waiting = folded.filter(start_at__gte=at), waiting.filter(hour_at__gte=at)
    return [folded.values_list("start_at", flat=True).first(), waiting.values_list("hour_at", flat=True).first()]


def _compare(deployment_id: str, at: datetime, *, is_check: bool) -> list[Difference] | None:
    """What differed in one hour; None if the hour changed at every attempt."""
    with folding.lock(wait=True):
        for _ in range(ATTEMPTS):
            before = state(deployment_id, at)
            held, counted = held_in(deployment_id, at), _counted(deployment_id, at, may_learn=not is_check)
            if before is not None and state(deployment_id, at) == before:
                break
        else:
            return None
        wrong = corrections(held, counted)
        if is_check:
            left_out = _measured_before(held, counted) | _being_recounted(deployment_id, wrong)
            wrong = {key: cell for key, cell in wrong.items() if key not in left_out}
        if wrong and not is_check:
            correct(wrong)
    return [_difference(key, at, held.get(key, Cell()).n, counted.get(key, Cell()).n) for key in sorted(wrong, key=str)]


def corrections(held: Cells, counted: Cells) -> Cells:
    """What is to be added to cells that differ from what was counted."""
    nothing = Cell()
    return {
        key: add_up([counted.get(key, nothing), held.get(key, nothing).negative()])
        for key in held | counted
        if not counted.get(key, nothing).agrees_with(held.get(key, nothing))
    }


def _measured_before(held: Cells, counted: Cells) -> set[tuple[Group, Measure]]:
    """Values that an earlier version measured in texts and that cannot be measured that way again: only their number
    must agree. A rebuild measures them again.
    """
    numbers: defaultdict[tuple[Group, str], int] = defaultdict(int)
    keys: defaultdict[tuple[Group, str], set[Measure]] = defaultdict(set)
    for cells, sign in ((held, 1), (counted, -1)):
        for (group, measure), cell in cells.items():
            if is_of_texts(measure.metric):
                numbers[group, measure.metric] += sign * cell.n
                keys[group, measure.metric].add(measure)
    return {
        (group, measure)
        for (group, metric), measures in keys.items()
        if numbers[group, metric] == 0 and any(one != measure_of(metric) for one in measures)
        for measure in measures
    }


def _being_recounted(deployment_id: str, wrong: Cells) -> set[tuple[Group, Measure]]:
    """What a requested job is about to count: the states, ratings and labels of a deployment."""
    if not FeedbackRecount.objects.filter(pk=deployment_id).exists():
        return set()
    return {key for key in wrong if is_of_signals(key[1].metric) and key[1] != SIGNAL}


def state(deployment_id: str, at: datetime) -> set[int] | None:
    """The deltas of an hour; None while a store outside of the database has what is not counted yet.

    Folding is locked out, so deltas that are the same before and after mean that nothing else happened between.
    """
    if StoreClaim.objects.exists() or ScoreClaim.objects.exists():
        return None
    return set(RollupDelta.objects.filter(deployment_id=deployment_id, hour_at=at).values_list("pk", flat=True))


def held_in(deployment_id: str, at: datetime) -> Cells:
    """What the rollups say of an hour, folded or not."""
    window = RollupWindow(at, at + HOUR, deployment_id, segment=None, assessors=None)
    cells: defaultdict[tuple[Group, Measure], list[Cell]] = defaultdict(list)
    keys = (*_GROUP, "metric", "assessor", "measure_version")
    for (version, prompt_version, segment, *measure), cell in fetch(window, None, keys, by_hour=True):
        group = Group(Place(deployment_id, version, prompt_version, at), segment)
        cells[group, Measure(*measure)].append(cell)
    return summed(cells)


def _counted(deployment_id: str, at: datetime, *, may_learn: bool) -> Cells:
    """The same from the events themselves."""
    where = EventFilter(deployment_id=deployment_id, occurred_from=at, occurred_to=at + HOUR)
    cells: defaultdict[tuple[Group, Measure], list[Cell]] = defaultdict(list)
    for batch in event_store().scan(where, COLUMNS, Paging(newest_first=False, batch_size=_EVENTS_AT_ONCE)):
        rows = batch.to_pylist()
        ids = [row["id"] for row in rows]
        measured = measuring.measure(rows, deltas.scores_of(ids))
        changes = deltas.changes_of(measured, may_learn=may_learn)
        said = counting.cells_of(live_signals(ids), deltas.groups_of(measured))
        for group, of_group in [*((change.group, change.cells) for change in changes), *said.items()]:
            for measure, cell in of_group.items():
                cells[group, measure].append(cell)
    return summed(cells)


def summed(cells: Mapping[tuple[Group, Measure], list[Cell]]) -> Cells:
    return {(group, measure): _sum(measure, parts) for (group, measure), parts in cells.items()}


def _sum(measure: Measure, parts: list[Cell]) -> Cell:
    return add_up(parts).without_rounding(kind_of(measure.metric, measure.assessor))


def correct(wrong: Cells) -> None:
    """Add these cells; call it in a transaction that holds the lock of folding."""
    by_group: defaultdict[Group, dict[Measure, Cell]] = defaultdict(dict)
    for (group, measure), cell in wrong.items():
        by_group[group][measure] = cell
    deltas.insert(Change(group, cells, recount_users=True) for group, cells in by_group.items())


def compare_day(
    deployment_id: str, at: datetime, *, is_check: bool, of: Callable[[str], bool] = lambda metric: True
) -> list[Difference]:
    """Each row of a day is the sum of those of its hours, whatever has not been folded yet. of: which metrics."""
    with folding.lock(wait=True):
        if not is_check:
            _fold_corrections()
        days: dict[Key, Cell] = {}
        hours: defaultdict[Key, list[Cell]] = defaultdict(list)
        for row in Rollup.objects.filter(deployment_id=deployment_id, start_at__gte=at, start_at__lt=at + DAY):
            if not of(row.metric):
                continue
            names = (row.deployment_id, row.model_version_id, row.prompt_version, row.segment)
            measure = Measure(row.metric, row.assessor, row.measure_version)
            key = Key(*names, row.bucket, row.start_at, measure, row.scheme)
            cell = as_cell(row.n, row.total, row.squares, row.bins, row.names, row.counts)
            if row.bucket == Bucket.DAY:
                days[key] = cell
            else:
                hours[key.of_day()].append(cell)
        sums = {key: _sum(key.measure, parts) for key, parts in hours.items()}
        wrong = [
            key for key in days.keys() | sums.keys() if not days.get(key, Cell()).agrees_with(sums.get(key, Cell()))
        ]
        if wrong and not is_check:
            folding.write({key: sums.get(key, Cell()) for key in wrong})
    return [
        Difference(
            *(key.deployment_id, key.bucket, key.start_at, key.model_version_id, key.prompt_version, key.segment),
            *(*key.measure, days.get(key, Cell()).n, sums.get(key, Cell()).n),
        )
        for key in sorted(wrong, key=str)
    ]


def _fold_corrections() -> None:
    while folding.fold_some():
        pass


def _difference(key: tuple[Group, Measure], at: datetime, held: int, counted: int) -> Difference:
    group, measure = key
    place = group.place
    names = (place.model_version_id, place.prompt_version, group.segment)
    return Difference(place.deployment_id, Bucket.HOUR.value, at, *names, *measure, held, counted)
