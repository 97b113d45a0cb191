"""Decisions of people on single rows of an undecided set: keep, drop, or edit the answer."""

from collections.abc import Collection

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.choices import Decision, PairSource, Strategy
from curation.decontamination.golden_texts import golden_hit
from curation.models import CuratedExample, CuratedPair, CuratedSet, RowDecision
from curation.models.decisions import MAX_REASON_CHARACTERS
from curation.querysets import REVIEWABLE
from curation.review import reasons
from curation.sets import content, tally
from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.deployments import policies
from feedback.ingestion.admitting.mask import Mask
from feedback.scores import recording
from feedback.stores.connection_loss import DATABASE_UNAVAILABLE
from feedback.stores.schema import Row as StoredRow

log = structlog.get_logger(__name__)
PERMISSION = "curation.review_curatedset"
# The score of a decision that was taken back: evidence weighs it as nothing.
SAYS_NOTHING = 0.5
# Decisions that are recorded at once; the sweep records what a process that died has left.
RECORDED_AT_ONCE = 500
Row = CuratedExample | CuratedPair


class NotDecidable(Exception):
    """A decision that the status of the set or the kind of the row does not allow."""


class PairsAreNotEdited(NotDecidable):
    def __init__(self):
        super().__init__("A pair is kept or dropped; edit the answer in the row of its example.")


class UnchangedAnswer(NotDecidable):
    def __init__(self):
        super().__init__("The edited answer is the answer of the row; keep the row instead.")


def decide(
    row: Row, decision: Decision, *, by: User, reason: str = "", edited_response: str = "", note: str = ""
) -> Row:
    """Keep, drop or edit a row; the last decision counts. Returns the row.

    keep: a row of the queue is accepted; of a hard example it confirms that the answer is bad. edit: `edited_response`
    takes the place of the answer, and a pair sets it against the answer of the model. All texts are masked. What the
    decision says of the answer becomes a score of its event by the assessor `reviewer`.

    Raises PermissionDenied without the permission, NotDecidable for a set that is decided or being built, for an edited
    pair and for a dropped row with the prompt of a golden one, and UnchangedAnswer.
    """
    check_permission(by)
    with transaction.atomic():
        curated_set, row = locked(row)
        texts = masked_remarks(curated_set, reason=reason, note=note)
        made = make(curated_set, row, decision, by=by, edited_response=edited_response, **texts)
    try_to_record([made.pk])
    return row


def make(
    curated_set: CuratedSet,
    row: Row,
    decision: Decision,
    *,
    by: User,
    reason: str = "",
    edited_response: str = "",
    note: str = "",
) -> RowDecision:
    """Decide as `decide` does, on what the caller has locked; `try_to_record` comes after its transaction."""
    if decision != Decision.DROP:
        _check_not_golden(curated_set, row)
    before = tally.of(row)
    made = {"decision": decision, "reason": reason, "note": note, "by": by}
    if isinstance(row, CuratedPair):
        _decide_pair(row, decision)
        made["pair"] = row
    else:
        says = reasons.says_of_the_answer(reason) if decision == Decision.DROP else None
        made |= {"example": row, "score": score_of(row.strategy, decision, reason_says=says)}
        made["edited_response"], pairs = _decide_example(curated_set, row, decision, edited_response)
        before[tally.PAIRS] -= pairs
    stored = RowDecision.objects.create(curated_set=curated_set, **made)
    _count_row(curated_set, before, tally.of(row))
    return stored


def reopen(curated_set: CuratedSet, row: Row, *, by: User) -> RowDecision:
    """Take the decision on a row back, which the caller has locked: it is undecided again.

    A score that it made becomes one that says nothing; `try_to_record` comes after the transaction. Raises
    NotDecidable for a row that was dropped with the prompt of a golden one.
    """
    _check_not_golden(curated_set, row)
    before = tally.of(row)
    made = {"decision": "", "by": by}
    if isinstance(row, CuratedPair):
        _decide_pair(row, "")
        made["pair"] = row
    else:
        has_score = row.decisions.exclude(score=None).exists()
        made |= {"example": row, "score": SAYS_NOTHING if has_score else None}
        before[tally.PAIRS] -= _decide_example(curated_set, row, "", "")[1]
    stored = RowDecision.objects.create(curated_set=curated_set, **made)
    _count_row(curated_set, before, tally.of(row))
    return stored


