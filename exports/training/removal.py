"""Removes the training runs of a deployment, the models that they made, and its policy."""

from exports.models import LoopPolicy, ModelRef, TrainingRun
from feedback.removal.deployments import in_batches


def remove_of(deployment_id: str) -> int:
    """Delete the rows; return how many."""
    LoopPolicy.objects.filter(deployment=deployment_id).delete()
    removed = in_batches(TrainingRun.objects.of_deployment(deployment_id))
    return removed + in_batches(ModelRef.objects.filter(deployment=deployment_id))
