"""When a deployment's votes are fitted again: before a decision, and by the schedule."""

from feedback.evidence.keeping import filling, snapshots
from feedback.evidence.keeping.tables import weight_table
from feedback.models import Evidence, EvidenceSnapshot

# A fit is made again when a deployment's votes or its gold scores have changed by this share since the last one.
GROWTH_BEFORE_DECISIONS, GROWTH_BY_SCHEDULE = 0.1, 0.01


def before_decision(deployment_id: str) -> None:
    """Bring the evidence of a deployment up to date before something is decided by it.

    Its queue is worked off, and a snapshot is made if its votes or gold scores have changed by a tenth since the last.
    """
    filling.work_off(deployment_id)
    if _has_changed(deployment_id, GROWTH_BEFORE_DECISIONS):
        snapshots.make(deployment_id)
    else:
        snapshots.rescore(deployment_id)


def make_due_snapshots() -> None:
    """Make the snapshots that the schedule asks for, and finish scoring by those that were made before."""
    filling.work_off()
    for deployment_id in EvidenceSnapshot.objects.deployments():
        if _has_changed(deployment_id, GROWTH_BY_SCHEDULE):
            snapshots.make(deployment_id)
        else:
            snapshots.rescore(deployment_id)


def _has_changed(deployment_id: str, share: float) -> bool:
    snapshot = EvidenceSnapshot.objects.newest_of(deployment_id)
    votes, gold = Evidence.objects.of_deployment(deployment_id).number_of_votes()
    if snapshot is None:
        return votes + gold > 0
    if snapshot.weights_version != weight_table(deployment_id).version and votes + gold:
        return True
    pairs = ((votes, snapshot.votes), (gold, snapshot.gold_scores))
    return any(now != fitted and abs(now - fitted) >= share * fitted for now, fitted in pairs)
