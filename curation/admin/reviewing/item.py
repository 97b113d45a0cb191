"""What the review page shows of one row: the conversation, what is known of the answer, and the verdicts on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from curation.admin import row_page
from curation.edits.changes import Change, changes
from curation.models import CuratedExample, CuratedPair, CuratedSet, DuplicateLink, RowReview
from curation.review import overlap, verdicts
from curation.review.rows import Row
from feedback.admin import event_page
from feedback.evidence.keeping.reading import EventEvidence, evidence_of_events
from feedback.quality.flags import flags_of
from feedback.stores import pages

# Of what one row can have many of.
_SHOWN = 20


@dataclass(frozen=True)
class Verdict:
    """A verdict of a reviewer, for a user who decides between them."""

    reviewer: str
    decision: str
    reason: str
    note: str
    changes: list[Change]


@dataclass(frozen=True)
class Standing:
    """What a user may do with a row: it is theirs, or they decide between the others, or they only see it.

    draft: what the user wrote before they took a verdict back.
    """

    is_reserved: bool
    is_disputed: bool
    may_open: bool
    verdicts: list[Verdict]
    draft: RowReview | None


def standing(curated_set: CuratedSet, row: Row, user: User) -> Standing:
    found = list(RowReview.objects.of_row(row).current().blind().order_by("submitted_at"))
    own = next((review for review in found if review.reviewer_id == user.pk), None)
    submitted = [review for review in found if review.submitted_at]
    is_open = own is not None and own.submitted_at is None and bool(own.leased_until)
    all_in = not row.decision and len(submitted) >= overlap.needed(curated_set, row.pk)
    is_disputed = all_in and verdicts.may_adjudicate(user)
    if is_disputed:
        prefetch_related_objects(submitted, "reviewer")
    return Standing(
        is_reserved=is_open and not row.decision and own.leased_until > timezone.now(),
        is_disputed=is_disputed,
        may_open=not row.decision and not all_in and not (own and own.submitted_at),
        verdicts=[_verdict(row, review) for review in submitted] if is_disputed else [],
        draft=own,
    )


def build(curated_set: CuratedSet, row: Row) -> dict:
    """The context of one row."""
    shown = _pair(row) if isinstance(row, CuratedPair) else _example(row)
    return shown | {"row": row, "duplicates": _duplicates(curated_set, row.event_ids)}


def _example(row: CuratedExample) -> dict:
    event_id = str(row.event_id)
    checks = pages.scores(event_id).checks
    signals = pages.read(
        pages.about({"id": event_id, "deployment_id": row.curated_set.deployment_id}),
        event_page.SIGNAL_COLUMNS,
        limit=_SHOWN,
    )
    answer = row.edited_response or row.response
    return row_page.of_example(row) | {
        "is_pair": False,
        "answer": answer,
        "changes": changes(row.response, row.edited_response) if row.edited_response else [],
        "signals": [event_page.signal_row(**signal) for signal in signals],
        "checks": [event_page.check_row(check) for check in checks["checks"]] if checks else [],
        "evidence": _evidence([event_id]),
        "flags": [(flag.kind, flag.name.replace("_", " ")) for flag in flags_of(answer)],
    }


def _pair(row: CuratedPair) -> dict:
    return row_page.of_pair(row) | {
        "is_pair": True,
        "changes": changes(row.rejected, row.chosen) if row.chosen_event_id == row.rejected_event_id else [],
        "evidence": _evidence([str(one) for one in dict.fromkeys(row.event_ids)]),
    }


def _evidence(event_ids: Sequence[str]) -> list[tuple[str, EventEvidence]]:
    """The evidence about each of these events that has any."""
    found = evidence_of_events(event_ids)
    return [(event_id, found[event_id]) for event_id in event_ids if event_id in found]


def _duplicates(curated_set: CuratedSet, event_ids: Sequence[UUID]) -> list[dict]:
    """Events that repeat the row, and kept rows like it."""
    links = DuplicateLink.objects.filter(curated_set=curated_set)
    found = links.filter(Q(kept_event_id__in=event_ids) | Q(dropped_event_id__in=event_ids)).order_by("pk")[:_SHOWN]
    return [
        {
            "kind": link.get_kind_display(),
            "method": link.get_method_display(),
            "similarity": link.similarity,
            "event_id": link.dropped_event_id if link.kept_event_id in event_ids else link.kept_event_id,
        }
        for link in found
    ]


def _verdict(row: Row, review: RowReview) -> Verdict:
    edited = review.edited_response
    return Verdict(
        reviewer=str(review.reviewer),
        decision=review.get_decision_display(),
        reason=review.reason,
        note=review.note,
        changes=changes(row.edited_response or row.response, edited) if edited else [],
    )


def address(curated_set_id: int, row: Row, how: str) -> str:
    """The page of one row. how: the query string with order and part."""
    page = reverse("admin:curation_curatedset_review_row", args=[curated_set_id, row.pk])
    return f"{page}?{how}" if how else page
