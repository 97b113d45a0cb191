"""Finds tools that were renamed: proposals of old and new names from what their calls look like.

A proposal is one until a person confirms it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from operator import itemgetter

import regex

from feedback.tools.shapes import STRING, TEXTUAL, Shape

# How much each kind of evidence weighs; names of tools decide between tools that are alike in all else.
_WEIGHTS = {"kinds": 0.4, "arguments": 0.25, "results": 0.25, "names": 0.1}
LEAST_SIMILARITY = 0.35
LEAST_MARGIN = 0.03
# Of each tool the arguments that are sent most often, and of a name its beginning: any object may be arguments.
MOST_ARGUMENTS, MOST_CHARACTERS = 30, 200
_WORD = regex.compile(r"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|[\p{L}&&\P{Lu}&&\P{Ll}]+", regex.V1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The new name that is proposed for an old one, or "" if none is similar enough or two are alike.

    similarity: from 0 to 1; runner_up, runner_up_similarity: the next best; evidence: the similarity of the kinds of
    arguments, of their names, of results and of the names of the tools, where there was something to compare.
    """

    old: str
    new: str
    similarity: float
    runner_up: str
    runner_up_similarity: float
    evidence: Mapping[str, float]


def propose(old: Iterable[Shape], new: Iterable[Shape]) -> list[Proposal]:
    """Propose for each tool that is gone the new one that is like it.

    Parameters
    ----------
    old, new : iterable of Shape
        The tools of two lists. Those of the same name in both are the same tool; several old ones may become one.

    Returns
    -------
    list of Proposal
        One for each old tool that is not among the new ones, in order. The name is "" below LEAST_SIMILARITY, or when
        the runner-up is closer than LEAST_MARGIN.

    Examples
    --------
    >>> from feedback.tools.shapes import shapes_of_tools
    >>> from feedback.tools.sets import Tool
    >>> day, city = {"properties": {"day": {"format": "date"}}}, {"properties": {"city": {"type": "string"}}}
    >>> new = shapes_of_tools([Tool("open_hours", parameters=day), Tool("find_branch", parameters=city)])
    >>> old = shapes_of_tools([Tool("hours", parameters={"properties": {"date": {"format": "date"}}})])
    >>> [(proposal.old, proposal.new) for proposal in propose(old, new)]
    [('hours', 'open_hours')]
    """
    candidates = list(new)
    kept = {shape.name for shape in candidates}
    return [_proposal(shape, candidates) for shape in old if shape.name not in kept]


def similarity(old: Shape, new: Shape) -> tuple[float, dict[str, float]]:
    """Measure how alike two tools are.

    Parameters
    ----------
    old, new : Shape

    Returns
    -------
    similarity : float
        From 0 to 1: the weighted mean of the evidence.
    evidence : dict of str to float
        Each from 0 to 1.

    Notes
    -----
    Kinds of arguments and results are compared by 2 * shared / total (Dice), by how many of each a call has.

    Examples
    --------
    >>> similarity(Shape("add", kinds={"integer": 2.0}), Shape("add", kinds={"integer": 2.0}))
    (1.0, {'kinds': 1.0, 'names': 1.0})
    """
    evidence = {"names": name_similarity(old.name, new.name)}
    if old.kinds and new.kinds:
        evidence["kinds"] = _kinds(old.kinds, new.kinds)
    if old.arguments and new.arguments:
        evidence["arguments"] = _arguments(old.arguments, new.arguments)
    if old.results and new.results:
        evidence["results"] = _dice(old.results, new.results)
    whole = sum(_WEIGHTS[name] for name in evidence)
    in_order = {name: evidence[name] for name in _WEIGHTS if name in evidence}
    return sum(_WEIGHTS[name] * value for name, value in in_order.items()) / whole, in_order


def name_similarity(one: str, other: str) -> float:
    """Measure how alike two names are.

    Parameters
    ----------
    one, other : str
        In any style: find_places, findPlaces, FindPlaces.

    Returns
    -------
    float
        The share of equal words (Dice), from 0 to 1. Words that share their first four letters are equal.

    Examples
    --------
    >>> name_similarity("find_places", "FindPlace"), name_similarity("search", "book")
    (1.0, 0.0)
    """
    return _alike(one[:MOST_CHARACTERS], other[:MOST_CHARACTERS])


def _proposal(old: Shape, candidates: Sequence[Shape]) -> Proposal:
    ranked = sorted(((*similarity(old, new), new.name) for new in candidates), key=lambda found: (-found[0], found[2]))
    if not ranked:
        return Proposal(old.name, "", 0.0, "", 0.0, {})
    best, evidence, name = ranked[0]
    runner_up, next_best = (ranked[1][2], ranked[1][0]) if len(ranked) > 1 else ("", 0.0)
    is_clear = best >= LEAST_SIMILARITY and best - next_best >= LEAST_MARGIN
    return Proposal(old.name, name if is_clear else "", best, runner_up, next_best, evidence)


def _dice(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return 2 * _shared(one, other) / (sum(one.values()) + sum(other.values()))


def _kinds(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How alike the kinds of arguments are; where one side declares any string, the other may have a kind of text."""
    left, remaining = (
        {kind: amount - min(amount, others.get(kind, 0.0)) for kind, amount in kinds.items() if kind in TEXTUAL}
        for kinds, others in ((one, other), (other, one))
    )
    open_strings = min(left.get(STRING, 0.0), sum(remaining.values())) + min(
        remaining.get(STRING, 0.0), sum(left.values()) - left.get(STRING, 0.0)
    )
    return 2 * (_shared(one, other) + open_strings) / (sum(one.values()) + sum(other.values()))


def _shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(min(amount, other.get(name, 0.0)) for name, amount in one.items())


def _arguments(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How alike the names of arguments are: each with its best match, weighted by how often it is sent."""
    one, other = _most_frequent(one), _most_frequent(other)
    return (_best_matches(one, other) + _best_matches(other, one)) / 2


def _most_frequent(arguments: Mapping[str, float]) -> Mapping[str, float]:
    if len(arguments) <= MOST_ARGUMENTS:
        return arguments
    return dict(nlargest(MOST_ARGUMENTS, arguments.items(), key=itemgetter(1)))


def _best_matches(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    matched = sum(amount * max(name_similarity(name, candidate) for candidate in other) for name, amount in one.items())
    return matched / sum(one.values())


# Each argument of a tool is compared with those of all others.
@lru_cache(maxsize=50_000)
def _alike(one: str, other: str) -> float:
    words, others = _words(one), _words(other)
    if not words or not others:
        return 0.0
    return 2 * len(words & others) / (len(words) + len(others))


@lru_cache(maxsize=10_000)
def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower()[:4] for word in _WORD.findall(name))
