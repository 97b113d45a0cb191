"""Why an event is or is not in a set, in sentences."""

import math
from dataclasses import dataclass, replace
from uuid import UUID

from curation.choices import Outcome, Strategy
from curation.models import ContaminatedEvent, CuratedExample, CuratedSet
from curation.querysets import CuratedSetQuerySet
from curation.sets import tracing
from curation.strategies.registry import STRATEGIES
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging


@dataclass(frozen=True)
class Reason:
    """What the gates (strategy "") or a strategy decided about an event, and by which number."""

    strategy: str
    outcome: Outcome
    number: float | None
    sentence: str


@dataclass(frozen=True)
class Explanation:
    """included: "examples", "queue", or None if the event is in neither."""

    event_id: UUID
    curated_set: int
    included: str | None
    reasons: list[Reason]


def explain(event_id: UUID, sets: CuratedSetQuerySet, *, set_id: int | None = None) -> Explanation | None:
    """What a set decided about an event: the newest of its deployment, or the one asked for, if there is one."""
    if set_id is None:
        sets = sets.of_deployment(_deployment_of(event_id)).built()
    curated_set = sets.filter(**({} if set_id is None else {"pk": set_id})).newest_first().first()
    if curated_set is None:
        return None
    row = CuratedExample.objects.filter(curated_set=curated_set, event_id=event_id).first()
    included = None if row is None else "queue" if row.is_queued else "examples" if row.is_accepted else None
    if row is not None and row.strategy == Strategy.MANUAL:
        by_hand = Reason(Strategy.MANUAL, Outcome.ACCEPTED, None, row.reason)
        return Explanation(event_id, curated_set.pk, included, [by_hand])
    found = tracing.find(curated_set.pk, event_id) or {tracing.GATES: (Outcome.NOT_CONSIDERED, math.nan)}
    names = [tracing.GATES, *(name for name in curated_set.strategies if name in found)]
    reasons = [reason(curated_set, name, *found[name]) for name in names]
    if any(reason.outcome == Outcome.CONTAMINATED for reason in reasons):
        matched = ContaminatedEvent.objects.filter(curated_set=curated_set, event_id=event_id).first()
        reasons = [replace(one, sentence=_contaminated(one, matched)) for one in reasons]
    return Explanation(event_id, curated_set.pk, included, reasons)


def _contaminated(reason: Reason, matched: ContaminatedEvent | None) -> str:
    if reason.outcome != Outcome.CONTAMINATED or matched is None:
        return reason.sentence
    return f"It is in an evaluation set: {matched}."


def _deployment_of(event_id: UUID) -> str:
    found = event_store().scan(EventFilter(ids=[event_id]), ["deployment_id"], Paging(limit=1)).read_all()
    return found["deployment_id"].to_pylist()[0] if found.num_rows else ""


def reason(curated_set: CuratedSet, name: str, outcome: Outcome, number: float) -> Reason:
    """What the gates, or the strategy `name`, decided about an event, in words."""
    known = None if math.isnan(number) else round(number, 6)
    strategy = "" if name == tracing.GATES else name
    limits = STRATEGIES[name].with_defaults(curated_set.parameters.get(name, {})) if strategy else {}
    return Reason(strategy, outcome, known, _sentence(strategy, outcome, known, limits))


_SENTENCES = {
    Outcome.NOT_CONSIDERED: "It was not read: it came later, is outside the filters, or is beyond the events read.",
    Outcome.PASSED: "It passed every gate.",
    Outcome.NOT_ALLOWED: "Its user, or the user who edited it, objects to training.",
    Outcome.FILTERED: "It is outside the filters of this set.",
    Outcome.NO_TEXT: "It has no answer to learn from.",
    Outcome.NO_ANSWER: "In place of an answer it has an error or an empty value.",
    Outcome.TRUNCATED: "The answer was cut off.",
    Outcome.REFUSED: "The answer is a refusal.",
    Outcome.FLAGGED: "Its texts have a flag that no one has reviewed.",
    Outcome.FLAG_CONFIRMED: "Its texts have a flag that a person confirmed.",
    Outcome.MASKS_ONLY: "The answer has nothing but masks of personal data.",
    Outcome.REPEATED: "Its version gave this answer to many prompts ({number:,.0f} events).",
    Outcome.NO_EVIDENCE: "No signal or gold score says whether the answer is good.",
    Outcome.NO_AGREEMENT: "The users of this deployment do not agree enough to tell good answers from bad ones.",
    Outcome.BELOW_FLOOR: "It is good with probability {number:.2f}, below {floor:.2f}.",
    Outcome.ABOVE_CEILING: "It is good with probability {number:.2f}: neither bad, nor disputed, nor asked often.",
    Outcome.NO_EDIT: "No user edited it.",
    Outcome.EXPORTED: "It was exported before, and the set takes only new events.",
    Outcome.TAKEN: "Another strategy took it.",
    Outcome.OTHER_ANSWER: "A better answer to the same prompt was taken.",
    Outcome.SIMILAR: "Its prompt is too similar to one that was taken: cosine {number:.2f}.",
    Outcome.NEAR_COPY: "It is a near-copy of a row that was kept: similarity {number:.2f}.",
    Outcome.CONTAMINATED: "It is in an evaluation set.",
    Outcome.OUTLIER: "Its prompt is unlike all others.",
    Outcome.NOT_IN_POOL: "It was not drawn into the random pool.",
    Outcome.NOT_CHOSEN: "Others cover its prompt, or are better.",
    Outcome.ONE_PERSON: "It rests on one person, on whom at most {number:,.0f} rows of this set may rest.",
    Outcome.OVER_LIMIT: "{number:,.0f} places behind the last row that the limit admits.",
    Outcome.GONE: "It was deleted while the set was built.",
    Outcome.QUEUED: "It waits in the queue for a person.",
    Outcome.ACCEPTED: "It is an example of this set.",
    Outcome.NO_CALL: "Its answer calls no tool.",
    Outcome.LEAKED: "Its prompt is a near-copy of one held out from training: similarity {number:.2f}.",
}


# They take answers without evidence, and none that are probably bad.
_UNJUDGED_PASS = (Strategy.DIVERSE, Strategy.FARTHEST_FROM_CENTROID, Strategy.CONSISTENT_CALL)


def _sentence(strategy: str, outcome: Outcome, number: float | None, limits: dict[str, float]) -> str:
    if outcome == Outcome.EDIT_REJECTED:
        return "Its edit did not pass the rules for edits." + (
            f" It differs in {number:.0%}." if number is not None else ""
        )
    floor = limits.get("min_p_good", 0.5 if strategy in _UNJUDGED_PASS else 0.0)
    if number is None:
        number = math.nan
    return _SENTENCES[outcome].format(number=number, floor=floor)
