"""Verdicts of reviewers on rows, blind until all are in. If they agree the row is decided, if not a person decides."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.choices import Decision
from curation.models import CuratedPair, CuratedSet, RowReview
from curation.review import leasing, overlap, rows
from curation.review.approval import APPROVE_PERMISSION
from curation.review.rows import NotDecidable, Row
from curation.tasks import record_decisions
from feedback.deployments import policies
from feedback.ingestion.admitting.mask import Mask


class NoDispute(NotDecidable):
    def __init__(self):
        super().__init__("The reviewers of this row do not disagree; it needs no decision between them.")


class NothingToUndo(NotDecidable):
    def __init__(self):
        super().__init__("You have decided on no row of this set that could be undone.")


class DecidedSince(NotDecidable):
    def __init__(self):
        super().__init__("Others have decided on this row since, so your verdict stays.")


def submit(
    row: Row, decision: Decision, *, by: User, reason: str = "", edited_response: str = "", note: str = ""
) -> None:
    """Submit a reviewer's verdict. If it is the last one that the row needs and all agree, the row is decided by it.

    A worker records what the decision says of the answer, so that no reviewer waits for it.

    A reservation that ran out is renewed if no other reviewer has the row. Raises PermissionDenied; Reserved,
    AlreadyDecided, and NotDecidable as `rows.decide` does.
    """
    rows.check_permission(by)
    with transaction.atomic():
        curated_set, row = rows.locked(row)
        reviews = list(RowReview.objects.of_row(row).current().blind())
        review = leasing.slot(curated_set, row, by, reviews)
        _store(review, _masked(curated_set, row, decision, reason, edited_response, note))
        others = [one for one in reviews if one.submitted_at and one is not review]
        if _resolve(curated_set, row, [*sorted(others, key=attrgetter("submitted_at")), review], by=by):
            record_decisions.delay_on_commit()


def adjudicate(
    row: Row, decision: Decision, *, by: User, reason: str = "", edited_response: str = "", note: str = ""
) -> None:
    """Decide a row whose reviewers disagree. Raises PermissionDenied, NoDispute, and NotDecidable as `submit` does."""
    check_may_adjudicate(by)
    with transaction.atomic():
        curated_set, row = rows.locked(row)
        if not is_disputed(curated_set, row):
            raise NoDispute
        verdict = _masked(curated_set, row, decision, reason, edited_response, note)
        review = RowReview(curated_set=curated_set, reviewer=by, is_adjudication=True, **{row.KIND: row})
        _store(review, verdict)
        rows.make(curated_set, row, by=by, **verdict)
        record_decisions.delay_on_commit()


def undo(curated_set: CuratedSet, *, by: User) -> RowReview:
    """Take back the reviewer's last verdict on a set: the row is theirs again, with what they wrote as a draft.

    Raises PermissionDenied, NothingToUndo, and DecidedSince if the row was decided by another.
    """
    rows.check_permission(by)
    own = RowReview.objects.of_set(curated_set.pk).current().filter(reviewer=by).exclude(submitted_at=None)
    last = own.select_related("example", "pair").order_by("-submitted_at").first()
    if last is None:
        raise NothingToUndo
    with transaction.atomic():
        curated_set, row = rows.locked(last.example or last.pair)
        if row.decision:
            if row.decisions.order_by("-pk").values_list("by_id", flat=True).first() != by.pk:
                raise DecidedSince
            rows.reopen(curated_set, row, by=by)
            record_decisions.delay_on_commit()
        setattr(last, row.KIND, row)
        if last.is_adjudication:
            last.delete()
        else:
            _reopen(last)
    return last


def requeue(row: Row, *, by: User) -> None:
    """Put a row back: its verdicts count no more, a decision is taken back, and reviewers get it again."""
    check_may_adjudicate(by)
    with transaction.atomic():
        curated_set, row = rows.locked(row)
        RowReview.objects.of_row(row).current().update(requeued_at=timezone.now(), leased_until=None)
        if row.decision:
            rows.reopen(curated_set, row, by=by)
            record_decisions.delay_on_commit()


def resolve(curated_set: CuratedSet, row: Row, *, by: User) -> None:
    """Decide a locked row if all its verdicts are in and agree."""
    if _resolve(curated_set, row, verdicts_on(row), by=by):
        record_decisions.delay_on_commit()


def _resolve(curated_set: CuratedSet, row: Row, found: Sequence[RowReview], *, by: User) -> bool:
    """Whether these verdicts, in the order in which they came, have decided the row."""
    verdict = agreed(found) if len(found) >= overlap.needed(curated_set, row.pk) else None
    if row.decision or verdict is None:
        return False
    rows.make(curated_set, row, by=by, **verdict)
    return True


def verdicts_on(row: Row) -> list[RowReview]:
    return list(RowReview.objects.of_row(row).submitted().select_related("reviewer").order_by("submitted_at"))


def is_disputed(curated_set: CuratedSet, row: Row) -> bool:
    """Whether all verdicts on an undecided row are in; they disagree, or the row would be decided."""
    return not row.decision and len(verdicts_on(row)) >= overlap.needed(curated_set, row.pk)


def agreed(verdicts: Sequence[RowReview]) -> dict | None:
    """What reviewers decide who agree; None if they do not. Edits agree if they are the same text.

    A dropped row has the reason that most of them gave.
    """
    last = verdicts[-1]
    texts = {" ".join(verdict.edited_response.split()) for verdict in verdicts}
    if {verdict.decision for verdict in verdicts} != {last.decision} or len(texts) > 1:
        return None
    reason = Counter(verdict.reason for verdict in verdicts).most_common(1)[0][0]
    return {
        "decision": Decision(last.decision),
        "reason": reason,
        "edited_response": last.edited_response,
        "note": last.note,
    }


def may_adjudicate(user: User) -> bool:
    return user.has_perm(APPROVE_PERMISSION)


def check_may_adjudicate(by: User) -> None:
    if not may_adjudicate(by):
        raise PermissionDenied("This needs the permission “Can approve and reject curated sets”.")


def _masked(curated_set: CuratedSet, row: Row, decision: Decision, reason: str, edited: str, note: str) -> dict:
    """A verdict as it is stored. Raises NotDecidable for an edit that cannot be made."""
    if decision == Decision.EDIT:
        if isinstance(row, CuratedPair):
            raise rows.PairsAreNotEdited
        edited = rows.masked_edit(curated_set, row, edited)
    else:
        edited = ""
    mask = Mask.of(policies.policy_of(curated_set.deployment_id), [note], [])
    return {
        "decision": decision,
        "reason": reason if decision == Decision.DROP else "",
        "edited_response": edited,
        "note": mask.text(note),
    }


def _store(review: RowReview, verdict: dict) -> None:
    now = timezone.now()
    for name, value in verdict.items():
        setattr(review, name, value)
    review.seconds = (now - review.opened_at).total_seconds() if review.opened_at else None
    review.submitted_at, review.leased_until = now, None
    review.save()


def _reopen(review: RowReview) -> None:
    now = timezone.now()
    review.decision, review.seconds, review.submitted_at = "", None, None
    review.opened_at, review.leased_until = now, now + leasing.LEASE
    review.save()
