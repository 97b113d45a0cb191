"""People score the answer of an event by a rubric; what they say together is a score of the assessor `people`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Avg
from django.utils import timezone

from feedback.choices import DEFAULT_PROFILE, Assessor
from feedback.deployments import policies
from feedback.ingestion.admitting.mask import Mask
from feedback.models import HumanScore, RubricVersion
from feedback.rubrics import scoring
from feedback.rubrics.scoring import RubricScore
from feedback.scores import recording
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

PERMISSION = "feedback.add_humanscore"
MAX_NOTE = 2_000


class UnknownEvent(LookupError):
    """The event is not stored, or no more."""

    def __init__(self, event_id: UUID | str):
        super().__init__(f"There is no event {event_id}.")


def may_score(user: User) -> bool:
    return user.has_perm(PERMISSION)


def submit(
    event_id: UUID | str,
    rubric: RubricVersion,
    answers: Mapping[str, Any],
    *,
    by: User,
    note: str = "",
) -> HumanScore:
    """The same as `keep`, of a user who chose the answer. Raises PermissionDenied too."""
    if not may_score(by):
        raise PermissionDenied("Scoring answers needs the permission “Can add human score”.")
    return keep(event_id, rubric, answers, by=by, note=note)


def keep(
    event_id: UUID | str,
    rubric: RubricVersion,
    answers: Mapping[str, Any],
    *,
    by: User,
    note: str = "",
    curated_set_id: int | None = None,
) -> HumanScore:
    """Store what a person says of an answer, masked, and record the mean of all people in the event store.

    A person has one score of an event by a version of a rubric: later answers replace earlier ones, of which the first
    are kept. curated_set_id: the set whose reviewer the person is. Raises InvalidAnswers, UnknownEvent.
    """
    found = scoring.score(rubric, answers)
    event = _event(event_id)
    mask = Mask.of(policies.policy_of(event["deployment_id"]), [note], [])
    note = mask.text(note.replace("\0", "\ufffd"))
    written = {"answers": dict(answers), "raw": found.raw, "score": found.score, "note": note}
    stored: list[HumanScore] = []

    def take() -> list[Row]:
        # Under the lock of scores, which the removal of an event takes as well.
        stored.append(_store(_event(event_id), rubric, written, by, curated_set_id))
        return [_together(event["id"], rubric, found)]

    recording.record_taken(take)
    return stored[-1]


def _event(event_id: UUID | str) -> Row:
    columns = ["id", "deployment_id", "occurred_at"]
    rows = event_store().scan(EventFilter(ids=[str(event_id)]), columns).read_all().to_pylist()
    if not rows:
        raise UnknownEvent(event_id)
    return rows[0]


def _store(
    event: Row, rubric: RubricVersion, written: dict[str, Any], by: User, curated_set_id: int | None
) -> HumanScore:
    own = HumanScore.objects.of_event(event["id"]).by_rubric(rubric).by_person(by).first()
    if own is None:
        return HumanScore.objects.create(
            event_id=event["id"],
            deployment_id=event["deployment_id"],
            occurred_at=event["occurred_at"],
            rubric_version=rubric,
            scorer=by,
            person=by.pk,
            first_answers=written["answers"],
            first_score=written["score"],
            curated_set_id=curated_set_id,
            **written,
        )
    if any(getattr(own, name) != value for name, value in written.items()):
        own.changed_at = timezone.now()
        for name, value in written.items():
            setattr(own, name, value)
    own.curated_set_id = own.curated_set_id or curated_set_id
    own.save(update_fields=[*written, "changed_at", "curated_set_id"])
    return own


def _together(event_id: str, rubric: RubricVersion, scale: RubricScore) -> Row:
    """The mean of all people's scores of an event, as a row of the store."""
    means = HumanScore.objects.of_event(event_id).by_rubric(rubric).aggregate(raw=Avg("raw"), score=Avg("score"))
    return {
        "event_id": event_id,
        "assessor": Assessor.PEOPLE.value,
        "name": rubric.label,
        "profile": DEFAULT_PROFILE,
        "raw": means["raw"],
        "score": min(max(means["score"], 0.0), 1.0),
        "minimum": scale.minimum,
        "maximum": scale.maximum,
        # The label has the version of the rubric; another one would begin a new series in charts and reports.
        "version": "",
        "checks": "[]",
        "assessed_at": timezone.now(),
    }
