"""Creates curated sets; a task builds them."""

from collections.abc import Sequence

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedSet
from curation.tasks import build_curated_set
from feedback.jobs import sweeping
from feedback.models import Deployment
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

log = structlog.get_logger(__name__)

SCHEDULED_NAME = "scheduled"


def create(
    deployment_id: str,
    *,
    name: str,
    by: User | None,
    strategies: Sequence[Strategy] = tuple(Strategy),
    limit: int | None = None,
    seed: int = 0,
) -> CuratedSet:
    """Create the next version of the set `name`, empty and in status building. Raises Deployment.DoesNotExist."""
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        return CuratedSet.objects.create(
            deployment=deployment,
            name=name,
            version=CuratedSet.objects.of(deployment_id, name).latest_version() + 1,
            strategies=[strategy for strategy in Strategy if strategy in strategies],
            limit=limit or settings.CURATION_LIMIT,
            seed=seed,
            created_by=by,
        )


def request(deployment_id: str, **wanted) -> CuratedSet:
    """Create a set and queue its build. Takes the arguments of `create`."""
    with transaction.atomic():
        curated_set = create(deployment_id, **wanted)
        build_curated_set.delay_on_commit(curated_set.pk)
    return curated_set


def request_scheduled() -> list[CuratedSet]:
    """Request a set for each active deployment with new traffic and no undecided scheduled set."""
    active = Deployment.objects.active().values_list("pk", flat=True)
    return [request(pk, name=SCHEDULED_NAME, by=None) for pk in active if _is_due(pk)]


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
    overdue = CuratedSet.objects.building().started_before(sweeping.overdue_since())
    sweeping.sweep(build_curated_set, overdue.values_list("pk", flat=True), give_up=_give_up)


def _give_up(set_id: int, reason: str) -> None:
    building = CuratedSet.objects.building().filter(pk=set_id)
    building.update(status=CuratedSetStatus.DRAFT, error=reason, built_at=timezone.now())
