"""Training examples of a deployment: selected now, or counted over all sets."""

from collections.abc import Iterable, Sequence
from typing import Any

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedExample
from curation.sets import building, previewing, requesting


class StillBuilding(Exception):
    """Another set of the deployment is being built; the requested one follows it."""


def curate(
    deployment_id: str,
    *,
    persist: bool = False,
    limit: int | None = None,
    strategies: Sequence[str] | None = None,
    name: str = "curated",
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Select training examples.

    Parameters
    ----------
    deployment_id : str
    persist : bool
        Whether to store them as a draft: the next version of the set `name`, which a person reviews and approves
        before it can be exported. Otherwise nothing is stored, and only the newest 5,000 events are read.
    limit : int, optional
        The most examples in total, by default `CURATION_LIMIT`.
    strategies : sequence of str, optional
        `user_edit`, `high_quality`, `hard_example`, `diverse` and others, by default these four.
    name : str
        Of the set.
    seed : int
        Of random choices.

    Returns
    -------
    list of dict
        In the order of the set: `inference_event_id`, `deployment_id`, `curation_source` (the strategy),
        `curation_score` (of its own scale for each strategy), `prompt`, `response` (the edited one of `user_edit`),
        `reason`, and `curated_set`, the id of the set, None without `persist`. Empty if nothing passes the gates.

    Raises
    ------
    Deployment.DoesNotExist
    ValueError
        A strategy is unknown, or the limit is below 1.
    NoPreview
        Without `persist`: it takes more than 30 seconds, or another preview of the deployment is running.
    StillBuilding
        With `persist`: another set of the deployment is being built.
    """
    if limit is not None and limit < 1:
        raise ValueError("limit must be at least 1.")
    chosen = None if strategies is None else [Strategy(strategy) for strategy in strategies]
    wanted = {"limit": limit, "strategies": chosen, "seed": seed}
    if not persist:
        return _rows(previewing.preview(deployment_id, **wanted).examples, deployment_id)
    curated_set = building.build(requesting.create(deployment_id, name=name, by=None, **wanted).pk)
    if curated_set.status == CuratedSetStatus.BUILDING:
        raise StillBuilding(f"Another set of {deployment_id} is being built. {curated_set} follows it.")
    return _rows(curated_set.examples.accepted().in_order(), deployment_id)


def get_curated_count(deployment_id: str, *, exported: bool | None = None) -> int:
    """How many events of a deployment are accepted examples of its curated sets.

    An event counts once however many sets have it; sets that were rejected do not count. exported: True for events
    that left in a published export, False for the others, None for both. 0 for an unknown deployment.
    """
    counts = CuratedExample.objects.of_deployment(deployment_id).numbers_of_events()
    left = counts["exported"]
    return {None: counts["events"], True: left, False: counts["events"] - left}[exported]


def _rows(examples: Iterable[CuratedExample], deployment_id: str) -> list[dict[str, Any]]:
    return [
        {
            "inference_event_id": str(example.event_id),
            "deployment_id": deployment_id,
            "curation_source": example.strategy,
            "curation_score": example.score,
            "prompt": example.prompt,
            "response": example.reviewed_response or example.edited_response or example.response,
            "reason": example.reason,
            "curated_set": example.curated_set_id,
        }
        for example in examples
        if example.is_accepted
    ]
