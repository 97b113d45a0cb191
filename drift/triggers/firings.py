"""Closing firings: a user acknowledges them, or a training uses them."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils import timezone

from drift.choices import FiringState
from drift.models import TriggerFiring


class AlreadyClosed(Exception):
    """The firing is no longer open."""

    def __init__(self, firing: TriggerFiring):
        super().__init__(f"This firing is already {firing.get_state_display().lower()}.")


def acknowledge(firing_id: int, *, by: User) -> TriggerFiring:
    """Mark an open firing as acknowledged. Raises AlreadyClosed, and TriggerFiring.DoesNotExist."""
    number = acknowledge_open([firing_id], by=by)
    firing = TriggerFiring.objects.select_related("evaluation", "settled_by").get(pk=firing_id)
    if not number:
        raise AlreadyClosed(firing)
    return firing


def acknowledge_open(firing_ids: Iterable[int], *, by: User) -> int:
    """Acknowledge those of the firings that are open; return how many were."""
    found = TriggerFiring.objects.open().filter(pk__in=firing_ids)
    return found.update(state=FiringState.ACKNOWLEDGED, settled_by=by, settled_at=timezone.now())


def hand_off(deployment_id: str, *, by: User) -> int:
    """Close the open firings of a deployment as used by a training; return how many were open."""
    found = TriggerFiring.objects.of_deployment(deployment_id).open()
    return found.update(state=FiringState.HANDED_OFF, settled_by=by, settled_at=timezone.now())
