"""Removes the training runs of a deployment, the models that they made, and its policy."""

from datetime import timedelta

from django.utils import timezone

from exports.models import LoopPolicy, ModelRef, TrainingRun
from exports.training import runs, trainers
from exports.training.handover import calls, keys
from feedback.removal.deployments import in_batches

# The row of a cancelled run stays for so long, until its trainer was asked to stop. A deletion waits no longer.
STOPPED_WITHIN = timedelta(hours=1)


def remove_of(deployment_id: str) -> int:
    """Cancel what trains and delete the rows, except those that `is_waiting` waits for; return how many."""
    LoopPolicy.objects.filter(deployment=deployment_id).delete()
    of_deployment = TrainingRun.objects.of_deployment(deployment_id)
    for run_id in of_deployment.unfinished().values_list("pk", flat=True):
        runs.cancel(run_id, reason="Its deployment was deleted.")
    keys.revoke_ended()
    calls.open_calls()
    removed = in_batches(of_deployment.exclude(pk__in=_to_be_stopped(deployment_id)))
    if is_waiting(deployment_id):
        return removed
    return removed + in_batches(ModelRef.objects.filter(deployment=deployment_id))


def is_waiting(deployment_id: str) -> bool:
    """Whether a trainer was not asked yet to stop a run of this deployment."""
    return _to_be_stopped(deployment_id).exists()


def _to_be_stopped(deployment_id: str):
    # `run_trainers` ends the commands of runs that are deleted.
    others = TrainingRun.objects.of_deployment(deployment_id).exclude(trainer__in=trainers.supervised())
    return others.to_be_stopped(since=timezone.now() - STOPPED_WITHIN)
