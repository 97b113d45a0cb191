"""How much the reviewers of a set agree: with each other, and with decisions between them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from uuid import UUID

import numpy as np

from curation.choices import AgreementNote, Decision
from curation.models import CuratedSet, RowReview
from feedback.models import HumanScore
from feedback.statistics.agreement import (
    PercentAgreement,
    RatingLevel,
    alpha_interval,
    cohens_kappa,
    percent_agreement,
)

# With fewer rows an interval of alpha is too narrow, see `feedback.statistics.agreement.alpha_interval`.
FEWEST_ROWS = 30
# Fewer pairs of verdicts say little of one reviewer.
FEWEST_PAIRS = 10
_CODES = {decision: float(code) for code, decision in enumerate(Decision.values)}


@dataclass(frozen=True)
class Coefficient:
    """Agreement beyond chance, at most 1, with its 95 % interval if there is one. note: why it has no value."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class ReviewerAgreement:
    """A reviewer's verdicts on rows: pairs with each other verdict, and with each decision between reviewers."""

    reviewer: str
    verdicts: int
    with_others: PercentAgreement
    with_adjudication: PercentAgreement


@dataclass(frozen=True)
class SetAgreement:
    """The agreement on rows with two verdicts or more. kappa: of two reviewers."""

    percent: PercentAgreement
    kappa: Coefficient
    alpha: Coefficient
    reviewers: list[ReviewerAgreement]

    @property
    def rows(self) -> int:
        return self.percent.units


@dataclass(frozen=True)
class CriterionAgreement:
    """The agreement of reviewers on a criterion, whose values have an order, or a flag of the rubric of their set."""

    name: str
    title: str
    percent: PercentAgreement
    kappa: Coefficient
    alpha: Coefficient

    @property
    def rows(self) -> int:
        return self.percent.units


def of_set(curated_set: CuratedSet) -> SetAgreement:
    """The agreement of all verdicts that count; the resamples of its interval are the same each time."""
    verdicts, names = _verdicts(curated_set.pk)
    reviewers = sorted(names, key=lambda reviewer: names[reviewer])
    ratings = np.full((len(verdicts), len(reviewers)), nan)
    for number, of_row in enumerate(verdicts.values()):
        for column, reviewer in enumerate(reviewers):
            ratings[number, column] = of_row.get(reviewer, nan)
    percent = percent_agreement(ratings)
    adjudicated = _adjudicated(curated_set.pk, verdicts)
    return SetAgreement(
        percent=percent,
        kappa=_kappa(ratings, percent),
        alpha=_alpha(ratings, percent, np.random.default_rng(curated_set.pk)),
        reviewers=[
            ReviewerAgreement(
                reviewer=names[reviewer],
                verdicts=int(np.count_nonzero(~np.isnan(ratings[:, column]))),
                with_others=_with_others(ratings, column),
                with_adjudication=_with_adjudication(ratings[:, column], adjudicated, reviewer),
            )
            for column, reviewer in enumerate(reviewers)
        ],
    )


def _verdicts(set_id: int) -> tuple[dict[int, dict[int, float]], dict[int, str]]:
    """{row: {reviewer: code of the verdict}}, and the names of the reviewers."""
    found: dict[int, dict[int, float]] = defaultdict(dict)
    names: dict[int, str] = {}
    submitted = RowReview.objects.of_set(set_id).submitted().order_by("pk")
    columns = ("example_id", "pair_id", "reviewer_id", "reviewer__username", "decision")
    for example, pair, reviewer, name, decision in submitted.values_list(*columns):
        found[example or pair][reviewer] = _CODES[decision]
        names[reviewer] = name
    return dict(found), names


def _adjudicated(set_id: int, rows: Mapping[int, object]) -> list[tuple[float, int | None]]:
    """For each row the code of the decision between its reviewers and who made it; NaN and None without one."""
    found = {
        example or pair: (_CODES[decision], by)
        for example, pair, by, decision in RowReview.objects.of_set(set_id)
        .adjudications()
        .values_list("example_id", "pair_id", "reviewer_id", "decision")
    }
    return [found.get(row, (nan, None)) for row in rows]


def of_criteria(curated_set: CuratedSet) -> list[CriterionAgreement]:
    """The agreement of reviewers on each criterion and flag of the set's rubric, as they first answered."""
    rubric = curated_set.rubric_version
    if rubric is None:
        return []
    scores = HumanScore.objects.of_set(curated_set.pk).by_rubric(rubric).order_by("pk")
    given: dict[UUID, dict[int, dict]] = defaultdict(dict)
    for event_id, person, answers in scores.values_list("event_id", "person", "first_answers"):
        given[event_id][person] = answers
    people = sorted({person for of_event in given.values() for person in of_event})
    asked = [(entry, RatingLevel.ORDINAL) for entry in rubric.criteria]
    asked += [(entry, RatingLevel.NOMINAL) for entry in rubric.flags]
    found = []
    for entry, level in asked:
        ratings = np.full((len(given), len(people)), nan)
        for number, of_event in enumerate(given.values()):
            for column, person in enumerate(people):
                ratings[number, column] = float(of_event.get(person, {}).get(entry["name"], nan))
        percent = percent_agreement(ratings)
        alpha = _alpha(ratings, percent, np.random.default_rng(curated_set.pk), level)
        found.append(CriterionAgreement(entry["name"], entry["title"], percent, _kappa(ratings, percent), alpha))
    return found


def _kappa(ratings: np.ndarray, percent: PercentAgreement) -> Coefficient:
    if ratings.shape[1] != 2:
        return Coefficient(note=AgreementNote.NOT_TWO_REVIEWERS)
    if percent.units < FEWEST_ROWS:
        return Coefficient(note=AgreementNote.NOT_ENOUGH_DATA)
    value = cohens_kappa(ratings[:, 0], ratings[:, 1])
    return Coefficient(note=AgreementNote.ONE_VALUE) if isnan(value) else Coefficient(value)


def _alpha(
    ratings: np.ndarray,
    percent: PercentAgreement,
    rng: np.random.Generator,
    level: RatingLevel = RatingLevel.NOMINAL,
) -> Coefficient:
    if percent.units < FEWEST_ROWS:
        return Coefficient(note=AgreementNote.NOT_ENOUGH_DATA)
    found = alpha_interval(ratings, level, rng=rng)
    if isnan(found.value):
        return Coefficient(note=AgreementNote.ONE_VALUE)
    if isnan(found.low):
        return Coefficient(found.value, note=AgreementNote.NO_INTERVAL)
    return Coefficient(found.value, found.low, found.high)


def _with_others(ratings: np.ndarray, column: int) -> PercentAgreement:
    own, others = ratings[:, [column]], np.delete(ratings, column, axis=1)
    is_pair = ~np.isnan(own) & ~np.isnan(others)
    rows = int(np.count_nonzero(is_pair.any(axis=1)))
    return PercentAgreement(int(np.count_nonzero(is_pair & (own == others))), int(np.count_nonzero(is_pair)), rows)


def _with_adjudication(own: np.ndarray, adjudicated: list[tuple[float, int | None]], reviewer: int) -> PercentAgreement:
    """Decisions that the reviewer made do not count."""
    codes = np.array([nan if by == reviewer else code for code, by in adjudicated])
    return percent_agreement(np.column_stack([own, codes]) if len(codes) else np.empty((0, 2)))
