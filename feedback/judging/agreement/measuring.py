"""The agreement of a judge with people over events that both scored by one version of a rubric, as figures of JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feedback.judging.agreement.using import LEAST_EVENTS
from feedback.statistics.agreement import RatingLevel, alpha_interval
from feedback.statistics.intervals import IntervalResult
from feedback.statistics.paired import paired_difference
from feedback.statistics.weighted_agreement import RatedAgreement, against, agreement, among, calibration

_DRAWS = 1_000
_LEVELS = [0.025, 0.975]


@dataclass(frozen=True)
class ScoredEvent:
    """One event that a judge and people scored.

    Attributes
    ----------
    judge : mapping of str to float
        The judge's answers by criterion and flag, the latter 0 or 1.
    judge_score : float
        Its composite, 0 to 1.
    people : sequence of mappings
        The answers of each person.
    people_scores : sequence of float
        Their composites, 0 to 1.
    """

    judge: Mapping[str, float]
    judge_score: float
    people: Sequence[Mapping[str, float]]
    people_scores: Sequence[float]


@dataclass(frozen=True)
class Question:
    """A question of a rubric. kind: composite, criterion or flag; step: one step of its scale."""

    name: str
    title: str
    kind: str
    step: float
    level: RatingLevel


def measure(events: Sequence[ScoredEvent], questions: Sequence[Question], *, seed: int = 1) -> dict[str, Any]:
    """Return the agreement on each question, that of people among themselves, and the calibration of the composite.

    Parameters
    ----------
    events : sequence of ScoredEvent
        Each counts once, however many people scored it.
    questions : sequence of Question
        The first is the composite.
    seed : int
        Of the resamples, so that the same scores give the same figures.

    Returns
    -------
    dict
        n, is_enough, and with enough events: questions (a list), correlation, rank_correlation, bias and calibration.
        An interval is {value, low, high}; what is not known is None.

    Examples
    --------
    >>> question = Question("", "Composite", "composite", 0.25, RatingLevel.INTERVAL)
    >>> events = [ScoredEvent({}, n % 5 / 4, [{}], [n % 5 / 4]) for n in range(40)]
    >>> found = measure(events, [question])
    >>> found["n"], found["questions"][0]["kappa"]["value"], measure(events[:29], [question])["is_enough"]
    (40, 1.0, False)
    """
    if len(events) < LEAST_EVENTS:
        return {"n": len(events), "least": LEAST_EVENTS, "is_enough": False}
    rng = np.random.default_rng(seed)
    judge = np.array([event.judge_score for event in events])
    people = np.array([float(np.mean(event.people_scores)) for event in events])
    return {
        "n": len(events),
        "least": LEAST_EVENTS,
        "is_enough": True,
        "people_scores": sum(len(event.people_scores) for event in events),
        "questions": [_question(events, question, rng) for question in questions],
        "correlation": shown(_resampled(judge, people, _pearson, rng)),
        "rank_correlation": shown(_resampled(_ranks(judge), _ranks(people), _pearson, rng)),
        "bias": shown(paired_difference(judge - people, range(len(events)))),
        "calibration": [
            {"low": one.low, "high": one.high, "n": one.n, "judge": one.judge, "people": shown(one.people)}
            for one in calibration(judge, people)
        ],
    }


def _question(events: Sequence[ScoredEvent], question: Question, rng: np.random.Generator) -> dict[str, Any]:
    judge, people = _ratings(events, question)
    own = agreement(against(judge, people), step=question.step, rng=rng, draws=_DRAWS)
    units, clusters = among(people)
    theirs = agreement(units, step=question.step, rng=rng, draws=_DRAWS, clusters=clusters)
    width = max(map(len, people), default=0)
    matrix = np.full((len(people), width + 1), np.nan)
    for row, ratings in enumerate(people):
        matrix[row, 1 : len(ratings) + 1] = ratings
    matrix[:, 0] = judge
    return {
        "name": question.name,
        "title": question.title,
        "kind": question.kind,
        **_figures(own, alpha_interval(matrix, question.level, rng=rng)),
        "people": _figures(theirs, alpha_interval(matrix[:, 1:], question.level, rng=rng))
        if theirs.n >= LEAST_EVENTS
        else {"n": theirs.n},
    }


def _ratings(events: Sequence[ScoredEvent], question: Question) -> tuple[np.ndarray, list[list[float]]]:
    if question.kind == "composite":
        return np.array([event.judge_score for event in events]), [list(event.people_scores) for event in events]
    name = question.name
    judge = np.array([event.judge.get(name, math.nan) for event in events], float)
    return judge, [[one[name] for one in event.people if name in one] for event in events]


def _figures(found: RatedAgreement, alpha: IntervalResult) -> dict[str, Any]:
    return {
        "n": found.n,
        "exact": number(found.exact),
        "within_step": number(found.within_step),
        "cohen": number(found.cohen),
        "kappa": shown(found.kappa),
        "alpha": shown(alpha),
    }


def _resampled(x: np.ndarray, y: np.ndarray, figure, rng: np.random.Generator) -> IntervalResult:
    """A figure of pairs with the quantiles of resamples of events."""
    value = figure(x, y)
    drawn = rng.integers(0, len(x), (_DRAWS, len(x)))
    found = np.array([figure(x[one], y[one]) for one in drawn])
    found = found[~np.isnan(found)]
    if math.isnan(value) or len(found) < _DRAWS / 2:
        return IntervalResult(value, math.nan, math.nan)
    low, high = np.quantile(found, _LEVELS)
    return IntervalResult(value, float(low), float(high))


def _pearson(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else math.nan


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks, where equal values share their mean rank."""
    _, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[numbers]


def shown(found: IntervalResult) -> dict[str, float | None]:
    """An interval as JSON, null for what is not known."""
    return {name: number(getattr(found, name)) for name in ("value", "low", "high")}


def number(value: float) -> float | None:
    """A number of JSON; infinity and NaN are none."""
    return float(value) if math.isfinite(value) else None
