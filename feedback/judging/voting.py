"""How the votes of several endpoints become one judgement."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from feedback.choices import JudgeStrategy
from feedback.judging.parsing import NO_CONFIDENCE

Answers = Mapping[str, float | bool]


@dataclass(frozen=True)
class Vote:
    """The answers of one endpoint. weight: as the judge declares it; confidence: None if the model did not say."""

    answers: Answers
    confidence: float | None = None
    weight: float = 1.0

    @property
    def strength(self) -> float:
        """Weight times confidence."""
        return self.weight * (NO_CONFIDENCE if self.confidence is None else self.confidence)


@dataclass(frozen=True)
class Combined:
    """answers: None where the votes decide nothing, for the reason given; agreement: None with one vote."""

    answers: dict[str, float | bool] | None
    agreement: float | None
    reason: str = ""


def combine(
    votes: Sequence[Vote], scales: Mapping[str, float], *, strategy: str, asked: int, min_agreement: float = 0.0
) -> Combined:
    """Return what votes say together.

    Parameters
    ----------
    votes : sequence of Vote
        The usable votes, in the order of the endpoints.
    scales : mapping of str to float
        The width of the scale of each criterion; flags are not among them.
    strategy : str
        A value of JudgeStrategy. MAJORITY and WEIGHTED decide each answer by itself.
    asked : int
        How many endpoints were asked. MAJORITY and WEIGHTED need votes of more than half, UNANIMOUS of all.
    min_agreement : float
        Least agreement of two or more votes.

    Returns
    -------
    Combined
        Among answers with equally many votes, the one nearest to the mean of all votes wins, then the lower one, and of
        a flag `false`.

    Examples
    --------
    >>> votes = [Vote({"tone": 4.0}), Vote({"tone": 4.0}), Vote({"tone": 1.0})]
    >>> combine(votes, {"tone": 4.0}, strategy="majority", asked=3)
    Combined(answers={'tone': 4.0}, agreement=0.5, reason='')
    """
    agreed = agreement(votes, scales)
    if problem := _too_few(len(votes), asked, strategy):
        return Combined(None, agreed, problem)
    if agreed is not None and agreed < min_agreement:
        return Combined(None, agreed, f"The votes agree by {agreed:.2f}; at least {min_agreement:g} is needed.")
    if strategy == JudgeStrategy.UNANIMOUS and any(vote.answers != votes[0].answers for vote in votes):
        return Combined(None, agreed, "The votes are not unanimous.")
    return Combined(_answers(votes, strategy), agreed)


def agreement(votes: Sequence[Vote], scales: Mapping[str, float]) -> float | None:
    """Return how much votes agree.

    Parameters
    ----------
    votes : sequence of Vote
        With the same answers.
    scales : mapping of str to float
        The width of the scale of each criterion.

    Returns
    -------
    float or None
        One minus the mean distance of two votes, over all pairs and answers, from 0 to 1. The distance of criteria is
        in widths of the scale, that of flags 0 or 1. None with fewer than two votes.

    Examples
    --------
    >>> agreement([Vote({"tone": 5.0, "rude": False}), Vote({"tone": 3.0, "rude": False})], {"tone": 4.0})
    0.75
    """
    if len(votes) < 2:
        return None
    distances = [
        abs(one.answers[name] - other.answers[name]) / scales.get(name, 1.0)
        for one, other in combinations(votes, 2)
        for name in one.answers
    ]
    return 1.0 - sum(distances) / len(distances)


def _too_few(votes: int, asked: int, strategy: str) -> str:
    if not votes:
        return "No endpoint gave a usable answer."
    is_enough = votes == asked if strategy == JudgeStrategy.UNANIMOUS else 2 * votes > asked
    if strategy in (JudgeStrategy.NONE, JudgeStrategy.BEST_CONFIDENCE) or is_enough:
        return ""
    return f"Only {votes} of {asked} endpoints gave a usable answer."


def _answers(votes: Sequence[Vote], strategy: str) -> dict[str, float | bool]:
    if strategy == JudgeStrategy.MAJORITY:
        return _by_question(votes, lambda vote: 1.0)
    if strategy == JudgeStrategy.WEIGHTED:
        return _by_question(votes, lambda vote: vote.strength)
    if strategy == JudgeStrategy.BEST_CONFIDENCE:
        return dict(max(votes, key=lambda vote: (vote.confidence or 0.0, vote.weight)).answers)
    # With NONE the last vote counts: that of the endpoint that was asked because the ones before were not enough.
    return dict(votes[-1].answers)


def _by_question(votes: Sequence[Vote], weight: Callable[[Vote], float]) -> dict[str, float | bool]:
    return {name: _winner([(vote.answers[name], weight(vote)) for vote in votes]) for name in votes[0].answers}


def _winner(given: Sequence[tuple[float | bool, float]]) -> float | bool:
    sums: defaultdict[float | bool, float] = defaultdict(float)
    for value, weight in given:
        sums[value] += weight
    mean = sum(value for value, _ in given) / len(given)
    # Sums of the same weights in another order differ in their last digits.
    return min(sums, key=lambda value: (-round(sums[value], 9), round(abs(value - mean), 9), value))
