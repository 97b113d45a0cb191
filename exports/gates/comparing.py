"""Compares the answers of two models to the same prompts with the references of people."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exports.choices import GateMetric, GateOutcome, GateReason, GateVerdict
from exports.gates.limits import LEAST_REFERENCES, MOST_MISSING_SHARE
from exports.gates.scoring import exact_match, similarity, words
from feedback.quality.checks.refusal import find_refusal
from feedback.statistics.paired import cluster_means, paired_difference

# An answer this much like the prompt repeats it.
ECHO_SIMILARITY = 0.9
# References of other prompts that an answer is compared with.
MOST_OTHERS = 50
_SAME = 1e-9


@dataclass(frozen=True)
class PairedScore:
    """One prompt with the reference of a person and two answers.

    Attributes
    ----------
    cluster : str
        Equal for rows with the same prompt.
    prompt, reference : str
        What was asked, and what a person wrote.
    candidate, current : str or None
        The answers; None if there is none.
    """

    cluster: str
    prompt: str
    reference: str
    candidate: str | None
    current: str | None


@dataclass(frozen=True)
class Scored:
    """The score of one answer.

    Attributes
    ----------
    outcome : GateOutcome
        Only an answered one can have a score other than 0.
    score : float
        -1 to 1.
    uncorrected : float
        0 to 1: the score before what is expected by chance is subtracted.
    """

    outcome: GateOutcome
    score: float = 0.0
    uncorrected: float = 0.0


@dataclass(frozen=True)
class Compared:
    """What the answers of two models say about the candidate.

    Attributes
    ----------
    verdict : GateVerdict
        Better if the interval is above 0, worse if it is below 0, else no evidence.
    reason : GateReason or None
        Why there is no evidence.
    n, prompts : int
        Rows, and different prompts among them.
    candidate_mean, current_mean, difference, low, high : float
        Means over prompts, their difference and its 95 % interval; NaN without rows.
    candidate_wins, current_wins, ties : int
        Rows by the higher score.
    candidate, current : tuple of Scored
        In the order of the rows.
    """

    verdict: GateVerdict
    reason: GateReason | None
    n: int
    prompts: int
    candidate_mean: float
    current_mean: float
    difference: float
    low: float
    high: float
    candidate_wins: int
    current_wins: int
    ties: int
    candidate: tuple[Scored, ...]
    current: tuple[Scored, ...]


def compare(rows: Sequence[PairedScore], metric: GateMetric) -> Compared:
    """Return the verdict on the candidate with its figures.

    Parameters
    ----------
    rows : sequence of PairedScore
        In any order, which must not depend on the answers.
    metric : GateMetric
        Chosen before the answers were read.

    Returns
    -------
    Compared
        With scores in the order of the rows.

    Examples
    --------
    >>> rows = [PairedScore(str(n), f"Capital {n}?", f"City {n}", f"City {n}", "Unknown") for n in range(60)]
    >>> found = compare(rows, GateMetric.EXACT_MATCH)
    >>> found.verdict.value, found.difference, round(found.low, 2)
    ('better', 1.0, 0.9)
    >>> compare(rows[:49], GateMetric.EXACT_MATCH).reason.value
    'few_references'
    """
    candidate = scored(rows, [row.candidate for row in rows], metric)
    current = scored(rows, [row.current for row in rows], metric)
    ours, theirs = (np.array([one.score for one in side]) for side in (candidate, current))
    clusters, differences = [row.cluster for row in rows], ours - theirs
    interval = paired_difference(differences, clusters)
    # Scores lie between -1 and 1, right and wrong ones between 0 and 1.
    most = 1.0 if metric == GateMetric.EXACT_MATCH else 2.0
    low, high = max(interval.low, -most), min(interval.high, most)
    verdict, reason = _verdict(low, high, candidate, current)
    return Compared(
        verdict=verdict,
        reason=reason,
        n=len(rows),
        prompts=len(set(clusters)),
        candidate_mean=float(cluster_means(ours, clusters).mean()) if rows else interval.value,
        current_mean=float(cluster_means(theirs, clusters).mean()) if rows else interval.value,
        difference=interval.value,
        low=low,
        high=high,
        candidate_wins=int((differences > _SAME).sum()),
        current_wins=int((differences < -_SAME).sum()),
        ties=int((abs(differences) <= _SAME).sum()),
        candidate=candidate,
        current=current,
    )


def scored(rows: Sequence[PairedScore], answers: Sequence[str | None], metric: GateMetric) -> tuple[Scored, ...]:
    """Return the scores of the answers of one model.

    Parameters
    ----------
    rows : sequence of PairedScore
        The prompts and references; their answers are not read.
    answers : sequence of str or None
        One for each row.
    metric : GateMetric
        Exact match gives 1 or 0. Similarity is that of the answer to its reference, less its mean similarity to the
        references of at most 50 other prompts.

    Returns
    -------
    tuple of Scored
        In the order of the rows. What is missing, empty, a refusal (unless the reference is one) or a repeated prompt
        (unless the reference is one) scores 0.

    Notes
    -----
    The same answer to every prompt has an expected score of 0 at any length, so that nothing is won by the length of
    references or by words that all of them have.

    Examples
    --------
    >>> texts = "open the door", "read the manual"
    >>> rows = [PairedScore(str(n), "?", text, None, None) for n, text in enumerate(texts)]
    >>> [round(one.score, 2) for one in scored(rows, ["open the door", "open the door"], GateMetric.SIMILARITY)]
    [0.67, -0.67]
    """
    references = [words(row.reference) for row in rows]
    found = []
    for index, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        outcome = _outcome(row, references[index], answer, metric)
        if answer is None or outcome != GateOutcome.ANSWERED:
            found.append(Scored(outcome))
        elif metric == GateMetric.EXACT_MATCH:
            exact = exact_match(answer, row.reference)
            found.append(Scored(outcome, exact, exact))
        else:
            found.append(_similar(rows, references, index, words(answer)))
    return tuple(found)


def _outcome(row: PairedScore, reference: Sequence[str], answer: str | None, metric: GateMetric) -> GateOutcome:
    if answer is None:
        return GateOutcome.MISSING
    if not answer.strip():
        return GateOutcome.EMPTY
    if metric == GateMetric.EXACT_MATCH and exact_match(answer, row.reference):
        return GateOutcome.ANSWERED
    if _refuses(answer) and not _refuses(row.reference):
        return GateOutcome.REFUSED
    prompt = words(row.prompt)
    if similarity(words(answer), prompt) >= ECHO_SIMILARITY > similarity(reference, prompt):
        return GateOutcome.ECHOED
    return GateOutcome.ANSWERED


def _refuses(text: str) -> bool:
    return find_refusal(text).extent == "full"


def _similar(
    rows: Sequence[PairedScore], references: Sequence[Sequence[str]], index: int, answer: Sequence[str]
) -> Scored:
    own = similarity(answer, references[index])
    following = [(index + step) % len(rows) for step in range(1, min(len(rows), MOST_OTHERS + 1))]
    others = [
        similarity(answer, references[other])
        for other in following
        if rows[other].cluster != rows[index].cluster and references[other] != references[index]
    ]
    chance = sum(others) / len(others) if others else 0.0
    return Scored(GateOutcome.ANSWERED, own - chance, own)


def _verdict(
    low: float, high: float, candidate: Sequence[Scored], current: Sequence[Scored]
) -> tuple[GateVerdict, GateReason | None]:
    if len(candidate) < LEAST_REFERENCES:
        return GateVerdict.NO_EVIDENCE, GateReason.FEW_REFERENCES
    if max(map(missing_share, (candidate, current))) > MOST_MISSING_SHARE:
        return GateVerdict.NO_EVIDENCE, GateReason.MISSING_ANSWERS
    if low > 0:
        return GateVerdict.BETTER, None
    if high < 0:
        return GateVerdict.WORSE, None
    return GateVerdict.NO_EVIDENCE, GateReason.INTERVAL


def missing_share(side: Sequence[Scored]) -> float:
    """Return the share of rows without an answer.

    Parameters
    ----------
    side : sequence of Scored
        The scores of one model.

    Returns
    -------
    float
        0 to 1; 0 without rows.

    Examples
    --------
    >>> missing_share([Scored(GateOutcome.MISSING), Scored(GateOutcome.EMPTY)])
    0.5
    """
    return sum(one.outcome == GateOutcome.MISSING for one in side) / len(side) if side else 0.0
