"""What judges say of the events of a deployment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, F, Sum

from feedback.models import Judgement
from feedback.rollups.estimates import LEVEL, mean


@dataclass(frozen=True)
class JudgeFigure:
    """The mean score by one judge and rubric over n events, with its interval."""

    name: str
    rubric: str
    n: int
    mean: float
    low: float | None
    high: float | None
    agreement: float | None

    @property
    def as_json(self) -> dict[str, Any]:
        interval = None if self.low is None else [self.low, self.high]
        figures = {"n": self.n, "mean": self.mean, "interval": interval, "level": LEVEL}
        return {"assessor": f"judge:{self.name}", "name": self.name, "rubric": self.rubric, **figures} | {
            "agreement": self.agreement
        }


def of_deployment(deployment_id: str, *, since: datetime) -> list[JudgeFigure]:
    """By judge and rubric, the scores of events that occurred since then."""
    rows = (
        Judgement.objects.judged()
        .of_deployment(deployment_id)
        .occurred_since(since)
        .order_by("judge__name", "rubric_version__name", "rubric_version__version")
        .values("judge__name", "rubric_version__name", "rubric_version__version")
        .annotate(n=Count("pk"), total=Sum("score"), squares=Sum(F("score") * F("score")), agreed=Avg("agreement"))
    )
    return [found for row in rows if (found := _figure(row))]


def _figure(row: dict[str, Any]) -> JudgeFigure | None:
    found = mean(row["n"], row["total"], row["squares"])
    rubric = f"{row['rubric_version__name']}-v{row['rubric_version__version']}"
    return found and JudgeFigure(row["judge__name"], rubric, found.n, found.value, found.low, found.high, row["agreed"])


def of_event(event_id: UUID | str) -> list[Judgement]:
    """The judgements of an event, those with a score first."""
    rows = Judgement.objects.of_event(event_id).select_related("judge", "rubric_version")
    return sorted(rows, key=lambda row: (row.score is None, row.judge.name))
