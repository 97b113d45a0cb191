"""What people's scores say: of one event, and of the events of a deployment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from feedback.choices import Assessor
from feedback.models import HumanScore
from feedback.rollups.estimates import LEVEL
from feedback.statistics.clustered import clustered_mean

# The newest scores of a deployment; more are not read.
MOST = 20_000


@dataclass(frozen=True)
class PersonScore:
    """What one person said, ready to be shown."""

    person: int
    scorer: str
    rubric: str
    answers: list[tuple[str, str]]
    raw: float
    score: float
    note: str
    at: datetime
    changed_at: datetime | None


def of_event(event_id: UUID | str) -> list[PersonScore]:
    """All scores that people gave an event, oldest first."""
    scores = HumanScore.objects.of_event(event_id).select_related("rubric_version", "scorer").in_order()
    return [
        PersonScore(
            person=one.person,
            scorer=str(one.scorer) if one.scorer else "a deleted account",
            rubric=one.rubric_version.label,
            answers=_answers(one),
            raw=one.raw,
            score=one.score,
            note=one.note,
            at=one.created_at,
            changed_at=one.changed_at,
        )
        for one in scores
    ]


def _answers(score: HumanScore) -> list[tuple[str, str]]:
    rubric = score.rubric_version
    numbers = [(entry["title"], f"{score.answers[entry['name']]:g}") for entry in rubric.criteria]
    return numbers + [(entry["title"], "yes" if score.answers[entry["name"]] else "no") for entry in rubric.flags]


def of_deployment(deployment_id: str, *, since: datetime) -> list[dict[str, Any]] | None:
    """By rubric, the mean score from 0 to 1 over the events since then that people scored; None without any."""
    columns = ("rubric_version__name", "rubric_version__version", "event_id", "person", "score")
    scores = HumanScore.objects.of_deployment(deployment_id).occurred_from(since).order_by("-occurred_at", "-pk")
    by_rubric: dict[str, list[tuple[float, UUID, int]]] = {}
    for name, version, event_id, person, score in scores.values_list(*columns)[:MOST]:
        by_rubric.setdefault(f"{name}-v{version}", []).append((score, event_id, person))
    return [_figure(rubric, rows) for rubric, rows in sorted(by_rubric.items())] or None


def _figure(rubric: str, rows: list[tuple[float, UUID, int]]) -> dict[str, Any]:
    scores, events, people = zip(*rows, strict=True)
    found = clustered_mean(np.array(scores), events, people, minimum=0.0, maximum=1.0)
    return {
        "assessor": Assessor.PEOPLE.value,
        "rubric": rubric,
        "n": found.units,
        "people": found.raters,
        "scores": found.ratings,
        "mean": found.value,
        "interval": None if np.isnan(found.low) else [found.low, found.high],
        "level": LEVEL,
        "counts_people": found.counts_raters,
    }
