"""Removes the gates of a deployment."""

from exports.models import GateAnswer, GateConsent, GateRun, PairwiseRun, PairwiseVerdict
from feedback.removal.deployments import in_batches


def remove_of(deployment_id: str) -> int:
    """Delete a deployment's gates, their answers and the consent; return how many rows."""
    removed = in_batches(PairwiseVerdict.objects.filter(run__deployment_id=deployment_id))
    removed += PairwiseRun.objects.filter(deployment_id=deployment_id).delete()[0]
    removed += in_batches(GateAnswer.objects.filter(gate__deployment_id=deployment_id))
    removed += GateRun.objects.filter(deployment_id=deployment_id).delete()[0]
    return removed + GateConsent.objects.filter(deployment_id=deployment_id).delete()[0]
