"""Review of curated sets. Every step is one conditional update and one row in the audit trail."""

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.choices import CuratedSetStatus, ReviewAction
from curation.models import CuratedSet, ReviewDecision
from curation.querysets import REVIEWABLE
from curation.review import sealing
from curation.sets import content
from feedback.models import Deployment

APPROVE_PERMISSION = "curation.approve_curatedset"
SUBMIT_PERMISSION = "curation.change_curatedset"


class ReviewNotAllowed(Exception):
    """A review step that the set's status or the review rules do not allow."""


class WrongStatus(ReviewNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        super().__init__(f"{curated_set} is already {curated_set.get_status_display().lower()}.")


class NothingToReview(ReviewNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        reason = curated_set.error or "It is still being built."
        super().__init__(f"{curated_set} has no examples to review. {reason}")


class NoteRequired(ReviewNotAllowed):
    def __init__(self):
        super().__init__("A rejection needs a note with the reason.")


class FourEyes(ReviewNotAllowed):
    def __init__(self, curated_set: CuratedSet):
        super().__init__(f"FOUR_EYES is on: you can approve {curated_set} only if another user built or submitted it.")


def submit(set_id: int, *, by: User, note: str = "") -> CuratedSet:
    """Submit a draft for review. Raises PermissionDenied without the permission."""
    if not by.has_perm(SUBMIT_PERMISSION):
        raise PermissionDenied("Submitting needs the permission “Can change curated set”.")
    with transaction.atomic():
        return _step(ReviewAction.SUBMIT, set_id, by, note, from_statuses=[CuratedSetStatus.DRAFT], submitted_by=by)


def approve(set_id: int, *, by: User, note: str = "") -> CuratedSet:
    """Approve a draft or a set in review; its older approved versions become superseded.

    Raises PermissionDenied without the permission, and FourEyes if FOUR_EYES requires another user.
    """
    _check_permission(by)
    with transaction.atomic():
        curated_set = CuratedSet.objects.get(pk=set_id)
        # Approvals of one deployment run one at a time: two at once would not supersede each other.
        Deployment.objects.select_for_update(no_key=True).get(pk=curated_set.deployment_id)
        if needs_another_user(curated_set, by=by):
            raise FourEyes(curated_set)
        sealing.seal(set_id)
        curated_set = _step(ReviewAction.APPROVE, set_id, by, note, decided_by=by, decided_at=timezone.now())
        for older in CuratedSet.objects.approved_before(curated_set).select_for_update().order_by("pk"):
            _record(ReviewAction.SUPERSEDE, older, by, f"Version {curated_set.semantic_version} was approved.")
            CuratedSet.objects.filter(pk=older.pk).update(status=CuratedSetStatus.SUPERSEDED)
    return curated_set


def needs_another_user(curated_set: CuratedSet, *, by: User) -> bool:
    """Whether FOUR_EYES prevents this user from approving: no one else built or submitted the set."""
    return settings.FOUR_EYES and {curated_set.created_by_id, curated_set.submitted_by_id} <= {by.pk, None}


def reject(set_id: int, *, by: User, note: str) -> CuratedSet:
    """Reject a draft or a set in review, with a reason. Raises PermissionDenied without the permission."""
    _check_permission(by)
    if not note.strip():
        raise NoteRequired
    with transaction.atomic():
        sealing.seal(set_id)
        return _step(ReviewAction.REJECT, set_id, by, note, decided_by=by, decided_at=timezone.now())


def return_to_draft(set_id: int, *, by: User, note: str) -> CuratedSet:
    """Return a set in review to draft because its content changed. The caller checks permissions."""
    with transaction.atomic():
        return _step(
            ReviewAction.RETURN, set_id, by, note, from_statuses=[CuratedSetStatus.IN_REVIEW], submitted_by=None
        )


_TARGETS = {
    ReviewAction.SUBMIT: CuratedSetStatus.IN_REVIEW,
    ReviewAction.APPROVE: CuratedSetStatus.APPROVED,
    ReviewAction.REJECT: CuratedSetStatus.REJECTED,
    ReviewAction.SUPERSEDE: CuratedSetStatus.SUPERSEDED,
    ReviewAction.RETURN: CuratedSetStatus.DRAFT,
}


def _step(action, set_id, by, note, *, from_statuses=REVIEWABLE, **facts) -> CuratedSet:
    # Locked, so that no decision on a row is made until the transaction ends.
    before = CuratedSet.objects.select_for_update().get(pk=set_id)
    if before.status in REVIEWABLE and not before.content_hash or before.status == CuratedSetStatus.BUILDING:
        raise NothingToReview(before)
    if action in (ReviewAction.SUBMIT, ReviewAction.APPROVE) and before.row_decisions.exists():
        facts |= _as_decided(before)
    allowed = CuratedSet.objects.in_status(*from_statuses).in_status(before.status)
    if not allowed.filter(pk=set_id).update(status=_TARGETS[action], **facts):
        raise WrongStatus(CuratedSet.objects.get(pk=set_id))
    _record(action, before, by, note)
    return CuratedSet.objects.get(pk=set_id)


def _as_decided(curated_set: CuratedSet) -> dict[str, str]:
    """The content hash of the rows that people have decided on."""
    facts = content.hashed(curated_set)
    if not facts["content_hash"]:
        curated_set.error = facts["error"]
        raise NothingToReview(curated_set)
    return facts


def _record(action: ReviewAction, before: CuratedSet, by: User, note: str) -> None:
    ReviewDecision.objects.create(
        curated_set=before,
        action=action,
        from_status=before.status,
        to_status=_TARGETS[action],
        by=by,
        note=note.strip(),
    )


def _check_permission(by: User) -> None:
    if not by.has_perm(APPROVE_PERMISSION):
        raise PermissionDenied("Approving and rejecting needs the permission “Can approve and reject curated sets”.")
