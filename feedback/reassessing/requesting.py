"""Asks for events to be scored again, and cancels it."""

from datetime import datetime

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from feedback.choices import DEFAULT_PROFILE, ReassessmentStatus
from feedback.deployments import quality_profiles
from feedback.field_errors import FieldError
from feedback.jobs import sweeping
from feedback.models import Deployment, Reassessment
from feedback.quality import chosen
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.base import Profile
from feedback.tasks import reassess

log = structlog.get_logger(__name__)
PERMISSION = "feedback.add_reassessment"


class InvalidReassessment(ValueError):
    """A range or profile that cannot be scored."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.error = FieldError(field, "invalid", message)


class ReassessmentNotAllowed(Exception):
    """The state of the deployment or of the job does not allow it."""


def request(
    deployment_id: str,
    *,
    by: User,
    start: datetime | None = None,
    end: datetime | None = None,
    model_version_id: str = "",
    profile: str = "",
) -> Reassessment:
    """Have events that occurred from `start` to before `end` scored again; without an end, those up to now.

    profile: "" for the deployment's, a shipped one, or the version of one that the deployment had. Raises
    PermissionDenied, Deployment.DoesNotExist, InvalidReassessment and ReassessmentNotAllowed.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied(f"Scoring events again needs the permission {PERMISSION}.")
    end = end or timezone.now()
    if start is not None and start >= end:
        raise InvalidReassessment("occurred_to", "The range is empty: its start must be before its end")
    chosen.forget()
    key, found = resolve(deployment_id, profile)
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update().get(pk=deployment_id)
        if deployment.deleting:
            raise ReassessmentNotAllowed(f"Deployment {deployment_id} is being deleted.")
        running = Reassessment.objects.of_deployment(deployment_id).unfinished()
        if other := running.overlapping(start, end, model_version_id, key).first():
            raise ReassessmentNotAllowed(
                f"Reassessment {other.pk} of {deployment_id} is {other.status} and scores events of this range. "
                "Wait for it, or cancel it."
            )
        job = Reassessment.objects.create(
            deployment_id=deployment_id,
            occurred_from=start,
            occurred_to=end,
            model_version_id=model_version_id,
            key=key,
            version=found.version,
            requested_by=by,
        )
        reassess.delay_on_commit(job.pk)
    log.info("reassessment_requested", reassessment=job.pk, deployment=deployment_id, profile=job.version)
    return job


def resolve(deployment_id: str, profile: str) -> tuple[str, Profile]:
    """The key of its scores and the profile: `default` where it is the deployment's own, else its version.

    Raises InvalidReassessment for one that cannot be had.
    """
    own = chosen.profile_of(deployment_id)
    known = quality_profiles.former(deployment_id)
    found = own if profile in ("", own.version) else PROFILES.get(profile) or known.get(profile)
    if found is None:
        names = ", ".join(dict.fromkeys((*PROFILES, *known)))
        raise InvalidReassessment("profile", f"{profile[:64]} cannot be scored by this program. Choose one of {names}")
    return (DEFAULT_PROFILE if found.version == own.version else found.version), found


def cancel(job: Reassessment, *, by: User) -> None:
    """Stop after the batch in hand; what is scored stays. Raises PermissionDenied and ReassessmentNotAllowed."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied(f"Cancelling needs the permission {PERMISSION}.")
    if not end(job.pk, ReassessmentStatus.CANCELLED):
        raise ReassessmentNotAllowed(f"{job} has ended.")


def end(job_id: int, status: ReassessmentStatus, error: str = "") -> bool:
    """End an unfinished job; tell whether it was one."""
    rows = Reassessment.objects.unfinished().filter(pk=job_id)
    return bool(rows.update(status=status, error=error, ended_at=timezone.now()))


def sweep() -> None:
    """Queue jobs that no worker holds, and give up those that crash their workers."""
    overdue = Reassessment.objects.unfinished().requested_before(sweeping.overdue_since())
    sweeping.sweep(reassess, list(overdue.values_list("pk", flat=True)), give_up=_give_up)


def _give_up(job_id: int, message: str) -> None:
    end(job_id, ReassessmentStatus.FAILED, message)
    log.error("reassessment_given_up", reassessment=job_id)
