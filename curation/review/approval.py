"""Review of curated sets. Every step is one conditional update and one row in the audit trail."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.choices import CuratedSetStatus, ReviewAction
from curation.models import CuratedSet, ReviewDecision
from curation.querysets import REVIEWABLE
from curation.review import releasing, sealing
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
        super().__init__(
            f"FOUR_EYES is on: you can approve {curated_set} only if another user built or submitted it, and another "
            "user decided on rows if you did."
        )


class PolicyNotMet(ReviewNotAllowed):
    def __init__(self, curated_set: CuratedSet, missing: str):
        super().__init__(f"The policy of {curated_set.deployment_id} does not allow the approval yet. {missing}")


def submit(set_id: int, *, by: User, note: str = "") -> CuratedSet:
    """Submit a draft for review. Raises PermissionDenied without the permission."""
    if not by.has_perm(SUBMIT_PERMISSION):
        raise PermissionDenied("Submitting needs the permission “Can change curated set”.")
    with transaction.atomic():
        return _step(ReviewAction.SUBMIT, set_id, by, note, from_statuses=[CuratedSetStatus.DRAFT], submitted_by=by)


def approve(set_id: int, *, by: User, note: str = "") -> CuratedSet:
    """Approve a draft or a set in review; its older approved versions become superseded.

    Raises PermissionDenied without the permission, FourEyes if FOUR_EYES requires another user, and PolicyNotMet if
    the policy of the deployment asks for more decisions on rows.
    """
    _check_permission(by)
    with transaction.atomic():
        curated_set = CuratedSet.objects.get(pk=set_id)
        # Approvals of one deployment run one at a time: two at once would not supersede each other.
        Deployment.objects.select_for_update(no_key=True).get(pk=curated_set.deployment_id)
        if needs_another_user(curated_set, by=by):
            raise FourEyes(curated_set)
        found = _release(set_id)
        sealing.seal(set_id)
        facts = {"decided_by": by, "decided_at": timezone.now(), "approved_under": found}
        curated_set = _step(ReviewAction.APPROVE, set_id, by, note, **facts)
        for older in CuratedSet.objects.approved_before(curated_set).select_for_update().order_by("pk"):
            _record(ReviewAction.SUPERSEDE, older, by, f"Version {curated_set.semantic_version} was approved.")
            CuratedSet.objects.filter(pk=older.pk).update(status=CuratedSetStatus.SUPERSEDED)
    return curated_set


def needs_another_user(curated_set: CuratedSet, *, by: User) -> bool:
    """Whether FOUR_EYES prevents this user from approving.

    It does if no one else built or submitted the set, and if this user alone decided on its rows.
    """
    if not settings.FOUR_EYES:
        return False
    if {curated_set.created_by_id, curated_set.submitted_by_id} <= {by.pk, None}:
        return True
    decided = curated_set.row_decisions.order_by().values_list("by", flat=True)
    reviewed = curated_set.row_reviews.submitted().order_by().values_list("reviewer", flat=True)
    compared = curated_set.comparisons.decided().order_by().values_list("reviewer", flat=True)
    return set(decided.union(reviewed, compared)) == {by.pk}


def dry_run(curated_set: CuratedSet, *, by: User) -> tuple[releasing.Release, list[str]]:
    """What an approval by this user would release, and what is missing, in sentences.

    Raises WrongStatus and NothingToReview.
    """
    _require_reviewable(curated_set)
    release = releasing.of(curated_set)
    missing = [release.missing] if release.missing else []
    if not (release.examples or release.pairs):
        missing.append(content.NOTHING_LEFT)
    if needs_another_user(curated_set, by=by):
        missing.append(str(FourEyes(curated_set)))
    return release, missing


def _release(set_id: int) -> dict[str, Any]:
    """The policy of the deployment with what it found, if it allows an approval. Raises PolicyNotMet."""
    # Locked, so that no decision on a row is made until the transaction ends.
    curated_set = CuratedSet.objects.select_for_update().get(pk=set_id)
    _require_reviewable(curated_set)
    release = releasing.of(curated_set)
    if release.missing:
        raise PolicyNotMet(curated_set, release.missing)
    return release.evidence


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
    _require_content(before)
    is_changed = before.row_decisions.exists() or before.comparisons.exists()
    if action in (ReviewAction.SUBMIT, ReviewAction.APPROVE) and is_changed:
        facts |= _as_decided(before)
    allowed = CuratedSet.objects.in_status(*from_statuses).in_status(before.status)
    if not allowed.filter(pk=set_id).update(status=_TARGETS[action], **facts):
        raise WrongStatus(CuratedSet.objects.get(pk=set_id))
    _record(action, before, by, note)
    return CuratedSet.objects.get(pk=set_id)


def _require_content(curated_set: CuratedSet) -> None:
    is_empty = curated_set.status in REVIEWABLE and not curated_set.content_hash
    if is_empty or curated_set.status == CuratedSetStatus.BUILDING:
        raise NothingToReview(curated_set)


def _require_reviewable(curated_set: CuratedSet) -> None:
    _require_content(curated_set)
    if curated_set.status not in REVIEWABLE:
        raise WrongStatus(curated_set)


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
