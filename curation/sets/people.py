"""Keeps the rows of a set from resting on one person."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from curation.choices import Outcome, Strategy
from curation.selecting.people import PeopleLimit, limit_people
from curation.strategies.base import Candidate, Pick
from curation.strategies.filling import Filling

# Refilling brings rows of other people, which may pass their limit in turn.
_ROUNDS = 10


def within_limits(filling: Filling, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Replace rows that rest too often on one person by others; return the largest influence that is left.

    rows: how many accepted rows would fall below their gate without that person. people: how many contribute.
    """
    for _ in range(_ROUNDS):
        found = _drop(filling, candidates)
        if not found.dropped:
            break
        filling.refill(without=_full(filling, found))
    else:
        found = _drop(filling, candidates)
    people = len(_contributing(filling.accepted, candidates))
    rows = found.influence.rows if found.influence else 0
    return {"rows": rows, "of": len(filling.accepted), "people": people}


def _drop(filling: Filling, candidates: Sequence[Candidate]) -> PeopleLimit:
    accepted = filling.accepted
    persons = len(_contributing(accepted, candidates))
    found = limit_people([pick.people for pick in accepted], persons=persons)
    excess = [(accepted[one.row], float(one.allowed)) for one in found.dropped]
    filling.drop([pick for pick, _ in excess], Outcome.ONE_PERSON, [allowed for _, allowed in excess])
    return found


def _full(filling: Filling, found: PeopleLimit) -> frozenset[int]:
    """People who may have no further row."""
    counts = Counter(person for pick in filling.accepted for person in pick.people)
    allowed = min(one.allowed for one in found.dropped)
    return frozenset(person for person, rows in counts.items() if rows >= allowed)


def _contributing(picks: Sequence[Pick], candidates: Sequence[Candidate]) -> set[int]:
    """Everyone whose votes or edits are behind these rows."""
    people: set[int] = set()
    for pick in picks:
        candidate = candidates[pick.index]
        if pick.strategy == Strategy.USER_EDIT:
            people |= pick.people
        else:
            people.update(person for person, added in candidate.votes if added > 0)
    return people
