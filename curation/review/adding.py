"""Adds rows by hand to a draft: events that a person chose.

They are copied, split and compared as rows of a build. A person overrides the gates of quality, and nothing else: no
consent, no flag and no evaluation set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction

from curation.candidates import reading
from curation.choices import AddOutcome, CuratedSetStatus, LinkKind, Outcome, Split, Strategy
from curation.duplicates import known_rows
from curation.duplicates.earlier_rows import near_rows_of_sets
from curation.duplicates.near_copies import Match
from curation.duplicates.signed_rows import sign
from curation.duplicates.texts import answer_text
from curation.models import ContaminatedEvent, CuratedExample, CuratedSet, DuplicateLink
from curation.review import rows
from curation.sets import content, snapshots, splitting
from curation.splits.leakage import leaks
from curation.strategies.base import Candidate, Pick
from feedback.models import Deployment
from feedback.stores import event_store
from feedback.stores.base import EventFilter

# Of one call.
MOST_EVENTS = 500
_FLAGS = (Outcome.FLAGGED, Outcome.FLAG_CONFIRMED)
NO_TRAINING = "Its user, a user who edited it, or its deployment allows no training."


class NotADraft(rows.NotDecidable):
    def __init__(self, curated_set: CuratedSet):
        super().__init__(
            f"{curated_set} is {curated_set.get_status_display().lower()}; rows are added to a draft alone."
        )


@dataclass(frozen=True)
class Added:
    """The outcome of one event. row: the id of its row in the set, if it has one."""

    event_id: str
    outcome: AddOutcome
    detail: str = ""
    row: int | None = None


@dataclass
class _Chosen:
    """The rows to add, not stored yet, with what is known of each, and the outcomes of the other events."""

    examples: dict[str, CuratedExample] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    contaminated: list[ContaminatedEvent] = field(default_factory=list)
    outcomes: dict[str, Added] = field(default_factory=dict)

    def leave_out(self, event_id: str, outcome: AddOutcome, detail: str, row: int | None = None) -> None:
        self.examples.pop(event_id, None)
        self.outcomes[event_id] = Added(event_id, outcome, detail, row)


def add(set_id: int, event_ids: Sequence[str], *, by: User) -> list[Added]:
    """Add events to a draft; return the outcome of each, in the order given. An event that is there stays as it is.

    Raises PermissionDenied without the permission to decide on rows, and NotADraft.
    """
    rows.check_permission(by)
    curated_set = CuratedSet.objects.select_related("deployment").get(pk=set_id)
    _check_draft(curated_set)
    wanted = list(dict.fromkeys(event_ids))
    chosen = _read(curated_set, wanted, by)
    _compare(curated_set, chosen)
    with transaction.atomic():
        # In the order of approvals.
        Deployment.objects.select_for_update(no_key=True).get(pk=curated_set.deployment_id)
        curated_set = CuratedSet.objects.select_for_update().get(pk=set_id)
        _check_draft(curated_set)
        _store(curated_set, chosen)
    return [chosen.outcomes[event_id] for event_id in wanted]


def _check_draft(curated_set: CuratedSet) -> None:
    if curated_set.status != CuratedSetStatus.DRAFT:
        raise NotADraft(curated_set)


def _read(curated_set: CuratedSet, event_ids: Sequence[str], by: User) -> _Chosen:
    """Copies of the events that may be used for training, also those that a gate rejects."""
    chosen = _Chosen()
    wanted = CuratedSet(deployment_id=curated_set.deployment_id, filters={"event_ids": list(event_ids)})
    found = reading.read(wanted, bound=len(event_ids)).candidates
    allowed = {one.event_id: one for one in found if one.gate != Outcome.NOT_ALLOWED}
    stored = _stored(curated_set, event_ids)
    for event_id in event_ids:
        if event_id not in stored:
            _leave_gone(curated_set, chosen, event_id)
        elif event_id not in allowed or not curated_set.deployment.training_allowed:
            chosen.leave_out(event_id, AddOutcome.NOT_ALLOWED, NO_TRAINING)
        elif allowed[event_id].gate in _FLAGS:
            chosen.leave_out(event_id, AddOutcome.FLAGGED, f"It is an event {allowed[event_id].gate.label}.")
    usable = [allowed[event_id] for event_id in event_ids if event_id not in chosen.outcomes]
    picks = [_pick(index, candidate, by) for index, candidate in enumerate(usable)]
    for pick, example in snapshots.examples(curated_set, usable, picks):
        candidate = usable[pick.index]
        if example is None:
            _leave_gone(curated_set, chosen, candidate.event_id)
            continue
        chosen.examples[candidate.event_id] = example
        if candidate.gate != Outcome.PASSED:
            chosen.details[candidate.event_id] = f"A build leaves out answers {candidate.gate.label}."
    return chosen


def _stored(curated_set: CuratedSet, event_ids: Sequence[str], *, training_allowed: bool | None = None) -> set[str]:
    where = EventFilter(deployment_id=curated_set.deployment_id, ids=list(event_ids), training_allowed=training_allowed)
    return set(event_store().scan(where, ["id"]).read_all()["id"].to_pylist()) if event_ids else set()


def _leave_gone(curated_set: CuratedSet, chosen: _Chosen, event_id: str) -> None:
    chosen.leave_out(event_id, AddOutcome.GONE, f"{curated_set.deployment_id} has no such event.")


def _pick(index: int, candidate: Candidate, by: User) -> Pick:
    return Pick(index, Strategy.MANUAL, candidate.p_good or 0.0, f"Added by {by.get_username()}.")


def _compare(curated_set: CuratedSet, chosen: _Chosen) -> None:
    """Leave out what evaluation sets and held-out rows have, and find rows that the others repeat."""
    splitting.assign(curated_set, list(chosen.examples.values()))
    examples = list(chosen.examples.values())
    if not examples:
        return
    from curation.sets.evaluation import Author, EvaluationSets  # noqa: PLC0415 - loads embeddings, see previewing

    evaluation = EvaluationSets(curated_set.deployment_id)
    authors = [Author(str(one.event_id), one.user_hash, "") for one in examples]
    prompts, answers = [one.prompt for one in examples], [_answer(one) for one in examples]
    for event_id, hit in evaluation.hits(authors, prompts, answers).items():
        chosen.leave_out(event_id, AddOutcome.CONTAMINATED, f"It is in an evaluation set: {hit}.")
    chosen.contaminated = evaluation.report(curated_set)
    for event_id, detail in _leaking(curated_set, list(chosen.examples.values())).items():
        chosen.leave_out(event_id, AddOutcome.CONTAMINATED, detail)
    known_rows.catch_up(curated_set.deployment_id)
    found = near_rows_of_sets(curated_set.deployment_id, sign(prompts, answers)).matches
    chosen.matches = {str(one.event_id): match for one, match in zip(examples, found, strict=True) if match}


def _answer(example: CuratedExample) -> str:
    return answer_text(example.response, message=example.response_message)


def _leaking(curated_set: CuratedSet, new: Sequence[CuratedExample]) -> dict[str, str]:
    """Why those of the new rows cannot be added that would put a prompt into train and into a held-out split."""
    if splitting.shares_of(curated_set) is None:
        return {}
    there = CuratedExample.objects.filter(curated_set=curated_set).accepted().values_list("prompt", "split")
    prompts, splits = [prompt for prompt, _ in there], [Split(split) for _, split in there]
    signed = sign([*prompts, *(one.prompt for one in new)], [""] * (len(prompts) + len(new)))
    found = {}
    for leak in leaks(signed, [*splits, *(Split(one.split) for one in new)]):
        if leak.row >= len(prompts):
            found[str(new[leak.row - len(prompts)].event_id)] = "Its prompt is a near-copy of a held-out one."
        elif leak.held_out >= len(prompts):
            event_id = str(new[leak.held_out - len(prompts)].event_id)
            found[event_id] = "It would be held out, and a row of train has a near-copy of its prompt."
    return found


def _store(curated_set: CuratedSet, chosen: _Chosen) -> None:
    ids = list(chosen.examples)
    there = CuratedExample.objects.filter(curated_set=curated_set, event_id__in=ids).only(
        "event_id", "decision", "queue_reason"
    )
    for row in there:
        chosen.leave_out(str(row.event_id), AddOutcome.ALREADY_THERE, _where(row), row.pk)
    # An erasure deletes events before it looks for rows in sets, for which it waits until this set is unlocked.
    for event_id in set(chosen.examples) - _stored(curated_set, list(chosen.examples), training_allowed=True):
        _leave_gone(curated_set, chosen, event_id)
    first = CuratedExample.objects.filter(curated_set=curated_set).next_position()
    new = list(chosen.examples.values())
    for position, example in enumerate(new, start=first):
        example.curated_set, example.position = curated_set, position
    CuratedExample.objects.bulk_create(new)
    known_rows.store(curated_set.deployment_id, new)
    links = [link for one in new if (link := _link(curated_set, one, chosen.matches.get(str(one.event_id))))]
    DuplicateLink.objects.bulk_create(links, ignore_conflicts=True)
    ContaminatedEvent.objects.bulk_create(chosen.contaminated, ignore_conflicts=True)
    repeated = {str(link.dropped_event_id): f"Its prompt is like that of event {link.kept_event_id}." for link in links}
    for event_id, row in chosen.examples.items():
        details = [chosen.details.get(event_id, ""), repeated.get(event_id, "")]
        chosen.outcomes[event_id] = Added(event_id, AddOutcome.ADDED, " ".join(filter(None, details)), row.pk)
    if new:
        facts = content.counted(curated_set) | content.hashed(curated_set)
        CuratedSet.objects.filter(pk=curated_set.pk).update(**facts)


def _where(row: CuratedExample) -> str:
    if row.is_queued:
        return "It waits in the queue."
    return "It is an example." if row.is_accepted else "It was dropped. Keep it by a decision on its row."


def _link(curated_set: CuratedSet, new: CuratedExample, match: Match | None) -> DuplicateLink | None:
    kept = CuratedExample.objects.filter(pk=match.kept).first() if match else None
    if match is None or kept is None or kept.event_id == new.event_id:
        return None
    return DuplicateLink(
        curated_set=curated_set,
        kind=LinkKind.LINKED,
        method=match.method,
        similarity=match.similarity,
        kept_event_id=kept.event_id,
        kept_example=kept if kept.curated_set_id != curated_set.pk else None,
        dropped_event_id=new.event_id,
        user_hash=new.user_hash,
    )
