"""What people decided in earlier sets about the texts that users and reviewers wrote in place of answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.choices import Decision, Outcome
from curation.models import CuratedExample
from curation.strategies.answers import REVIEWER
from curation.strategies.base import Edit
from feedback.evidence.posterior import log_odds_of_gold
from feedback.quality import keys
from feedback.quality.answers import Answer

# In the place of a signal's id: the row whose text it is.
_ROW = "row:"


@dataclass(frozen=True)
class Decided:
    """Of one event. edit: the text that a person wrote or kept last; dropped: texts of users that a person dropped."""

    edit: Edit | None
    dropped: frozenset[str]


NOTHING = Decided(None, frozenset())


def of_events(deployment_id: str, event_ids: Sequence[str]) -> dict[str, Decided]:
    """Decisions by event id; events without any are left out."""
    rows = CuratedExample.objects.of_deployment(deployment_id).with_decided_text(event_ids)
    last: dict[str, dict[str, CuratedExample]] = {}
    for row in rows.order_by("pk"):
        of_event = last.setdefault(str(row.event_id), {})
        text = row.reviewed_response or row.edited_response
        of_event.pop(text, None)
        of_event[text] = row
    return {event_id: _decided(of_event) for event_id, of_event in last.items()}


def _decided(rows: dict[str, CuratedExample]) -> Decided:
    kept = [row for row in rows.values() if row.decision != Decision.DROP]
    dropped = frozenset(text for text, row in rows.items() if row.decision == Decision.DROP)
    return Decided(_edit(kept[-1]) if kept else None, dropped)


def _edit(row: CuratedExample) -> Edit:
    text = row.reviewed_response or row.edited_response
    return Edit(
        f"{_ROW}{row.pk}",
        "" if row.reviewed_response else row.editor_hash,
        row.curated_set.created_at,
        Outcome.ACCEPTED,
        f"A reviewer {'wrote' if row.reviewed_response else 'kept'} it in {row.curated_set}.",
        answer=keys.answer_key(Answer(text)),
        length=len(text),
        editors=((REVIEWER, log_odds_of_gold(1.0)),),
        is_reviewed=True,
    )


def texts_of(edit_ids: Sequence[str]) -> dict[str, str]:
    """The texts of those of these ids that name a row; rows that are gone or erased are left out."""
    rows = CuratedExample.objects.filter(pk__in=[int(one.removeprefix(_ROW)) for one in edit_ids if is_row(one)])
    texts = rows.values_list("pk", "reviewed_response", "edited_response")
    return {f"{_ROW}{pk}": reviewed or edited for pk, reviewed, edited in texts if reviewed or edited}


def is_row(edit_id: str) -> bool:
    """Whether the id of an edit names a row of a set, not a signal."""
    return edit_id.startswith(_ROW)
