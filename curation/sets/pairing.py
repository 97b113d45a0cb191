"""Makes the preference pairs of a set: from edits, from votes on answers to one context, and from regenerations."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from curation.candidates import texts
from curation.choices import MAX_LIMIT, Outcome, PairSource
from curation.models import CuratedPair, CuratedSet
from curation.selecting import pairs as kernel
from curation.selecting.people import limit_people
from curation.sets.snapshots import message_of, messages_of
from curation.strategies.base import Candidate
from curation.strategies.evidenced import people_against, people_behind
from feedback.evidence.votes import hash_of_user
from feedback.quality.assessment import answer_of_row
from feedback.stores.schema import Row

# Either side may refuse, repeat or be flagged; it must be allowed, whole, and have something to read.
UNFIT = {
    Outcome.NOT_ALLOWED,
    Outcome.FILTERED,
    Outcome.FLAGGED,
    Outcome.FLAG_CONFIRMED,
    Outcome.NO_TEXT,
    Outcome.MASKS_ONLY,
    Outcome.TRUNCATED,
}
# Contexts whose texts are in memory together.
_CONTEXTS = 100
# Of the answers to one context, the best and the worst are enough for its few pairs.
_EACH_END = 10

Group = list[Candidate]


def pairs(curated_set: CuratedSet, candidates: Sequence[Candidate]) -> list[CuratedPair]:
    """The pairs, those of the largest margin first; no person makes more of them than of examples."""
    found: list[tuple[float, frozenset[int], CuratedPair]] = []
    groups, tools = _groups(candidates), texts.DeclaredTools(curated_set.deployment_id)
    while some := list(islice(groups, _CONTEXTS)):
        found += _of_groups(curated_set, some, tools)
    found.sort(key=lambda one: (-one[0], str(one[2].chosen_event_id), str(one[2].rejected_event_id)))
    persons = len({person for _, people, _ in found for person in people})
    kept = limit_people([people for _, people, _ in found], persons=persons, limit=MAX_LIMIT).kept
    rows = [found[index][2] for index in kept]
    for position, row in enumerate(rows):
        row.position = position
    return rows


def _groups(candidates: Sequence[Candidate]) -> Iterator[Group]:
    """Candidates with one context that may make a pair."""
    by_context: dict[bytes, Group] = defaultdict(list)
    for candidate in candidates:
        if candidate.gate not in UNFIT and not candidate.exported:
            by_context[candidate.context].append(candidate)
    for group in by_context.values():
        known = sorted((one.p_good, one.event_id) for one in group if one.p_good is not None)
        by_votes = {event_id for _, event_id in [*known[:_EACH_END], *known[-_EACH_END:]]}
        has_pair = len(known) > 1 and known[-1][0] - known[0][0] >= kernel.MIN_GAP - 1e-9
        chosen = [
            one
            for one in group
            if one.edit is not None or one.regenerated or len(group) > 1 and has_pair and one.event_id in by_votes
        ]
        again = [second for one in chosen if one.regenerated and (second := _next(one, group))]
        if chosen:
            yield list({one.event_id: one for one in [*chosen, *again]}.values())


def _next(first: Candidate, group: Group) -> Candidate | None:
    """The answer that the same user, or else the same session, got next."""
    who = first.user or first.session
    later = [one for one in group if who and who in (one.user, one.session) and one.occurred_at > first.occurred_at]
    return min(later, key=lambda one: (one.occurred_at, one.event_id), default=None)


def _of_groups(
    curated_set: CuratedSet, groups: list[Group], tools: texts.DeclaredTools
) -> Iterator[tuple[float, frozenset[int], CuratedPair]]:
    everyone = {one.event_id: one for group in groups for one in group}
    rows = {event_id: row for event_id, row in texts.of_events(list(everyone)) if row is not None}
    accepted = [one.edit for one in everyone.values() if one.edit and one.edit.outcome == Outcome.ACCEPTED]
    edited = texts.of_edits([edit.edit_id for edit in accepted])
    for group in groups:
        answers = {one.event_id: _answer(one, rows[one.event_id]) for one in group if one.event_id in rows}
        edits = [
            kernel.Edit(answers[one.event_id], edited[one.edit.edit_id])
            for one in group
            if one.edit and one.edit.edit_id in edited and one.event_id in answers
        ]
        again = [
            kernel.Regeneration(answers[one.event_id], answers[second.event_id])
            for one in group
            if one.regenerated and (second := _next(one, group)) and {one.event_id, second.event_id} <= answers.keys()
        ]
        for pair in kernel.preference_pairs(answers.values(), edits, again):
            chosen, rejected = everyone[pair.chosen_id], everyone[pair.rejected_id]
            row = _row(curated_set, pair, chosen, rejected, rows)
            row.tools = tools.of(rows[chosen.event_id])
            yield pair.margin, _people(pair, chosen, rejected), row


def _answer(candidate: Candidate, row: Row) -> kernel.Answer:
    answer = answer_of_row(row)
    calls = "".join(f"\n{call.name} {call.arguments}" for call in answer.calls)
    return kernel.Answer(candidate.event_id, candidate.context.hex(), answer.text + calls, candidate.p_good)


def _people(pair: kernel.Pair, chosen: Candidate, rejected: Candidate) -> frozenset[int]:
    """Those without whom there is no such pair."""
    if pair.source == PairSource.VOTES:
        return people_behind(chosen, kernel.EVEN) | people_against(rejected, kernel.EVEN)
    who = rejected.edit.editor if pair.source == PairSource.EDIT and rejected.edit else rejected.user
    return frozenset({hash_of_user(who)}) if who else frozenset()


def _row(
    curated_set: CuratedSet, pair: kernel.Pair, chosen: Candidate, rejected: Candidate, rows: dict[str, Row]
) -> CuratedPair:
    better, worse = rows[chosen.event_id], rows[rejected.event_id]
    is_edit = pair.source == PairSource.EDIT
    return CuratedPair(
        curated_set=curated_set,
        pair_source=pair.source,
        margin=pair.margin,
        chosen_event_id=chosen.event_id,
        rejected_event_id=rejected.event_id,
        user_hash=chosen.user,
        rejected_user_hash=rejected.user,
        session_hash=chosen.session,
        editor_hash=rejected.edit.editor if is_edit and rejected.edit else "",
        prompt=better["prompt"],
        messages=messages_of(better["messages"]),
        chosen=pair.chosen if is_edit else better["response"],
        chosen_message=None if is_edit else message_of(better["response_message"]),
        rejected=worse["response"],
        rejected_message=message_of(worse["response_message"]),
        chosen_version=chosen.version,
        rejected_version=rejected.version,
        occurred_at=chosen.occurred_at,
    )
