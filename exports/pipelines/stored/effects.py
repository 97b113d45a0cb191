"""What a stage of a stored run makes is noted on its row in the transaction that makes it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model

from exports.models import PipelineRun, PipelineStage
from exports.pipelines.errors import RunEnded
from feedback.jobs.leases import Lease


class Recorded:
    """The effects of one stage row, for the worker that holds the lease of the run."""

    in_background = True

    def __init__(self, stage: PipelineStage, lease: Lease):
        self._stage, self._lease = stage, lease

    def once(self, kind: str, make: Callable[[], Model]) -> Any:
        with transaction.atomic():
            hold(self._stage.run_id, self._lease)
            stage = PipelineStage.objects.select_related(kind).get(pk=self._stage.pk)
            if found := getattr(stage, kind):
                return found
            made = make()
            PipelineStage.objects.filter(pk=stage.pk).update(**{kind: made})
        return made

    def noted(self) -> Mapping[str, Any] | None:
        return PipelineStage.objects.filter(pk=self._stage.pk).values_list("result", flat=True).first()

    def note(self, facts: Mapping[str, Any]) -> None:
        hold(self._stage.run_id, self._lease)
        PipelineStage.objects.filter(pk=self._stage.pk).update(result=facts)


def hold(run_id: int, lease: Lease) -> None:
    """Keep others from the run until the transaction ends. Raises LeaseLost, and RunEnded for a cancelled run."""
    lease.confirm()
    if not PipelineRun.objects.unfinished().filter(pk=run_id).select_for_update().exists():
        raise RunEnded
