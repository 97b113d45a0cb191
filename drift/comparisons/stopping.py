"""When live comparisons are looked at again, and when no longer. Without SciPy: web pages use it."""

from drift import tasks
from drift.models import ArmComparison
from feedback.jobs import sweeping


class NotLive(Exception):
    """The comparison is not watched."""

    def __init__(self, comparison: ArmComparison):
        super().__init__(f"Comparison {comparison.pk} is not live.")


def stop(comparison: ArmComparison) -> None:
    """Watch a comparison no longer; its last results stay. Raises NotLive."""
    if not ArmComparison.objects.live().filter(pk=comparison.pk).update(is_live=False):
        raise NotLive(comparison)


def queue() -> None:
    """Queue a look at every live comparison, those that waited longest first."""
    waiting = ArmComparison.objects.live().completed().order_by("finished_at", "pk").values_list("pk", flat=True)
    sweeping.queue(tasks.look_at_comparison, list(waiting[: sweeping.SCHEDULED_AT_ONCE]))
