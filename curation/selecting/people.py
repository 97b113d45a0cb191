"""Keeps any one person from making a set: limits the rows that would not be in it without that person."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

# A person may always have so many rows.
ALWAYS_ALLOWED = 5
# A person may have this share of a large set with any number of persons: one row in so many.
ONE_IN = 100


@dataclass(frozen=True)
class Excess:
    """A row that is dropped because too many others rest on the same person.

    Attributes
    ----------
    row : int
        Its position in the ranking.
    person : int
        On whom it rests.
    allowed : int
        How many rows of the set may rest on that person.
    size : int
        How many rows the set has.
    """

    row: int
    person: int
    allowed: int
    size: int

    @property
    def reason(self) -> str:
        return f"{self.allowed} of {self.size} rows already rest on the same person, and no more may."


@dataclass(frozen=True)
class Influence:
    """How many rows of a set would not be in it without this person."""

    person: int
    rows: int


@dataclass(frozen=True)
class PeopleLimit:
    """A ranking divided into rows to keep, rows that rest too often on one person, and rows beyond the limit.

    kept, beyond: positions in the ranking, ascending. influence: the largest in the set, of exempt persons too; None if
    no row rests on a person.
    """

    kept: list[int]
    dropped: list[Excess]
    beyond: list[int]
    influence: Influence | None


def most_rows(size: int, *, persons: int) -> int:
    """Return how many rows of a set may rest on one person.

    Parameters
    ----------
    size : int
        How many rows the set has.
    persons : int
        How many persons contribute to it.

    Returns
    -------
    int
        The largest of 5, 1 % of the set, and the smaller of one half and 2 / persons of the set; 5 if there is one
        person.

    Examples
    --------
    >>> most_rows(500, persons=1), most_rows(500, persons=2), most_rows(500, persons=100), most_rows(900, persons=10**6)
    (5, 250, 10, 9)
    """
    if persons < 2:
        return ALWAYS_ALLOWED
    return max(ALWAYS_ALLOWED, size // ONE_IN, min(size // 2, 2 * size // persons))


def limit_people(
    rests_on: Sequence[Collection[int]],
    *,
    exempt: Collection[int] = (),
    persons: int | None = None,
    limit: int | None = None,
) -> PeopleLimit:
    """Return which rows a set keeps so that it does not rest on any one person.

    Parameters
    ----------
    rests_on : sequence of collections of int
        For each row, best first, every person without whom it would not be in the set: the editor of an edit, or a
        voter without whose votes an answer falls below its gate. Empty if it needs no one in particular.
    exempt : collection of int
        Persons who may have any number of rows, such as reviewed editors.
    persons : int, optional
        How many persons contribute to the rows; at least those that rows rest on, which is the default.
    limit : int, optional
        How many rows the set may have.

    Returns
    -------
    PeopleLimit
        Every row once. The kept ones satisfy `most_rows` at their own number, for every person who is not exempt. The
        best rows of a person are kept.

    Raises
    ------
    ValueError
        If the limit is negative.

    Notes
    -----
    What is allowed depends on the size of the set, and its size on what is allowed. The search begins with the number
    of rows that the limit admits as the size, takes rows from the best down as that size allows, and if they are fewer
    continues with their number as the size. Every step but the last lowers a number that is never negative, so the
    search ends. It ends with as many rows as the size that allowed them, so they satisfy the rule.

    If no row rests on two persons, no larger set satisfies it. `most_rows` never falls as the size grows: a set of m
    rows, m at most the size of a step, has no more rows of any person than that step takes, so m is at most the size
    of the next step, and no step passes m.

    If the limit leaves rows of one person alone, and `persons` is not given, each person has at most 5 rows instead.

    References
    ----------
    Tarski (1955), Pacific Journal of Mathematics 5(2), 285-309: the greatest fixed point of a monotone function.

    Examples
    --------
    >>> found = limit_people([{7}] * 20)
    >>> found.kept, len(found.dropped), found.dropped[0].reason
    ([0, 1, 2, 3, 4], 15, '5 of 5 rows already rest on the same person, and no more may.')
    >>> limit_people([{7}] * 20 + [()] * 8).influence
    Influence(person=7, rows=5)
    >>> limit_people([{7}, {8}] * 20, limit=30).influence
    Influence(person=7, rows=15)
    """
    if limit is not None and limit < 0:
        raise ValueError(f"The limit is {limit}, below 0.")
    limited = [tuple(sorted(set(people).difference(exempt))) for people in rests_on]
    size = len(limited) if limit is None else min(limit, len(limited))
    known = len(set().union(*rests_on))
    allowed, kept = _largest(limited, size, max(known, persons or 0))
    if persons is None and known > 1 and len(set().union(*(rests_on[row] for row in kept))) == 1:
        allowed = min(allowed, ALWAYS_ALLOWED)
        kept = _taken(limited, allowed, size)
    return _divided(rests_on, limited, kept, allowed)


def _largest(limited: Sequence[tuple[int, ...]], size: int, persons: int) -> tuple[int, list[int]]:
    """What a person may have, and the rows that a set keeps."""
    size = _bound(limited, size, persons)
    while True:
        allowed = most_rows(size, persons=persons)
        kept = _taken(limited, allowed, size)
        if len(kept) == size:
            return allowed, kept
        size = len(kept)


def _bound(limited: Sequence[tuple[int, ...]], size: int, persons: int) -> int:
    """The size where the search ends if each row rests on its first person only: no set is larger."""
    firsts = Counter(people[0] for people in limited if people)
    counts = np.fromiter(firsts.values(), np.int64, len(firsts))
    needs_no_one = len(limited) - firsts.total()
    while (next_size := needs_no_one + int(np.minimum(counts, most_rows(size, persons=persons)).sum())) < size:
        size = next_size
    return size


def _taken(limited: Sequence[tuple[int, ...]], allowed: int, size: int) -> list[int]:
    """The best rows, up to a size, of which no person has more than allowed."""
    counts: Counter[int] = Counter()
    kept: list[int] = []
    for row, people in enumerate(limited):
        if len(kept) == size:
            break
        if all(counts[person] < allowed for person in people):
            counts.update(people)
            kept.append(row)
    return kept


def _divided(
    rests_on: Sequence[Collection[int]], limited: Sequence[tuple[int, ...]], kept: list[int], allowed: int
) -> PeopleLimit:
    counts: Counter[int] = Counter()
    of_all = Counter(person for row in kept for person in set(rests_on[row]))
    is_kept = set(kept)
    dropped: list[Excess] = []
    beyond: list[int] = []
    for row, people in enumerate(limited):
        if row in is_kept:
            counts.update(people)
        elif full := [person for person in people if counts[person] >= allowed]:
            dropped.append(Excess(row, full[0], allowed, len(kept)))
        else:
            beyond.append(row)
    most = max(of_all.items(), key=lambda item: (item[1], -item[0]), default=None)
    return PeopleLimit(kept, dropped, beyond, Influence(*most) if most else None)
