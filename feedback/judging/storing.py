"""Judgements as rows: begun before anything is asked, with each vote as it comes, then judged or failed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from feedback import exact_json
from feedback.choices import DEFAULT_PROFILE, JudgementStatus
from feedback.judging.online.sampling import Candidate
from feedback.models import Judge, Judgement
from feedback.models.judging import MAX_REASON_CHARACTERS
from feedback.rubrics.scoring import RubricScore
from feedback.scores import recording
from feedback.stores.schema import Row

# After each failure an event waits so long; after the last one it stays unjudged.
WAITS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
MOST_ATTEMPTS = len(WAITS) + 1
CRASHED = "At every attempt the worker crashed, or its time was over before there was an answer."


def begin(judge: Judge, found: Iterable[Candidate]) -> None:
    """Make pending judgements of these events; those that there are stay."""
    Judgement.objects.bulk_create(
        (
            Judgement(
                deployment_id=judge.deployment_id,
                event_id=one.event_id,
                occurred_at=one.occurred_at,
                judge=judge,
                rubric_version_id=judge.rubric_version_id,
            )
            for one in found
        ),
        ignore_conflicts=True,
    )


def attempt(judgement: Judgement, content_key: str) -> None:
    """Count an attempt before it is made, so that an event that crashes its worker is given up at some time."""
    judgement.content_key = content_key
    judgement.attempts += 1
    # With the event its judgement is removed, at any time; no row is changed then.
    Judgement.objects.filter(pk=judgement.pk).update(content_key=content_key, attempts=judgement.attempts)


def take_back(judgement: Judgement) -> None:
    """The attempt was none: the judge was stopped before it could ask."""
    Judgement.objects.filter(pk=judgement.pk).update(attempts=F("attempts") - 1)


def keep_vote(judgement: Judgement, vote: Mapping[str, Any]) -> None:
    """Store one vote, in place of an earlier one of the same endpoint."""
    others = [one for one in judgement.votes if one["endpoint"] != vote["endpoint"]]
    judgement.votes = [*others, dict(vote)]
    Judgement.objects.filter(pk=judgement.pk).update(votes=judgement.votes)


def complete(judgement: Judgement, scored: RubricScore, facts: Mapping[str, Any], *, version: str) -> bool:
    """Store a judgement and record its score, both or neither; return whether the judgement was open and there.

    facts: values of other fields, among them `answers`. version: that of the score.
    """
    stored: list[bool] = []
    now = timezone.now()

    def take() -> Sequence[Row]:
        rows = Judgement.objects.unjudged().filter(pk=judgement.pk)
        stored[:] = [
            bool(
                rows.update(
                    **facts,
                    status=JudgementStatus.JUDGED,
                    raw=scored.raw,
                    score=scored.score,
                    judged_at=now,
                    reason="",
                    next_try_at=None,
                )
            )
        ]
        return [score_row(judgement, scored, facts["answers"], version=version, at=now)] if stored[0] else []

    recording.record_taken(take)
    return stored[0]


def fail(judgement: Judgement, reason: str, *, is_final: bool = False, **facts: Any) -> None:
    """Leave the event without a score, for now or, after the last attempt, for good."""
    wait = None if is_final or judgement.attempts >= MOST_ATTEMPTS else WAITS[max(judgement.attempts, 1) - 1]
    Judgement.objects.unjudged().filter(pk=judgement.pk).update(
        **facts,
        status=JudgementStatus.FAILED,
        reason=reason[:MAX_REASON_CHARACTERS],
        next_try_at=wait and timezone.now() + wait,
    )


def give_up_crashed(judge: Judge) -> int:
    """Fail what has crashed its workers at every attempt; return how many."""
    crashed = judge.judgements.by_endpoint().filter(status=JudgementStatus.PENDING, attempts__gte=MOST_ATTEMPTS)
    return crashed.update(status=JudgementStatus.FAILED, reason=CRASHED, next_try_at=None)


def pause(judge: Judge, reason: str) -> None:
    """Ask nothing more until an operator resumes the judge."""
    now, reason = timezone.now(), reason[:MAX_REASON_CHARACTERS]
    Judge.objects.filter(pk=judge.pk, paused_at=None).update(
        paused_at=now, paused_reason=reason, last_error=reason, last_error_at=now
    )


def note_error(judge: Judge, reason: str) -> None:
    Judge.objects.filter(pk=judge.pk).update(last_error=reason[:MAX_REASON_CHARACTERS], last_error_at=timezone.now())


def score_row(
    judgement: Judgement, scored: RubricScore, answers: Mapping[str, Any], *, version: str, at: datetime
) -> Row:
    """The score of a judgement as a row of the event store."""
    rubric = judgement.rubric_version
    return {
        "event_id": str(judgement.event_id),
        "assessor": judgement.judge.assessor,
        "name": rubric.label,
        "profile": DEFAULT_PROFILE,
        "raw": scored.raw,
        "score": scored.score,
        "minimum": scored.minimum,
        "maximum": scored.maximum,
        "version": version,
        "checks": exact_json.encode(_criteria(rubric, answers)).decode(),
        "assessed_at": at,
    }


def _criteria(rubric: Any, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers in the form of the results of checks; a criterion passes above the lowest answer."""
    shares = {
        one["name"]: (answers[one["name"]] - one["minimum"]) / (one["maximum"] - one["minimum"])
        for one in rubric.criteria
    }
    shares |= {one["name"]: float(answers[one["name"]]) for one in rubric.flags}
    return [
        {
            "name": name,
            "score": share,
            "passed": share > 0,
            "details": {"value": answers[name]},
            "version": rubric.label,
        }
        for name, share in shares.items()
    ]
