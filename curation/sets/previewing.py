"""Selects the rows of a set without storing anything, from fewer events and in less time than a build."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.choices import BuildStage
from curation.models import CuratedExample, CuratedSet
from curation.sets import requesting
from curation.sets.content import counts_of
from feedback.jobs import leases
from feedback.models import Deployment

MOST_EVENTS = 5_000
MOST_SECONDS = 30
# One preview of a deployment at a time, so that previews do not slow down the console.
LEASE = "curation.preview"


class NoPreview(Exception):
    """There is no preview: another one is running, or this one takes too long."""


@dataclass(frozen=True)
class Preview:
    """What a build with this request would select from `read` events. is_partial: a build may read more events.

    error: why the set would have no examples. examples: rows that are not stored, those of the queue too.
    """

    curated_set: CuratedSet
    read: int
    is_partial: bool
    counts: Mapping[str, int]
    queued: Mapping[str, int]
    pairs: int
    funnel: Mapping[str, Mapping[str, int]]
    influence: Mapping[str, int]
    error: str
    examples: Sequence[CuratedExample] = ()


class Deadline:
    """The progress of a preview: nothing is written, and it ends when its time is up."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._ends_at = time.monotonic() + seconds

    def stage(self, stage: BuildStage, total: int = 0) -> None:
        self.check()

    def step(self, done: int, total: int) -> None:
        self.check()

    def check(self) -> None:
        if time.monotonic() >= self._ends_at:
            message = f"The preview takes more than {self._seconds:g} seconds. Narrow the filters, or build the set."
            raise NoPreview(message)


def preview(deployment_id: str, **wanted: Any) -> Preview:
    """Select as a build would. Takes the arguments of `requesting.create`. Raises NoPreview, Deployment.DoesNotExist.

    The evidence of the deployment is brought up to date, as before a build. No set and no row of one is stored.
    """
    from curation.sets import building  # noqa: PLC0415 - loads embeddings, which most web processes never need

    deployment = Deployment.objects.get(pk=deployment_id)
    curated_set = requesting.unsaved(deployment, version=0, **wanted)
    if not deployment.training_allowed:
        return Preview(curated_set, 0, False, {}, {}, 0, {}, {}, building.NO_TRAINING)
    with leases.held(LEASE, deployment_id) as lease:
        if lease is None:
            raise NoPreview(f"A preview of {deployment_id} is running. Try again when it is done.")
        built = building.prepare(curated_set, Deadline(MOST_SECONDS), bound=MOST_EVENTS)
    counts, queued = counts_of(built.examples)
    return Preview(
        curated_set,
        read=len(built.candidates),
        is_partial=len(built.candidates) == MOST_EVENTS,
        counts=building.in_order(curated_set, counts),
        queued=building.in_order(curated_set, queued),
        pairs=len(built.pairs),
        funnel=built.funnel,
        influence=built.influence,
        error="" if counts else building.nothing(curated_set, built),
        examples=built.examples,
    )
