"""Scores events with the checks, under the installation's bounds."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from django.conf import settings

from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.quality import scoring
from feedback.quality.results import Assessment
from feedback.stores.schema import Row


def assess(prompt: str, response: str, *, profile: str = DEFAULT_PROFILE) -> Assessment:
    """Score one response. Raises KeyError for an unknown profile."""
    return scoring.assess(
        prompt,
        response,
        profile=profile,
        min_length=settings.QUALITY_MIN_LENGTH,
        max_length=settings.QUALITY_MAX_LENGTH,
    )


def score_row(row: Row) -> Row:
    """Set `quality_score` on an event's row, which the checks alone decide so far, and return the row of its score."""
    return _scored(row, assess(row["prompt"], row["response"]))


def score_rows(rows: Sequence[Row]) -> list[Row]:
    """The same of many rows, in less time for each."""
    assessments = scoring.assess_many(
        [row["prompt"] for row in rows],
        [row["response"] for row in rows],
        min_length=settings.QUALITY_MIN_LENGTH,
        max_length=settings.QUALITY_MAX_LENGTH,
    )
    return [_scored(row, assessment) for row, assessment in zip(rows, assessments, strict=True)]


def _scored(row: Row, assessment: Assessment) -> Row:
    row["quality_score"] = assessment.score
    return {
        "event_id": row["id"],
        "assessor": Assessor.CHECKS.value,
        "name": ScoreName.QUALITY.value,
        "profile": assessment.profile,
        "raw": assessment.score,
        "score": assessment.score,
        "minimum": 0.0,
        "maximum": 1.0,
        "version": assessment.version,
        "checks": msgspec.json.encode(assessment.checks).decode(),
        "assessed_at": datetime.now(UTC),
    }
