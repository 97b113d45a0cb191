"""Events in PostgreSQL, in the tables of Django's models and in the transactions of Django's connection."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pyarrow as pa
from django.db import transaction
from django.db.models.functions import Coalesce

from feedback.models import Embedding, Event, QualityScore, Signal
from feedback.stores import locks, replacing, schema
from feedback.stores.base import WHOLE, EventFilter, Paging, Purged, ScoreChanges, SignalChange, SignalFilter
from feedback.stores.postgres import reading, signals, writing

PURGE_BATCH = 2_000
# Between two batches writers have the tables to themselves.
PAUSE_SECONDS = 0.01


class PostgresStore:
    shares_transaction = True

    def prepare(self) -> None:
        """Django's migrations make the tables."""

    def check(self) -> None:
        """Nothing beyond what is asked of the database itself."""

    def scan(self, where: EventFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        target = schema.columns(schema.EVENT, columns)
        if where.ids is not None and paging.limit is None:
            # As many rows as ids at most; what is bounded needs no connection of its own.
            paging = replace(paging, limit=len(where.ids))
        return reading.stream(Event.objects.matching(where), target, paging)

    def count(self, where: EventFilter, *, at_most: int | None = None) -> int:
        return Event.objects.matching(where)[:at_most].count()

    def scan_signals(self, where: SignalFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        target = schema.columns(schema.SIGNAL, columns)
        return reading.stream(Signal.objects.matching(where), target, paging)

    def count_signals(self, where: SignalFilter, *, at_most: int | None = None) -> int:
        return Signal.objects.matching(where)[:at_most].count()

    def scores(self, event_ids: Sequence[UUID | str], *, assessor: str | None = None) -> pa.Table:
        by = {} if assessor is None else {"assessor": assessor}
        scores = QualityScore.objects.filter(event_id__among=event_ids, **by).order_by(*schema.SCORE_KEY)
        return reading.fetched(scores, schema.SCORE, raw=Coalesce("raw", "score"))

    def embeddings(self, event_ids: Sequence[UUID | str]) -> pa.Table:
        rows = Embedding.objects.filter(event_id__in=event_ids).order_by("event_id", "field")
        found = [(str(row.event_id), row.field, row.client, row.vector) for row in rows]
        return pa.Table.from_pylist(
            [dict(zip(schema.EMBEDDING.names, row, strict=True)) for row in found], schema.EMBEDDING
        )

    def append_events(self, events: pa.Table, scores: pa.Table) -> set[str]:
        with transaction.atomic():
            stored = writing.append(writing.EVENTS, events)
            fresh = writing.where_in(scores, "event_id", stored)
            writing.append(writing.SCORES, fresh, may_exist=False)
        return stored

    def append_scores(self, scores: pa.Table) -> ScoreChanges:
        event_ids = scores["event_id"].to_pylist()
        with transaction.atomic():
            # Processes that score or remove the same events wait here, in the order of ids.
            locked = Event.objects.filter(pk__in=event_ids).order_by("pk").select_for_update(no_key=True)
            there = {str(event_id) for event_id in locked.values_list("pk", flat=True)}
            changes = replacing.changes(scores.to_pylist(), self.scores(list(there)).to_pylist(), there=there)
            if changes.stored.num_rows:
                writing.replace_scores(changes.stored)
                writing.set_quality(replacing.quality_scores(changes.stored.to_pylist()))
        return changes

    def append_signals(self, signals: pa.Table) -> set[str]:
        with transaction.atomic():
            return writing.append(writing.SIGNALS, signals)

    def attach_signals(
        self,
        event_ids: set[str],
        signal_ids: set[str],
        *,
        uncounted: frozenset[str] = frozenset(),
        uncollected: frozenset[str] = frozenset(),
    ) -> list[SignalChange]:
        # Uncommitted writes of other transactions are not visible, so nothing is uncounted.
        return signals.attach(event_ids, signal_ids, uncollected)

    def append_embeddings(self, embeddings: pa.Table) -> None:
        Embedding.objects.bulk_create(
            [Embedding(**row) for row in embeddings.to_pylist()],
            update_conflicts=True,
            unique_fields=["event_id", "field"],
            update_fields=["client", "vector"],
        )

    def remove_embeddings(self, event_ids: Sequence[UUID | str]) -> None:
        Embedding.objects.filter(event_id__in=event_ids).delete()

    def remove_events(self, event_ids: Sequence[UUID | str]) -> tuple[set[str], int]:
        with transaction.atomic():
            # Before any row, as erasure takes it: of two processes with the same rows, the second waits here.
            locks.lock_signals()
            locked = Event.objects.filter(pk__in=event_ids).order_by("pk").select_for_update()
            removed = list(locked.values_list("pk", flat=True))
            QualityScore.objects.filter(event_id__in=removed).delete()
            Embedding.objects.filter(event_id__in=removed).delete()
            Event.objects.filter(pk__in=removed).delete()
            said = Signal.objects.filter(event_id__in=removed).delete()[0]
        return {str(event_id) for event_id in removed}, said

    def remove_signals(self, signal_ids: Sequence[UUID | str]) -> int:
        with transaction.atomic():
            locks.lock_signals()
            return Signal.objects.filter(pk__in=signal_ids).delete()[0]

    def purge(self, deployment_id: str, before: datetime) -> Purged:
        events = said = waiting = 0
        expired = Event.objects.matching(EventFilter(deployment_id=deployment_id, occurred_to=before)).oldest_first()
        while event_ids := list(expired.values_list("pk", flat=True)[:PURGE_BATCH]):
            removed, with_them = self.remove_events(event_ids)
            events, said = events + len(removed), said + with_them
            time.sleep(PAUSE_SECONDS)
        alone = Signal.objects.without_an_event().filter(deployment_id=deployment_id).occurred_before(before)
        while signal_ids := list(alone.values_list("pk", flat=True)[:PURGE_BATCH]):
            with transaction.atomic():
                locks.lock_signals()
                # One that was attached in the meantime goes with its event.
                waiting += alone.filter(pk__in=signal_ids).delete()[0]
        return Purged(events, said + waiting)
