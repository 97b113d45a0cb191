"""Waits until a person has approved the curated set of the pipeline."""

from collections.abc import Mapping
from typing import Any

from curation.choices import CuratedSetStatus, ReviewAction
from curation.querysets import EXPORTABLE
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageFailed, StageWaits
from exports.pipelines.stages.base import Stage, deployment_of
from exports.pipelines.stages.sets import chosen_set


class AwaitApproval(Stage):
    name = "await_approval"
    description = "Wait until a person has approved the curated set"
    optional = ("deployment_id", "curated_set")
    types = {"deployment_id": "string", "curated_set": "integer"}

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        curated_set = chosen_set(context, options, deployment_of(context, options))
        if curated_set is None:
            raise StageFailed("No curated set to approve: run curate before, or name one in curated_set.")
        if curated_set.status == CuratedSetStatus.REJECTED:
            decision = curated_set.decisions.filter(action=ReviewAction.REJECT).order_by("-pk").first()
            note = f": {decision.note}" if decision else "."
            raise StageFailed(f"{curated_set} was rejected{note}")
        is_empty = not curated_set.content_hash and not curated_set.queue_total
        if is_empty and curated_set.status == CuratedSetStatus.DRAFT:
            raise StageFailed(f"{curated_set} has no examples to approve. {curated_set.error}")
        if curated_set.status not in EXPORTABLE:
            raise StageWaits(f"{curated_set} waits for approval.")
        return context.put_artifact("curated_set_id", curated_set.pk)
