"""How far a build is, and whether a user cancelled it."""

import time

from django.contrib.auth.models import User
from django.utils import timezone

from curation.choices import BuildStage, CuratedSetStatus
from curation.models import CuratedSet

SECONDS_BETWEEN_WRITES = 1.0


class BuildCancelled(Exception):
    """The set is no longer to be built: a user cancelled it, or it was given up."""


class NotBuilding(Exception):
    """The set is built already."""

    def __init__(self, curated_set: CuratedSet):
        super().__init__(f"{curated_set} is already built.")


class Progress:
    """Writes the stage of a build, at most once a second within a stage. Raises BuildCancelled if it is to end."""

    def __init__(self, set_id: int):
        self._set_id = set_id
        self._stage = ""
        self._done = self._total = 0
        self._written_at = 0.0

    def stage(self, stage: BuildStage, total: int = 0) -> None:
        self._stage = stage
        self._write(0, total)

    def step(self, done: int, total: int) -> None:
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_WRITES:
            self._write(done, total)

    def check(self) -> None:
        """Raise BuildCancelled if the build is to end; the numbers stay."""
        self.step(self._done, self._total)

    def _write(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self._written_at = time.monotonic()
        building = CuratedSet.objects.building().filter(pk=self._set_id)
        if not building.update(stage=self._stage, stage_done=done, stage_total=total):
            raise BuildCancelled


def cancel(set_id: int, *, by: User) -> CuratedSet:
    """End a build; its worker notices within a second or so. Raises NotBuilding for a set that is built."""
    ended = CuratedSet.objects.building().filter(pk=set_id)
    error = f"{by.username} cancelled the build."
    if not ended.update(status=CuratedSetStatus.DRAFT, cancelled_by=by, error=error, built_at=timezone.now()):
        raise NotBuilding(CuratedSet.objects.get(pk=set_id))
    return CuratedSet.objects.get(pk=set_id)
