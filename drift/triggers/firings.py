"""What becomes of a firing: somebody acknowledges it, or a training takes it up."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils import timezone

from drift.choices import FiringState
from drift.models import TriggerFiring


class AlreadySettled(Exception):
    """The firing is not open any more."""

    def __init__(self, firing: TriggerFiring):
        super().__init__(f"This firing is {firing.get_state_display().lower()} already.")


def acknowledge(firing_id: int, *, by: User) -> TriggerFiring:
    """Note that somebody has seen the firing. Raises AlreadySettled, and TriggerFiring.DoesNotExist."""
    number = acknowledge_open([firing_id], by=by)
    firing = TriggerFiring.objects.select_related("evaluation", "settled_by").get(pk=firing_id)
    if not number:
        raise AlreadySettled(firing)
    return firing


def acknowledge_open(firing_ids: Iterable[int], *, by: User) -> int:
    """Do so with those of them that are open; return how many were."""
    found = TriggerFiring.objects.open().filter(pk__in=firing_ids)
    return found.update(state=FiringState.ACKNOWLEDGED, settled_by=by, settled_at=timezone.now())