def check_permission(by: User) -> None:
    """Raises PermissionDenied for a user who may not decide on rows."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Deciding on rows needs the permission “Can decide on rows of curated sets”.")


def check_undecided(curated_set: CuratedSet) -> None:
    """Raises NotDecidable for a set that is decided or being built."""
    if curated_set.status not in REVIEWABLE or curated_set.built_at is None:
        raise NotDecidable(f"{curated_set} is {curated_set.get_status_display().lower()}; its rows stay as they are.")


def locked(row: Row) -> tuple[CuratedSet, Row]:
    """The set and the row, locked in this order until the transaction ends. Raises NotDecidable."""
    curated_set = CuratedSet.objects.select_for_update().get(pk=row.curated_set_id)
    check_undecided(curated_set)
    return curated_set, type(row).objects.select_for_update().get(pk=row.pk)


def _check_not_golden(curated_set: CuratedSet, row: Row) -> None:
    if row.decision == Decision.DROP and golden_hit(curated_set.deployment_id, row.prompt):
        raise NotDecidable("A golden row has this prompt, so it stays out of training.")


def masked_edit(curated_set: CuratedSet, row: CuratedExample, text: str) -> str:
    """The better answer, masked. Raises UnchangedAnswer."""
    masked = Mask.of(policies.policy_of(curated_set.deployment_id), [text], []).text(text)
    if masked.split() == (row.edited_response or row.response).split():
        raise UnchangedAnswer
    return masked


def masked_remarks(curated_set: CuratedSet, *, reason: str, note: str) -> dict[str, str]:
    """The reason and the note of a decision as they are stored."""
    mask = Mask.of(policies.policy_of(curated_set.deployment_id), [reason, note], [])
    return {"reason": mask.text(reason)[:MAX_REASON_CHARACTERS], "note": mask.text(note)}


def try_to_record(decisions: Collection[int]) -> None:
    """Make scores of these decisions, unless the store is unavailable: they stand, and the sweep records them."""
    try:
        record_scores(among=decisions)
    except DATABASE_UNAVAILABLE as error:
        log.warning("decisions_not_recorded", decisions=len(decisions), error=type(error).__name__)


def record_scores(*, among: Collection[int] | None = None) -> None:
    """Make scores of decisions, all or these, that are none yet.

    Safe to call again and in several processes at once.
    """
    waiting = RowDecision.objects.to_record().order_by("pk").select_related("example")
    waiting = waiting.only("score", "at", "example__event_id")
    if among is not None:
        waiting = waiting.filter(pk__in=among)
    while unrecorded := list(waiting[:RECORDED_AT_ONCE]):
        recording.record([_as_score(one) for one in unrecorded])
        RowDecision.objects.filter(pk__in=[one.pk for one in unrecorded]).update(recorded_at=timezone.now())


def _decide_pair(pair: CuratedPair, decision: str) -> None:
    if decision == Decision.EDIT:
        raise PairsAreNotEdited
    CuratedPair.objects.filter(pk=pair.pk).update(decision=decision)
    pair.decision = decision


def _decide_example(
    curated_set: CuratedSet, row: CuratedExample, decision: str, edited_response: str
) -> tuple[str, int]:
    """Store the decision with the row; return the masked text of an edit, and how many pairs the set has more."""
    edited, more = "", 0
    reviewed = CuratedPair.objects.filter(
        curated_set=curated_set,
        chosen_event_id=row.event_id,
        rejected_event_id=row.event_id,
        pair_source=PairSource.REVIEW,
        comparison=None,
    )
    if decision == Decision.EDIT:
        edited = masked_edit(curated_set, row, edited_response)
    if edited and _makes_a_pair(row, edited):
        if not reviewed.update(chosen=edited):
            _pair(curated_set, row, edited).save(force_insert=True)
            more = 1
    elif row.decision == Decision.EDIT:
        more = -reviewed.released().count()
        reviewed.delete()
    CuratedExample.objects.filter(pk=row.pk).update(decision=decision, reviewed_response=edited)
    row.decision, row.reviewed_response = decision, edited
    return edited, more


def _makes_a_pair(row: CuratedExample, edited: str) -> bool:
    """Whether the model gave an answer, and another one: a reviewer may restore it in place of a user's edit."""
    return bool(row.response.strip() or row.response_message) and edited.split() != row.response.split()


def _pair(curated_set: CuratedSet, row: CuratedExample, edited: str) -> CuratedPair:
    """The reviewer's answer against that of the model, which no other person has to decide on."""
    return CuratedPair(
        decision=Decision.KEEP,
        curated_set=curated_set,
        position=curated_set.pair_rows.next_position(),
        pair_source=PairSource.REVIEW,
        margin=1.0,
        chosen_event_id=row.event_id,
        rejected_event_id=row.event_id,
        user_hash=row.user_hash,
        rejected_user_hash=row.user_hash,
        session_hash=row.session_hash,
        group_id=row.group_id,
        split=row.split,
        prompt=row.prompt,
        messages=row.messages,
        tools=row.tools,
        chosen=edited,
        rejected=row.response,
        rejected_message=row.response_message,
        rejected_version=row.model_version_id,
        occurred_at=row.occurred_at,
    )


def score_of(strategy: str, decision: Decision, *, reason_says: float | None) -> float | None:
    """What a decision on a row of this strategy says of the answer of the model, 0 to 1; None if nothing.

    The row of an edit is about the text of its editor. reason_says: what the reason to drop it says of the answer.
    """
    if strategy == Strategy.USER_EDIT:
        return None
    if decision == Decision.EDIT:
        return 0.0
    if strategy == Strategy.HARD_EXAMPLE:
        # A hard example that is dropped is not worth the work, which says nothing, or its answer is right.
        return 0.0 if decision == Decision.KEEP else reason_says or None
    return 1.0 if decision == Decision.KEEP else reason_says


def _as_score(made: RowDecision) -> StoredRow:
    return {
        "event_id": str(made.example.event_id),
        "assessor": Assessor.REVIEWER.value,
        "name": ScoreName.DECISION.value,
        "profile": DEFAULT_PROFILE,
        "raw": made.score,
        "score": made.score,
        "minimum": 0.0,
        "maximum": 1.0,
        "version": "",
        "checks": "[]",
        "assessed_at": made.at,
    }


def count_again(curated_set: CuratedSet) -> None:
    """Count all rows again, after many of them changed."""
    _count(curated_set, content.counted(curated_set))


def _count_row(curated_set: CuratedSet, before: tally.Tally, after: tally.Tally) -> None:
    """Most decisions leave the counts as they are: what passed every gate is kept."""
    if before != after or not curated_set.content_hash:
        _count(curated_set, tally.changed(curated_set, before, after))


def _count(curated_set: CuratedSet, facts: dict) -> None:
    """The hash follows when the set is submitted or approved, but there is one from now on."""
    if not curated_set.content_hash:
        facts |= content.hashed(curated_set)
    CuratedSet.objects.filter(pk=curated_set.pk).update(**facts)
