"""Scores events with the checks, by the profile of their deployment and under the installation's bounds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from django.conf import settings

from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.conversations import Message, canonical
from feedback.quality import chosen, scoring
from feedback.quality.answers import Answer, answer_of
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.base import Profile
from feedback.quality.results import Assessment
from feedback.stores.schema import Row

# Of the row of a score on its way to the store: own checks that gave no result, each with the reason.
FAILURES = "failures"


def assess(
    prompt: str,
    response: str | Message,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    tools: str | None = None,
    tool_choice: str | None = None,
    response_format: str | None = None,
    finish_reason: str | None = None,
) -> Assessment:
    """Score one response. Raises KeyError for an unknown profile."""
    profile = PROFILES[profile] if isinstance(profile, str) else profile
    if isinstance(response, str) and profile.reads_raw_text:
        return _assessed([prompt], [response], profile)[0]
    sent = {"tools": tools, "tool_choice": tool_choice, "response_format": response_format}
    return _assessed([prompt], [answer_of(response, finish_reason=finish_reason, **sent)], profile)[0]


def score_row(row: Row) -> Row:
    """Set `quality_score` on an event's row, which the checks alone decide so far, and return the row of its score."""
    return score_rows([row])[0]


def score_rows(rows: Sequence[Row]) -> list[Row]:
    """The same of many rows, in less time for each."""
    chose = chosen.profiles()
    default = PROFILES[DEFAULT_PROFILE]
    found: list[Row] = [{}] * len(rows)
    for profile, places in _by_profile(rows, chose, default):
        assessments = assess_rows([rows[place] for place in places], profile)
        for place, assessment in zip(places, assessments, strict=True):
            found[place] = _scored(rows[place], assessment)
    return found


def _by_profile(
    rows: Sequence[Row], chose: Mapping[str, Profile], default: Profile
) -> Iterable[tuple[Profile, Sequence[int]]]:
    """The places of the rows of each profile; all of one where no deployment chose another."""
    if not chose:
        return [(default, range(len(rows)))]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        places[row["deployment_id"] if row["deployment_id"] in chose else ""].append(place)
    return [(chose.get(name, default), found) for name, found in places.items()]


def assess_rows(rows: Sequence[Row], profile: Profile) -> list[Assessment]:
    """Score rows of events by a profile."""
    return _assessed([row["prompt"] for row in rows], [_judged(row, profile) for row in rows], profile)


def _judged(row: Row, profile: Profile) -> str | Answer:
    is_raw = profile.reads_raw_text and not row.get("response_message")
    return row["response"] if is_raw else answer_of_row(row)


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


def _assessed(prompts: Sequence[str], responses: Sequence[str | Answer], profile: Profile) -> list[Assessment]:
    shortest, longest = settings.QUALITY_MIN_LENGTH, settings.QUALITY_MAX_LENGTH
    return scoring.assess_many(prompts, responses, profile=profile, min_length=shortest, max_length=longest)


def _scored(row: Row, assessment: Assessment) -> Row:
    row["quality_score"] = assessment.score
    return score_of(row["id"], assessment)


def score_of(event_id: str, assessment: Assessment, *, key: str = DEFAULT_PROFILE) -> Row:
    """The row of a score of the checks. key: whose profile it is, DEFAULT_PROFILE for that of the deployment."""
    score = {
        "event_id": event_id,
        "assessor": Assessor.CHECKS.value,
        "name": ScoreName.QUALITY.value,
        "profile": key,
        "raw": assessment.score,
        "score": assessment.score,
        "minimum": 0.0,
        "maximum": 1.0,
        "version": assessment.version,
        "checks": msgspec.json.encode(assessment.checks).decode(),
        "assessed_at": datetime.now(UTC),
    }
    if assessment.failures:
        score[FAILURES] = [[failed.check, failed.reason] for failed in assessment.failures]
    return score
