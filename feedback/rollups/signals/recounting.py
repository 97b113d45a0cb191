"""Counts the live signals of a deployment again, after its weights changed: reads signals, no texts.

A request is a row, and the job that works it off goes on where a dead worker left it.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import structlog
from django.db import connection
from django.utils import timezone

from feedback.evidence.keeping.touching import touch
from feedback.jobs import leases, sweeping
from feedback.jobs.leases import Lease
from feedback.measures.catalogue import Measure, is_of_signals
from feedback.measures.measuring import PLACING_COLUMNS, placed
from feedback.models import Deployment, Evidence, FeedbackRecount, Rollup, RollupDelta
from feedback.rollups import deltas, folding, rebuilding
from feedback.rollups.rebuilding import Cells
from feedback.rollups.segments import Group
from feedback.rollups.signals import counting, labels
from feedback.rollups.signals.live import live_signals
from feedback.rollups.tally import Cell
from feedback.stores import event_store, locks
from feedback.stores.base import EventFilter, Paging
from feedback.tasks import recount_feedback
from feedback.times import DAY, HOUR

log = structlog.get_logger(__name__)
# Attempts at an hour that others change meanwhile; then they wait until it is counted.
ATTEMPTS = 2
_EVENTS_AT_ONCE = 5_000
_REQUEST = """
    INSERT INTO feedback_feedbackrecount AS recount (deployment_id, number, requested_at, reached_at, error)
    VALUES (%s, 1, %s, NULL, '')
    ON CONFLICT (deployment_id) DO UPDATE
    SET number = recount.number + 1, requested_at = excluded.requested_at, reached_at = NULL, error = ''
"""


def request(deployment_id: str) -> None:
    """Have the live signals of a deployment counted again; call it in the transaction that changes its weights."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUEST, [deployment_id, timezone.now()])
    recount_feedback.delay_on_commit(deployment_id)


def is_running(deployment_id: str) -> bool:
    """Whether states under the weights in force are still being counted."""
    return FeedbackRecount.objects.filter(pk=deployment_id).exists()


def sweep() -> None:
    """Queue the jobs that no worker holds, and give up those that crash their workers."""
    overdue = FeedbackRecount.objects.unfinished().requested_before(sweeping.overdue_since())
    sweeping.sweep(recount_feedback, list(overdue.values_list("pk", flat=True)), give_up=_give_up)


def _give_up(deployment_id: str, message: str) -> None:
    FeedbackRecount.objects.filter(pk=deployment_id).update(error=message)
    log.error("feedback_recount_given_up", deployment=deployment_id)


def run(deployment_id: str) -> None:
    """Work off the request for a deployment; does nothing without one, or while another worker does it."""
    with leases.of_job(recount_feedback.name, deployment_id) as lease:
        while lease is not None and (job := FeedbackRecount.objects.filter(pk=deployment_id).first()) is not None:
            _recount(job, lease)


def _recount(job: FeedbackRecount, lease: Lease) -> None:
    """Count day by day until all is done, or there is a newer request."""
    deployment_id = job.deployment_id
    labels.learn(deployment_id)
    for day, hours in _days(deployment_id, job.reached_at):
        for at in hours:
            lease.require()
            _recount_hour(deployment_id, at)
        rebuilding.compare_day(deployment_id, day, is_check=False, of=is_of_signals)
        if not FeedbackRecount.objects.filter(pk=deployment_id, number=job.number).update(reached_at=day + DAY):
            return
    _touch_evidence(deployment_id, lease)
    if FeedbackRecount.objects.filter(pk=deployment_id, number=job.number).delete()[0]:
        log.info("feedback_recounted", deployment=deployment_id)


def _days(deployment_id: str, reached_at: datetime | None) -> Iterator[tuple[datetime, list[datetime]]]:
    """Each day with its hours that have signals, in order. Hours whose events have expired stay as they are."""
    deployment = Deployment.objects.filter(pk=deployment_id).first()
    starts = [at for at in (reached_at, deployment and rebuilding.earliest(deployment)) if at is not None]
    # First what is not folded yet: if it is meanwhile, its hours are found among those of the rows.
    waiting = RollupDelta.objects.filter(deployment_id=deployment_id).values_list("hour_at", flat=True).distinct()
    rows = Rollup.objects.filter(deployment_id=deployment_id).hours_with_signals()
    hours = {*waiting, *rows.values_list("start_at", flat=True).distinct()}
    days: dict[datetime, list[datetime]] = {}
    for at in sorted(hours):
        if not starts or at >= max(starts):
            days.setdefault(at.replace(hour=0), []).append(at)
    yield from days.items()


def _recount_hour(deployment_id: str, at: datetime) -> None:
    with folding.lock(wait=True):
        held, counted, event_ids = _compared(deployment_id, at)
        if wrong := rebuilding.corrections(held, counted):
            rebuilding.correct(wrong)
        touch((event_id, deployment_id) for event_id in event_ids)


def _compared(deployment_id: str, at: datetime) -> tuple[Cells, Cells, set[str]]:
    """What rollups hold and what there is, at one moment, and the events that have signals."""
    for _ in range(ATTEMPTS):
        before = rebuilding.state(deployment_id, at)
        if before is not None:
            found = _held(deployment_id, at), *_counted(deployment_id, at)
            if rebuilding.state(deployment_id, at) == before:
                return found
    # Now no one attaches or removes signals. A store outside of the database has uncounted items almost always.
    locks.lock_signals()
    return _held(deployment_id, at), *_counted(deployment_id, at)


def _held(deployment_id: str, at: datetime) -> Cells:
    held = rebuilding.held_in(deployment_id, at)
    return {
        (group, measure): cell
        for (group, measure), cell in held.items()
        if is_of_signals(measure.metric) and not measure.assessor
    }


def _counted(deployment_id: str, at: datetime) -> tuple[Cells, set[str]]:
    """What the live signals of an hour's events come to, and the events that have any."""
    cells: defaultdict[tuple[Group, Measure], list[Cell]] = defaultdict(list)
    event_ids: set[str] = set()
    where = EventFilter(deployment_id=deployment_id, occurred_from=at, occurred_to=at + HOUR)
    paging = Paging(newest_first=False, batch_size=_EVENTS_AT_ONCE)
    for batch in event_store().scan(where, PLACING_COLUMNS, paging):
        rows = {row["id"]: row for row in batch.to_pylist()}
        live = live_signals(sorted(rows))
        said = {change.event_id for change in live}
        event_ids |= said
        groups = deltas.groups_of(placed([row for event_id, row in rows.items() if event_id in said]))
        for group, of_group in counting.cells_of(live, groups).items():
            for measure, cell in of_group.items():
                cells[group, measure].append(cell)
    return rebuilding.summed(cells), event_ids


def _touch_evidence(deployment_id: str, lease: Lease) -> None:
    """Queue all that has evidence; what got a vote by the new weights was queued with its hour."""
    rows = Evidence.objects.of_deployment(deployment_id).order_by("pk").values_list("pk", flat=True)
    last = None
    while ids := list((rows if last is None else rows.filter(pk__gt=last))[:_EVENTS_AT_ONCE]):
        lease.require()
        touch((str(event_id), deployment_id) for event_id in ids)
        last = ids[-1]
