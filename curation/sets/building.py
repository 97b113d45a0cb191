"""Builds a curated set: reads candidates, selects rows and pairs, and stores a snapshot of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from curation.candidates import reading
from curation.candidates.calls import CallFits
from curation.candidates.embedding import PromptVectors
from curation.choices import BuildStage, CuratedSetStatus
from curation.duplicates import known_rows
from curation.models import (
    Comparison,
    ContaminatedEvent,
    CuratedExample,
    CuratedPair,
    CuratedSet,
    DuplicateLink,
    TracedEvents,
)
from curation.sets import carrying, offering, pairing, snapshots, splitting, tracing
from curation.sets.content import content_hash, counts_of
from curation.sets.people import within_limits
from curation.sets.progress import BuildCancelled, Progress
from curation.sets.screening import Screening
from curation.strategies.base import Candidate, Pick, Trace
from curation.strategies.diverse import NoEmbeddings
from curation.strategies.filling import Filling, Plan
from feedback.evidence.keeping import refreshing
from feedback.jobs import leases
from feedback.models import IngestCount

log = structlog.get_logger(__name__)
# The builds of one deployment follow each other.
LEASE = "curation.build"
_BATCH = 500
NO_TRAINING = "This deployment allows no training: its training_allowed is off."


@dataclass
class Built:
    """What a build made, not stored yet."""

    candidates: Sequence[Candidate]
    trace: Trace
    examples: list[CuratedExample] = field(default_factory=list)
    pairs: list[CuratedPair] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    links: list[DuplicateLink] = field(default_factory=list)
    contaminated: list[ContaminatedEvent] = field(default_factory=list)
    carried: carrying.Carried = field(default_factory=carrying.Carried)
    influence: dict = field(default_factory=dict)
    snapshot_id: int | None = None

    @property
    def funnel(self) -> dict[str, dict[str, int]]:
        """How many events have each outcome, at the gates and by strategy."""
        return {name: self.trace.counts(name) for name in self.trace.codes}


def build(set_id: int) -> CuratedSet:
    """Fill a set in status building; any other stays unchanged, so a second run has no effect.

    While another set of the deployment is being built, it stays as it is. A failure is shown on the set and raised.
    """
    curated_set = CuratedSet.objects.select_related("deployment").get(pk=set_id)
    if curated_set.status != CuratedSetStatus.BUILDING:
        return curated_set
    with leases.held(LEASE, curated_set.deployment_id) as lease:
        if lease is None:
            return curated_set
        try:
            _fill(curated_set)
        except BuildCancelled:
            log.info("curation_cancelled", deployment_id=curated_set.deployment_id, curated_set=set_id)
        except Exception as error:
            # A message of the database quotes the row that it rejects.
            reason = (
                str(error) if isinstance(error, NoEmbeddings) else f"{type(error).__name__}. See the log of the worker."
            )
            _finish(curated_set, error=f"The build failed: {reason}")
            raise
    curated_set.refresh_from_db()
    log.info(
        "curation_run",
        deployment_id=curated_set.deployment_id,
        curated_set=set_id,
        count=curated_set.total,
        candidates=curated_set.candidates,
        **curated_set.counts,
    )
    return curated_set


class Steps(Protocol):
    """Is told how far a build is, and may end it by raising an exception."""

    def stage(self, stage: BuildStage, total: int = 0) -> None:
        """A stage begins."""

    def step(self, done: int, total: int) -> None:
        """So much of the stage is done."""

    def check(self) -> None:
        """The stage goes on."""


def prepare(curated_set: CuratedSet, progress: Steps, *, bound: int) -> Built:
    """Select the rows of a set from at most `bound` events, without storing anything."""
    progress.stage(BuildStage.EVIDENCE)
    refreshing.before_decision(curated_set.deployment_id)
    progress.stage(BuildStage.READING)
    found = reading.read(curated_set, bound=bound, progress=progress.step)
    built = Built(found.candidates, tracing.trace_of(found.candidates), snapshot_id=found.snapshot_id)
    progress.stage(BuildStage.SELECTING, curated_set.limit)
    vectors, rng = PromptVectors(built.candidates, progress.check), np.random.default_rng(curated_set.seed)
    screening = Screening(curated_set, built.candidates, vectors)
    carried = carrying.of(curated_set)
    filling = Filling(
        built.candidates,
        plan_of(curated_set),
        embed=vectors,
        screen=screening,
        trace=built.trace,
        rng=rng,
        fit_calls=CallFits(curated_set.deployment_id, built.candidates, progress.check),
        waiting=carried.picks(curated_set, built.candidates),
        decided=carried.is_decided(built.candidates),
    )
    filling.fill()
    splitting.drop_leaks(filling, curated_set, built.candidates)
    built.influence = within_limits(filling, built.candidates)
    splitting.drop_leaks(filling, curated_set, built.candidates)
    _snapshot(curated_set, built, filling)
    filling.finish()
    progress.stage(BuildStage.PAIRING)
    pairs = screening.evaluation.without_hits(pairing.pairs(curated_set, built.candidates))
    splitting.assign(curated_set, [*built.examples, *pairs])
    built.pairs = splitting.without_leaks(pairs, built.examples)
    carried.decide(built.examples)
    built.pairs = carried.with_pairs(curated_set, built.examples, built.pairs)
    built.carried = carried
    built.comparisons = offering.comparisons(curated_set, built.candidates, built.examples, built.pairs)
    built.contaminated = screening.evaluation.report(curated_set)
    built.links = screening.links(built.examples)
    return built


def plan_of(curated_set: CuratedSet) -> Plan:
    """How the strategies of a set share its limit."""
    segments = curated_set.segments.get("shares", {})
    return Plan(curated_set.strategies, curated_set.limit, curated_set.parameters, curated_set.shares, segments)


def _snapshot(curated_set: CuratedSet, built: Built, filling: Filling) -> None:
    gone: list[Pick] = []
    for pick, example in snapshots.examples(curated_set, built.candidates, [*filling.accepted, *filling.queued]):
        if example is None:
            gone.append(pick)
        else:
            built.examples.append(example)
    filling.lose(gone)


def _fill(curated_set: CuratedSet) -> None:
    if not curated_set.deployment.training_allowed:
        _finish(curated_set, candidates=0, error=NO_TRAINING)
        return
    progress = Progress(curated_set.pk)
    # Events that arrive while the set is read count as unused by it.
    begun = {
        "read_at": timezone.now(),
        "events_before": IngestCount.objects.events_stored(curated_set.deployment_id),
    }
    built = prepare(curated_set, progress, bound=settings.CURATION_CANDIDATES)
    progress.stage(BuildStage.STORING, len(built.examples))
    _store(curated_set, built, source_from=_source_from(curated_set, built), **begun)


def _source_from(curated_set: CuratedSet, built: Built) -> datetime | None:
    """The start of the traffic that a set covers: its filter, or else the first event that was read."""
    if "from" in curated_set.filters:
        return datetime.fromisoformat(curated_set.filters["from"])
    return min((candidate.occurred_at for candidate in built.candidates), default=None)


def _store(curated_set: CuratedSet, built: Built, **source: Any) -> None:
    counts, queued = counts_of(built.examples)
    is_empty = not counts and not built.pairs
    with transaction.atomic():
        finished = _finish(
            curated_set,
            candidates=len(built.candidates),
            counts=in_order(curated_set, counts),
            queued=in_order(curated_set, queued),
            pairs=len(built.pairs),
            funnel=built.funnel,
            influence=built.influence,
            snapshot_id=built.snapshot_id,
            content_hash="" if is_empty else content_hash(built.examples, built.pairs),
            error=nothing(curated_set, built) if is_empty else "",
            **source,
        )
        if finished:
            CuratedExample.objects.bulk_create(built.examples, batch_size=_BATCH)
            accepted = [example for example in built.examples if example.is_accepted]
            known_rows.store(curated_set.deployment_id, accepted)
            DuplicateLink.objects.bulk_create(built.links, batch_size=_BATCH)
            ContaminatedEvent.objects.bulk_create(built.contaminated, batch_size=_BATCH)
            CuratedPair.objects.bulk_create(built.pairs, batch_size=_BATCH)
            built.carried.record(built.examples)
            Comparison.objects.bulk_create(built.comparisons, batch_size=_BATCH)
            TracedEvents.objects.bulk_create(tracing.rows(curated_set, built.candidates, built.trace), batch_size=20)


def nothing(curated_set: CuratedSet, built: Built) -> str:
    """Why a set has no examples."""
    if built.examples:
        waiting = len(built.examples)
        return f"No row passed; {waiting:,} {'waits' if waiting == 1 else 'wait'} in the queue for a person."
    strategies = ", ".join(curated_set.strategies)
    return f"Nothing to curate: none of the {len(built.candidates):,} events read passes {strategies}."


def in_order(curated_set: CuratedSet, counts: Counter[str]) -> dict[str, int]:
    """Counts by strategy, in the order of the strategies."""
    return {strategy: counts[strategy] for strategy in curated_set.strategies if counts[strategy]}


def _finish(curated_set: CuratedSet, **facts) -> int:
    return (
        CuratedSet.objects.building()
        .filter(pk=curated_set.pk)
        .update(status=CuratedSetStatus.DRAFT, built_at=timezone.now(), **facts)
    )
