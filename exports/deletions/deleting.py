"""Deletes a deployment with everything that it has, in batches; approved sets and their exports stay as a record."""

from datetime import timedelta

import structlog
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from curation import removal as curation_removal
from curation.models import CuratedSet
from drift import removal as drift_removal
from exports.choices import DeletionStatus
from exports.erasures.erasing import is_waiting
from exports.gates import removal as gates_removal
from exports.models import DeploymentDeletion
from exports.pipelines import removal as pipelines_removal
from exports.tasks import delete_deployment
from exports.training import removal as training_removal
from feedback.deployments import policies
from feedback.jobs import leases, sweeping
from feedback.models import Deployment
from feedback.removal import deployments as traffic

log = structlog.get_logger(__name__)

PERMISSION = "feedback.delete_deployment"
# A web process may accept an item for so long after the deployment was archived, and clocks differ.
LAST_ACCEPTED = timedelta(seconds=10)


def request(deployment_id: str, *, by: User) -> DeploymentDeletion:
    """Archive a deployment and queue its deletion; one that was requested before and is not done is returned.

    Raises PermissionDenied without the permission, and Deployment.DoesNotExist.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Deleting a deployment needs the permission “Can delete deployment”.")
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update().get(pk=deployment_id)
        if earlier := DeploymentDeletion.objects.unfinished().filter(deployment_id=deployment_id).first():
            return earlier
        Deployment.objects.filter(pk=deployment_id).update(archived=True, deleting=True)
        deletion = DeploymentDeletion.objects.create(deployment_id=deployment_id, requested_by=by)
        LogEntry.objects.log_actions(by.pk, [deployment], DELETION, "deletion requested", single_object=True)
        delete_deployment.delay_on_commit(deletion.pk)
    policies.forget()
    return deletion


def run(deletion_id: int) -> DeploymentDeletion:
    """Delete what there is; complete once nothing older than the request can arrive any more.

    Safe to kill and run again at any point. A failure is shown on the deletion and raised.
    """
    with leases.of_job(delete_deployment.name, deletion_id) as lease:
        unfinished = DeploymentDeletion.objects.unfinished().filter(pk=deletion_id)
        if lease and unfinished.update(status=DeletionStatus.RUNNING):
            _try(unfinished.get())
    return DeploymentDeletion.objects.get(pk=deletion_id)


def sweep() -> None:
    """Queue the deletions that are unfinished and have no worker."""
    unfinished = DeploymentDeletion.objects.unfinished().values_list("pk", flat=True)
    sweeping.sweep(delete_deployment, unfinished, give_up=_report)


def _try(deletion: DeploymentDeletion) -> None:
    try:
        _continue(deletion)
    except Exception as error:
        _report(deletion.pk, f"{type(error).__name__}. See the log of the worker.")
        raise


def _continue(deletion: DeploymentDeletion) -> None:
    _remove_all(deletion)
    if deletion.cleared_at is None:
        deletion.cleared_at = timezone.now()
        _update(deletion, cleared_at=deletion.cleared_at)
    _update(deletion, error="")
    if timezone.now() < deletion.created_at + LAST_ACCEPTED or is_waiting(before=deletion.cleared_at):
        return
    if training_removal.is_waiting(deletion.deployment_id):
        return
    _remove_all(deletion)
    _complete(deletion)


def _remove_all(deletion: DeploymentDeletion) -> None:
    while _remove_some_traffic(deletion):
        pass
    for column, remove in (
        ("records", pipelines_removal.remove_of),
        ("records", gates_removal.remove_of),
        ("records", training_removal.remove_of),
        ("sets", curation_removal.remove_unapproved),
        ("records", drift_removal.remove_of),
        ("records", traffic.remove_records),
    ):
        _update(deletion, **{column: F(column) + remove(deletion.deployment_id)})


def _remove_some_traffic(deletion: DeploymentDeletion) -> traffic.RemovedTraffic:
    with transaction.atomic():
        removed = traffic.remove_some(deletion.deployment_id)
        _update(deletion, events=F("events") + removed.events, signals=F("signals") + removed.signals)
    return removed


def _complete(deletion: DeploymentDeletion) -> None:
    """Delete the deployment itself; with approved sets, which refer to it, it stays archived and empty."""
    with transaction.atomic():
        found = Deployment.objects.filter(pk=deletion.deployment_id)
        kept = CuratedSet.objects.of_deployment(deletion.deployment_id).count()
        if kept:
            found.update(deleting=False)
        else:
            found.delete()
        _update(deletion, status=DeletionStatus.COMPLETED, completed_at=timezone.now(), kept_sets=kept)
    policies.forget()
    log.info("deployment_deleted", deployment=deletion.deployment_id, deletion=deletion.pk, kept_sets=kept)


def _update(deletion: DeploymentDeletion, **facts) -> None:
    DeploymentDeletion.objects.filter(pk=deletion.pk).update(**facts)


def _report(deletion_id: int, reason: str) -> None:
    """Show the error; the deletion stays unfinished and is retried."""
    DeploymentDeletion.objects.unfinished().filter(pk=deletion_id).update(error=reason)
