"""The curated set that a stage is about."""

from collections.abc import Mapping
from typing import Any

from curation.models import CuratedSet
from exports.pipelines.context import Context
from exports.pipelines.errors import StageFailed
from feedback.models import Deployment


def chosen_set(context: Context, options: Mapping[str, Any], deployment: Deployment) -> CuratedSet | None:
    """The set that the options name, or the stages before have made; None without one.

    Raises StageFailed if the deployment has no such set.
    """
    set_id = options.get("curated_set", context.get_artifact("curated_set_id"))
    if set_id is None:
        return None
    found = CuratedSet.objects.of_deployment(deployment.pk).filter(pk=set_id).select_related("deployment").first()
    if found is None:
        raise StageFailed(f"{deployment.pk} has no curated set {set_id}.")
    return found
