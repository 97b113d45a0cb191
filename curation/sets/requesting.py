"""Creates curated sets; a task builds them."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from curation.choices import SCHEDULED_NAME, CuratedSetStatus, Strategy
from curation.models import CuratedSet
from curation.sets import versions
from curation.sets.defaults import default_notice, default_strategies
from curation.sets.numbering import Step
from curation.tasks import build_curated_set
from feedback.jobs import sweeping
from feedback.models import Deployment
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

log = structlog.get_logger(__name__)

# Of one deployment, so that its builds do not delay those of others.
MOST_BUILDING = 5


class TooManyBuilding(Exception):
    """The deployment has so many sets that are being built that no further one is queued."""

    def __init__(self, deployment_id: str):
        super().__init__(
            f"{MOST_BUILDING} curated sets of {deployment_id} are still being built. Wait until one is done."
        )


# Two requests that agree in these select alike. `only_new` is no part of it: it depends on what was exported.
_REQUEST = ("strategies", "parameters", "filters", "shares", "segments", "splits", "limit", "seed")
# How the rows of a set are reviewed, which its next version takes over.
_REVIEWERS = ("reviews_per_row", "overlap_share", "rubric_version", "rubric_required")


def unsaved(
    deployment: Deployment,
    *,
    version: int,
    name: str = "",
    by: User | None = None,
    strategies: Sequence[Strategy] | None = None,
    limit: int | None = None,
    seed: int = 0,
    **options: Any,
) -> CuratedSet:
    """A set in status building that is not stored.

    strategies: None for the default. options: parameters, filters, shares, segments, splits, only_new and the numbers
    of reviewers, as `CuratedSet` has them.
    """
    wanted = default_strategies() if strategies is None else strategies
    return CuratedSet(
        deployment=deployment,
        name=name,
        version=version,
        strategies=[strategy for strategy in Strategy if strategy in wanted],
        notice=default_notice() if strategies is None else "",
        limit=limit or settings.CURATION_LIMIT,
        seed=seed,
        created_by=by,
        **options,
    )


def create(
    deployment_id: str, *, name: str, by: User | None, parent: CuratedSet | None = None, **wanted: Any
) -> CuratedSet:
    """Create the next version of the set `name`, empty and in status building. Raises Deployment.DoesNotExist.

    parent: the version that it is made after, by default the newest one. wanted: as `unsaved` takes it.
    """
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        version = CuratedSet.objects.of(deployment_id, name).latest_version() + 1
        curated_set = unsaved(deployment, version=version, name=name, by=by, **wanted)
        parent = parent or CuratedSet.objects.of(deployment_id, name).newest_version()
        is_same = parent is not None and _request_of(parent) == _request_of(curated_set)
        versions.number(curated_set, parent, Step.BUILD if is_same else Step.REQUEST)
        curated_set.save(force_insert=True)
        return curated_set


def _request_of(curated_set: CuratedSet) -> list[Any]:
    return [getattr(curated_set, name) for name in _REQUEST]


def request(deployment_id: str, **wanted) -> CuratedSet:
    """Create a set and queue its build. Takes the arguments of `create`. Raises TooManyBuilding too."""
    with transaction.atomic():
        Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        if CuratedSet.objects.of_deployment(deployment_id).building().count() >= MOST_BUILDING:
            raise TooManyBuilding(deployment_id)
        curated_set = create(deployment_id, **wanted)
        build_curated_set.delay_on_commit(curated_set.pk)
    return curated_set


def request_next(curated_set: CuratedSet, *, by: User | None) -> CuratedSet:
    """Request the next version of a set as this one was requested, with its reviewers. Raises TooManyBuilding.

    `only_new` is not repeated: it would leave out what this version exported.
    """
    repeated = {name: getattr(curated_set, name) for name in ("name", *_REQUEST, *_REVIEWERS)}
    return request(curated_set.deployment_id, by=by, parent=curated_set, **repeated)


def request_scheduled() -> list[CuratedSet]:
    """Request a set for each active deployment with new traffic and no undecided scheduled set."""
    active = Deployment.objects.active().values_list("pk", flat=True)
    made = [create(pk, name=SCHEDULED_NAME, by=None) for pk in active if _is_due(pk)]
    if made:
        queue_scheduled()
    return made


def queue_scheduled() -> None:
    """Queue the builds of the schedule that waited longest, as many as may be in the queue."""
    sweeping.queue(build_curated_set, _next_scheduled())


def queue_next(set_id: int) -> None:
    """Queue the oldest set of the same deployment that waits for its turn: builds of a deployment follow each other."""
    others = CuratedSet.objects.building().on_demand().filter(deployment__curated_sets=set_id).exclude(pk=set_id)
    if (waiting := others.oldest_first().values_list("pk", flat=True).first()) is not None:
        build_curated_set.delay_on_commit(waiting)


def _is_due(deployment_id: str) -> bool:
    earlier = CuratedSet.objects.of(deployment_id, SCHEDULED_NAME)
    if earlier.undecided().exists():
        return False
    newest = earlier.newest_first().first()
    return _has_new_traffic(deployment_id, since=newest.created_at if newest else None)


def _has_new_traffic(deployment_id: str, *, since) -> bool:
    events = event_store().scan(EventFilter(deployment_id=deployment_id, occurred_from=since), ["id"], Paging(limit=1))
    if events.read_all().num_rows:
        return True
    signals = event_store().scan_signals(SignalFilter(deployment_id=deployment_id), ["occurred_at"], Paging(limit=1))
    times = signals.read_all()["occurred_at"].to_pylist()
    return bool(times) and (since is None or times[0] > since)


def sweep() -> None:
    """Queue builds without a worker and fail those that crash their workers."""
    overdue = CuratedSet.objects.building().on_demand().started_before(sweeping.overdue_since())
    unfinished = [*overdue.values_list("pk", flat=True), *_next_scheduled()]
    sweeping.sweep(build_curated_set, unfinished, give_up=_give_up)


def _next_scheduled() -> list[int]:
    waiting = CuratedSet.objects.building().scheduled().oldest_first()
    return list(waiting.values_list("pk", flat=True)[: sweeping.SCHEDULED_AT_ONCE])


def _give_up(set_id: int, reason: str) -> None:
    building = CuratedSet.objects.building().filter(pk=set_id)
    building.update(status=CuratedSetStatus.DRAFT, error=reason, built_at=timezone.now())
