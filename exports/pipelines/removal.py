"""Removes the runs of pipelines of a deployment."""

from exports.models import PipelineRun
from feedback.removal.deployments import in_batches


def remove_of(deployment_id: str) -> int:
    """Delete the runs with their stages; return how many runs. A worker that is at one of them makes nothing more."""
    return in_batches(PipelineRun.objects.of_deployment(deployment_id))
