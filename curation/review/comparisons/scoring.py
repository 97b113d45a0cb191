"""Makes scores of answers that a reviewer finds both bad."""

from uuid import UUID

from django.utils import timezone

from curation.models import Comparison
from curation.review.comparisons.deciding import UNDO
from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.scores import recording
from feedback.stores.schema import Row

_SCORED_AT_ONCE = 500


def record_scores() -> None:
    """Make scores of answers that are both bad, once the verdict stands; safe to call again."""
    found = (
        Comparison.objects.to_score(timezone.now() - UNDO).select_related("example").order_by("pk")[:_SCORED_AT_ONCE]
    )
    unscored = list(found)
    if not unscored:
        return
    recording.record([_score(one, event_id) for one in unscored for event_id in _bad_events(one)])
    Comparison.objects.filter(pk__in=[one.pk for one in unscored]).update(scored_at=timezone.now())


def _bad_events(comparison: Comparison) -> list[UUID]:
    """The events whose answers are bad; the text of an editor is no answer of an event."""
    return [event_id for event_id in (comparison.example.event_id, comparison.other_event_id) if event_id]


def _score(comparison: Comparison, event_id: UUID) -> Row:
    return {
        "event_id": str(event_id),
        "assessor": Assessor.REVIEWER.value,
        "name": ScoreName.DECISION.value,
        "profile": DEFAULT_PROFILE,
        "raw": 0.0,
        "score": 0.0,
        "minimum": 0.0,
        "maximum": 1.0,
        "version": "",
        "checks": "[]",
        "assessed_at": comparison.decided_at,
    }
