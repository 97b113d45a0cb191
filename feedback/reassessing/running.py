"""Scores events again, batch by batch: each batch and its progress are stored together, so a crash repeats none."""

from collections.abc import Sequence

import structlog
from django.db.models import F

from feedback.choices import ReassessmentStatus
from feedback.deployments import quality_profiles
from feedback.jobs import leases
from feedback.jobs.leases import Lease
from feedback.models import Reassessment
from feedback.quality import assessment, chosen
from feedback.quality.assessment import FAILURES
from feedback.quality.profiles.base import Profile
from feedback.reassessing.requesting import end
from feedback.scores import recording
from feedback.stores import event_store, tool_lists
from feedback.stores.base import EventFilter, Paging
from feedback.stores.schema import Row
from feedback.tasks import reassess

log = structlog.get_logger(__name__)
BATCH = 500
CHANGED = "The deployment's profile changed meanwhile. What was scored stays; start again to score all by the new one."
GONE = "The profile no longer exists: a check or the program changed. Start again with one of today."
_COLUMNS = (
    *("id", "deployment_id", "occurred_at", "prompt", "response", "response_message", "content_dropped"),
    *("tools_hash", "tool_choice", "response_format", "finish_reason", "quality_score"),
)


class _Stopped(Exception):
    """The job was cancelled, or another worker is further."""


def run(job_id: int) -> None:
    """Work off a job from where it stands; does nothing if it has ended, or while another worker holds it."""
    with leases.of_job(reassess.name, job_id) as lease:
        if lease is None:
            return
        job = _started(job_id)
        while job is not None:
            lease.require()
            job = _next(job, lease)


def _started(job_id: int) -> Reassessment | None:
    job = Reassessment.objects.unfinished().filter(pk=job_id).first()
    if job is None:
        return None
    if job.total is None:
        job.total = event_store().count(_where(job))
    job.status = ReassessmentStatus.RUNNING
    is_ours = Reassessment.objects.unfinished().filter(pk=job_id).update(status=job.status, total=job.total)
    return job if is_ours else None


def _where(job: Reassessment) -> EventFilter:
    return EventFilter(
        deployment_id=job.deployment_id,
        model_version_id=job.model_version_id or None,
        occurred_from=job.occurred_from,
        occurred_to=job.occurred_to,
        newer_than=(job.position_at, job.position_id) if job.position_at else None,
    )


def _next(job: Reassessment, lease: Lease) -> Reassessment | None:
    """Score one batch; return the job as it stands then, or None when it has ended."""
    profile = _profile(job)
    if profile is None:
        end(job.pk, ReassessmentStatus.FAILED, CHANGED if job.is_own else GONE)
        return None
    rows = event_store().scan(_where(job), _COLUMNS, Paging(newest_first=False, limit=BATCH)).read_all().to_pylist()
    if not rows:
        if end(job.pk, ReassessmentStatus.COMPLETED):
            log.info("reassessed", reassessment=job.pk, deployment=job.deployment_id, events=job.scored)
        return None
    scores = _scores(rows, job, profile)
    lease.require()
    try:
        recording.record_taken(lambda: _taken(job, rows, scores))
    except _Stopped:
        return None
    return Reassessment.objects.unfinished().filter(pk=job.pk).first()


def _profile(job: Reassessment) -> Profile | None:
    """The profile of the job, or None if the deployment or the program has another one since."""
    own = chosen.profile_of(job.deployment_id)
    if job.is_own:
        return own if own.version == job.version else None
    return quality_profiles.former(job.deployment_id).get(job.version)


def _scores(rows: Sequence[Row], job: Reassessment, profile: Profile) -> list[Row]:
    kept = [row for row in rows if not row["content_dropped"]]
    lists = tool_lists.texts_by_digest(job.deployment_id, {row["tools_hash"] for row in kept if row["tools_hash"]})
    for row in kept:
        row["tools"] = lists.get(row["tools_hash"])
    found = assessment.assess_rows(kept, profile)
    return [assessment.score_of(row["id"], one, key=job.key) for row, one in zip(kept, found, strict=True)]


def _taken(job: Reassessment, rows: Sequence[Row], scores: Sequence[Row]) -> Sequence[Row]:
    """Record the progress within the transaction that records the scores. Raises _Stopped, recording nothing."""
    former = {row["id"]: row["quality_score"] for row in rows}
    replaced = [score for score in scores if former[score["event_id"]] is not None]
    here = Reassessment.objects.filter(pk=job.pk, status=ReassessmentStatus.RUNNING, position_id=job.position_id)
    moved = here.update(
        scored=F("scored") + len(scores),
        dropped=F("dropped") + len(rows) - len(scores),
        failures=F("failures") + sum(len(score.get(FAILURES, ())) for score in scores),
        compared=F("compared") + len(replaced),
        before=F("before") + sum(former[score["event_id"]] for score in replaced),
        after=F("after") + sum(score["score"] for score in replaced),
        position_at=rows[-1]["occurred_at"],
        position_id=rows[-1]["id"],
    )
    if not moved:
        raise _Stopped
    return scores
