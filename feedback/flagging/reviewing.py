"""People confirm and dismiss flags; an event with a flag that no one has dismissed is in no set."""

from collections.abc import Sequence

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from feedback.choices import FlagState
from feedback.models import RaisedFlag

log = structlog.get_logger(__name__)
PERMISSION = "feedback.change_raisedflag"


class WrongState(Exception):
    """A decision that the state of the flag does not allow."""

    def __init__(self, flag: RaisedFlag):
        super().__init__(f"This flag is already {flag.get_state_display().lower()}.")


def review(flag_id: int, state: FlagState, *, by: User) -> RaisedFlag:
    """Confirm or dismiss an unreviewed flag, or make a reviewed one unreviewed again.

    Raises PermissionDenied, WrongState and RaisedFlag.DoesNotExist.
    """
    if not review_many([flag_id], state, by=by):
        raise WrongState(RaisedFlag.objects.get(pk=flag_id))
    return RaisedFlag.objects.select_related("reviewed_by").get(pk=flag_id)


def review_many(flag_ids: Sequence[int], state: FlagState, *, by: User) -> int:
    """The same for many; flags that have another state than the decision needs stay. Return how many changed."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Reviewing flags needs the permission “Can change flag”.")
    flags = RaisedFlag.objects.filter(pk__in=flag_ids)
    if state == FlagState.UNREVIEWED:
        changed = flags.reviewed().update(state=state, reviewed_by=None, reviewed_at=None)
    else:
        changed = flags.unreviewed().update(state=state, reviewed_by=by, reviewed_at=timezone.now())
    log.info("flags_reviewed", state=state.value, count=changed, by=by.pk)
    return changed
