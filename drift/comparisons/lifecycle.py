"""The lifecycle of a comparison: requested, then completed or failed, once."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from drift import tasks
from drift.choices import ComparisonStatus, Correction, Profile
from drift.models import ArmComparison, Baseline
from drift.reading.references import require_segments
from drift.windows.arms import FEWEST_ARMS, MOST_ARMS, Arm, InvalidArm
from feedback.field_errors import printable
from feedback.jobs import sweeping

LONGEST_REASON = 2_000
# Of one deployment, so that its jobs do not delay those of others.
MOST_RUNNING, MOST_LIVE = 5, 10


class TooManyLive(Exception):
    """The deployment has so many live comparisons that no further one is watched."""

    def __init__(self, deployment_id: str):
        super().__init__(f"{MOST_LIVE} comparisons of {deployment_id} are live. Stop one first.")


class TooManyComparisons(Exception):
    """The deployment has so many comparisons waiting or running that no further one is queued."""

    def __init__(self, deployment_id: str):
        super().__init__(f"{MOST_RUNNING} comparisons of {deployment_id} are not done yet. Wait until one is.")


def request(
    deployment_id: str,
    *,
    arms: Sequence[Arm],
    outcomes: Sequence[str],
    segments: Sequence[str] = (),
    test: str = "",
    correction: str = Correction.HOLM,
    margin: float | None = None,
    live: bool = False,
    by: User | None = None,
    enqueue: bool = True,
) -> ArmComparison:
    """Create a comparison of these arms and queue it. Raises InvalidArm, UnknownSegment, TooManyComparisons and
    TooManyLive."""
    if enqueue and ArmComparison.objects.of_deployment(deployment_id).running().count() >= MOST_RUNNING:
        raise TooManyComparisons(deployment_id)
    if live and ArmComparison.objects.of_deployment(deployment_id).live().count() >= MOST_LIVE:
        raise TooManyLive(deployment_id)
    _require(deployment_id, arms)
    if live and any(arm.last_events is not None for arm in arms):
        raise InvalidArm("last_events", "A live comparison follows all events of its arms: leave out last_events.")
    require_segments(deployment_id, segments, Profile.STANDARD)
    with transaction.atomic():
        comparison = ArmComparison.objects.create(
            deployment_id=deployment_id,
            arms=[arm.as_json() for arm in arms],
            outcomes=list(dict.fromkeys(outcomes)),
            segments=sorted(set(segments)),
            test=test,
            correction=correction,
            margin=margin,
            is_live=live,
            created_by=by,
        )
        if enqueue:
            tasks.compare_arms.delay_on_commit(comparison.pk)
    return comparison


def _require(deployment_id: str, arms: Sequence[Arm]) -> None:
    if not FEWEST_ARMS <= len(arms) <= MOST_ARMS:
        raise InvalidArm("arms", f"Specify {FEWEST_ARMS} to {MOST_ARMS} arms.")
    if len(set(arms)) < len(arms):
        raise InvalidArm("arms", "Two arms are the same.")
    baselines = Baseline.objects.of_deployment(deployment_id)
    for arm in arms:
        if arm.baseline is not None and not baselines.named(arm.baseline).exists():
            raise InvalidArm("baseline", f"No baseline named {arm.baseline}.")


def sweep() -> None:
    """Queue running comparisons without a worker, and fail those that crash their workers."""
    overdue = ArmComparison.objects.running().requested_before(sweeping.overdue_since())
    sweeping.sweep(tasks.compare_arms, overdue.values_list("pk", flat=True), give_up=fail)


def complete(comparison_id: int, **results) -> bool:
    """Write the results of a comparison if it is still running; return whether it was."""
    return _finish(comparison_id, status=ComparisonStatus.COMPLETED, **results)


def fail(comparison_id: int, error: str) -> bool:
    reason = printable(error, most=LONGEST_REASON).replace("\0", "")
    return _finish(comparison_id, status=ComparisonStatus.FAILED, error=reason, is_live=False)


def renew(comparison_id: int, **results) -> bool:
    """Write the results of a further check of a comparison if it is still live; return whether it was."""
    found = ArmComparison.objects.live().completed().filter(pk=comparison_id)
    return bool(found.update(finished_at=timezone.now(), **results))


def _finish(comparison_id, **values):
    found = ArmComparison.objects.running().filter(pk=comparison_id)
    return bool(found.update(finished_at=timezone.now(), **values))
