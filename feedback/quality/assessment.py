"""Scores events with the checks, under the installation's bounds."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from django.conf import settings

from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.conversations import Message, canonical
from feedback.quality import scoring
from feedback.quality.answers import Answer, answer_of
from feedback.quality.profiles import PROFILES
from feedback.quality.results import Assessment
from feedback.stores.schema import Row


def assess(
    prompt: str,
    response: str | Message,
    *,
    profile: str = DEFAULT_PROFILE,
    tools: str | None = None,
    tool_choice: str | None = None,
    response_format: str | None = None,
    finish_reason: str | None = None,
) -> Assessment:
    """Score one response. Raises KeyError for an unknown profile."""
    if isinstance(response, str) and PROFILES[profile].reads_raw_text:
        return _assessed(prompt, response, profile)
    sent = {"tools": tools, "tool_choice": tool_choice, "response_format": response_format}
    return _assessed(prompt, answer_of(response, finish_reason=finish_reason, **sent), profile)


def score_row(row: Row) -> Row:
    """Set `quality_score` on an event's row, which the checks alone decide so far, and return the row of its score."""
    return _scored(row, _assessed(row["prompt"], answer_of_row(row), DEFAULT_PROFILE))


def score_rows(rows: Sequence[Row]) -> list[Row]:
    """The same of many rows, in less time for each."""
    assessments = scoring.assess_many(
        [row["prompt"] for row in rows],
        [answer_of_row(row) for row in rows],
        min_length=settings.QUALITY_MIN_LENGTH,
        max_length=settings.QUALITY_MAX_LENGTH,
    )
    return [_scored(row, assessment) for row, assessment in zip(rows, assessments, strict=True)]


def answer_of_row(row: Row) -> Answer:
    """The answer in an event's row, which has a whole message where text alone would not do."""
    message = row.get("response_message")
    return answer_of(
        canonical.decode(message)[0] if message else row["response"],
        tools=row.get("tools"),
        tool_choice=row.get("tool_choice"),
        response_format=row.get("response_format"),
        finish_reason=row.get("finish_reason"),
    )


def _assessed(prompt: str, response: str | Answer, profile: str) -> Assessment:
    shortest, longest = settings.QUALITY_MIN_LENGTH, settings.QUALITY_MAX_LENGTH
    return scoring.assess(prompt, response, profile=profile, min_length=shortest, max_length=longest)


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
