"""Records and lifts users' objections to training on their data."""

from collections.abc import Iterable

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from feedback.hashing import person_hashes
from feedback.models import TrainingObjection

log = structlog.get_logger(__name__)

RECORD_PERMISSION = "feedback.add_trainingobjection"
LIFT_PERMISSION = "feedback.delete_trainingobjection"
_HASHES_PER_QUERY = 2_000


def record(user_id: str | int, *, by: User) -> None:
    """Keep this user's events and edits out of sets and exports from now on. Raises PermissionDenied.

    Only the hashes of the id are stored, under HASH_KEY and every retired key.
    """
    if not by.has_perm(RECORD_PERMISSION):
        raise PermissionDenied("Recording an objection needs the permission “Can add training objection”.")
    rows = [TrainingObjection(user_hash=user_hash, by=by) for user_hash in person_hashes(user_id)]
    TrainingObjection.objects.bulk_create(rows, ignore_conflicts=True)
    log.info("training_objection_recorded", by=by.pk)


def lift(user_id: str | int, *, by: User) -> bool:
    """Allow training on this user's data again; return whether there was an objection. Raises PermissionDenied."""
    if not by.has_perm(LIFT_PERMISSION):
        raise PermissionDenied("Lifting an objection needs the permission “Can delete training objection”.")
    lifted = TrainingObjection.objects.of(person_hashes(user_id)).delete()[0] > 0
    log.info("training_objection_lifted", by=by.pk, found=lifted)
    return lifted


def objecting(hashes: Iterable[str]) -> set[str]:
    """Those of these hashes whose user objects to training."""
    asked = sorted(set(hashes) - {""})
    found: set[str] = set()
    for start in range(0, len(asked), _HASHES_PER_QUERY):
        found.update(TrainingObjection.objects.of(asked[start : start + _HASHES_PER_QUERY]).hashes())
    return found
