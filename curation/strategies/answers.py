"""What all users say of equal answers to equal prompts, and of the texts that users wrote in their place."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from curation.choices import Outcome
from curation.strategies.base import Candidate, Edit
from feedback.choices import Agreement

# Answers of fewer characters exclude each other, as labels and numbers do; longer ones to a prompt can all be good.
SHORT = 40
# Stands for all reviewers among the people who made a text.
REVIEWER = 2
_FURTHEST = 700.0


def pool(candidates: Sequence[Candidate], *, agreement: Agreement) -> None:
    """Give candidates the evidence on all events with the same prompt and answer, and edits their probability.

    Parameters
    ----------
    candidates : sequence of Candidate
        Of one deployment; they are changed in place.
    agreement : Agreement
        Whether its users agree enough. If not, only answers with gold scores and the edits of reviewers have a
        probability.

    Notes
    -----
    The votes of a person on equal answers count once, by their mean. The log-odds of an edited text are the sum of
    those of its editors, and of the votes on it where the model gave it itself. Of short answers to one prompt one at
    most is right, so their probabilities and that of none of them add up to 1.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> def asked(who):
    ...     return Candidate("e", at, has_evidence=True, p_good=0.8, votes=((who, 1.4),), sides=((who, 1.0, 0.0),))
    >>> found = [asked(7), asked(8), Candidate("f", at)]
    >>> pool(found, agreement=Agreement.ENOUGH)
    >>> [(round(one.p_good, 2), one.users, one.up) for one in found[1:]]
    [(0.94, 2, 2.0), (0.94, 2, 2.0)]
    """
    groups: defaultdict[bytes, defaultdict[bytes, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for candidate in candidates:
        groups[candidate.context][candidate.answer].append(candidate)
    for answers in groups.values():
        for group in answers.values():
            if len(group) > 1 and any(one.has_evidence for one in group):
                _share(group, agreement)
    for answers in groups.values():
        edited = [one for group in answers.values() for one in group if _is_judged(one.edit)]
        if edited:
            _judge_edits(edited, answers, agreement)


def _is_judged(edit: Edit | None) -> bool:
    return edit is not None and edit.outcome != Outcome.EDIT_REJECTED


def _share(group: Sequence[Candidate], agreement: Agreement) -> None:
    known = [one for one in group if one.has_evidence]
    votes = [(who, mean) for who, (mean,) in _means(vote for one in known for vote in one.votes)]
    sides = tuple((who, up, down) for who, (up, down) in _means(side for one in known for side in one.sides))
    log_odds = sum(one.log_odds for one in known) / len(known)
    has_gold = any(one.has_gold for one in known)
    p_good = _probability(log_odds + sum(added for _, added in votes))
    for one in group:
        one.has_evidence, one.has_gold, one.log_odds = True, has_gold, log_odds
        one.p_good = p_good if agreement != Agreement.NOT_ENOUGH or has_gold else None
        one.up = sum(up / max(1.0, up + down) for _, up, down in sides)
        one.down = sum(down / max(1.0, up + down) for _, up, down in sides)
        one.users, one.sides = len(sides), sides
        one.votes = tuple(sorted(votes, key=lambda vote: (-abs(vote[1]), vote[0])))


def _means(said: Iterable[tuple]) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Each person with the means of what they say, in ascending order."""
    by_person: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    for who, *numbers in said:
        by_person[who].append(tuple(numbers))
    for who, some in sorted(by_person.items()):
        yield who, tuple(sum(column) / len(some) for column in zip(*some, strict=True))


def _judge_edits(
    edited: Sequence[Candidate], answers: Mapping[bytes, Sequence[Candidate]], agreement: Agreement
) -> None:
    """Give edits of answers to one prompt their probability."""
    edits = [(one, one.edit) for one in edited if one.edit is not None]
    people: dict[bytes, dict[int, float]] = defaultdict(dict)
    lengths: dict[bytes, int] = {}
    for candidate, edit in edits:
        lengths |= {candidate.answer: candidate.length, edit.answer: edit.length}
        people[edit.answer] |= edit.editors
    log_odds = {answer: _log_odds(people[answer], answers.get(answer, ())) for answer in lengths}
    is_short = max(lengths.values()) < SHORT
    highest = max(0.0, *log_odds.values())
    whole = math.exp(-highest) + sum(math.exp(one - highest) for one in log_odds.values())
    for candidate, edit in edits:
        own = log_odds[edit.answer]
        p_good = math.exp(own - highest) / whole if is_short else _probability(own)
        is_known = edit.is_reviewed or agreement != Agreement.NOT_ENOUGH
        candidate.edit = replace(edit, p_good=p_good if is_known else None, users=len(people[edit.answer]))


def _log_odds(editors: Mapping[int, float], given: Sequence[Candidate]) -> float:
    """Of an answer that some wrote, and that the model may have given."""
    if not given or not given[0].has_evidence:
        return sum(editors.values()) + (given[0].log_odds if given else 0.0)
    votes = dict(given[0].votes) | dict(editors)
    return given[0].log_odds + sum(votes.values())


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(log_odds, -_FURTHEST), _FURTHEST)))
