"""What an event store can do. Readers ask for columns and get Arrow batches; nothing else reads or writes events."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import pyarrow as pa
from django.db import DataError, OperationalError

from feedback.choices import SignalState, SignalType


class StoreUnavailable(OperationalError):
    """The store is unavailable. Writers retry later, as with any database."""


class RowsRejected(DataError):
    """The store rejects these rows, now and later. Writers halve them until only the bad ones are left."""


class StoreMisconfigured(Exception):
    """The store is misconfigured; the message says what to change."""


@dataclass(frozen=True)
class EventFilter:
    """Which events. A field left at None does not restrict; `occurred_to` and `quality_below` are exclusive.

    `deployment_ids` limits every query to these deployments. `named` is an exact id or external id. `signal` is the
    type of a live signal. `text` are words that the prompt or the response holds. `scored` leaves out events without a
    score; `older_than` and `newer_than` are positions (occurred_at, id) in the order of a scan.
    """

    deployment_id: str | None = None
    deployment_ids: Sequence[str] | None = None
    model_version_id: str | None = None
    prompt_version: str | None = None
    ids: Sequence[UUID | str] | None = None
    named: str | None = None
    external_ids: Sequence[str] | None = None
    user_hashes: Sequence[str] | None = None
    session_hash: str | None = None
    tools_hash: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    min_quality: float | None = None
    max_quality: float | None = None
    quality_below: float | None = None
    signal: str | None = None
    text: str = ""
    scored: bool = False
    training_allowed: bool | None = None
    older_than: tuple[datetime, UUID] | None = None
    newer_than: tuple[datetime, UUID] | None = None


@dataclass(frozen=True)
class SignalFilter:
    """Which signals: live ones that found their event, unless another state, or None for every state, is asked for.

    `named` is the exact id of a signal or of its event. `occurred_to` and `received_to` are exclusive.
    """

    deployment_id: str | None = None
    deployment_ids: Sequence[str] | None = None
    ids: Sequence[UUID | str] | None = None
    event_ids: Sequence[UUID | str] | None = None
    external_ids: Sequence[str] | None = None
    named: str | None = None
    types: Sequence[str] | None = None
    user_hashes: Sequence[str] | None = None
    session_hash: str | None = None
    session_hashes: Sequence[str] | None = None
    state: SignalState | None = SignalState.LIVE
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    received_to: datetime | None = None
    older_than: tuple[datetime, UUID] | None = None
    newer_than: tuple[datetime, UUID] | None = None


@dataclass(frozen=True)
class Paging:
    """Which rows of a scan, and in what order: by (occurred_at, id), after `skip` of them at most `limit`.

    batch_size: the most rows that a batch of the stream holds. characters: where a scan with a limit cuts the
    columns of schema.LONG, JSON among them, which then is none.
    """

    newest_first: bool = True
    limit: int | None = None
    skip: int = 0
    batch_size: int = 2_000
    characters: int | None = None

    @property
    def end(self) -> int | None:
        """How many rows are passed or given, if that is bounded."""
        return None if self.limit is None else self.skip + self.limit


WHOLE = Paging()


@dataclass(frozen=True)
class SignalChange:
    """A signal that became (+1), stays (0) or is no longer (-1) the live one of its slot.

    Of an event with a change all live signals are given: signs -1 and 0 were live before, 0 and +1 are live after.
    value: JSON text. deployment_id: that of the event.
    """

    signal_id: str
    event_id: str
    type: SignalType
    sign: int
    name: str = ""
    value: str | None = None
    user_hash: str = ""
    through_public_key: bool = False
    deployment_id: str = field(default="", compare=False)


@dataclass(frozen=True)
class ScoreChanges:
    """What changed among the scores, as `schema.SCORE` in the order of keys: rows that went, and rows that came.

    A score that replaced another is in both; one that changed nothing is in neither.
    """

    replaced: pa.Table
    stored: pa.Table


@dataclass(frozen=True)
class Purged:
    events: int = 0
    signals: int = 0


class EventStore(Protocol):
    """Where events, signals, scores and vectors are. Ids are strings of 36 characters in every table.

    An id is stored once, whatever its time and deployment. Every method may raise StoreUnavailable or, where a schema
    or an address is wrong, StoreMisconfigured; writing methods raise RowsRejected for rows that the store rejects.
    """

    # Whether writes belong to the transaction of Django's default connection. If not, the store is written through
    # `feedback.ingestion.writing.claims`, so that ledger and rollups stay exact when a process dies between the two.
    shares_transaction: bool

    def prepare(self) -> None:
        """Make the tables, or bring them to this code's schema; called by `migrate`. Safe to call twice."""

    def check(self) -> None:
        """Raise an error if the store does not work, for `doctor` and /readyz."""

    def scan(self, where: EventFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        """Stream events ordered by (occurred_at, id): all of them, the newest first, unless `paging` says otherwise.

        columns: names of `schema.EVENT`. Raises KeyError for an unknown name.
        """

    def count(self, where: EventFilter, *, at_most: int | None = None) -> int:
        """How many events match; counting ends at `at_most`."""

    def scan_signals(self, where: SignalFilter, columns: Sequence[str], paging: Paging = WHOLE) -> pa.RecordBatchReader:
        """Stream signals ordered by (occurred_at, id). columns: names of `schema.SIGNAL`."""

    def count_signals(self, where: SignalFilter, *, at_most: int | None = None) -> int:
        """How many signals match; counting ends at `at_most`."""

    def scores(self, event_ids: Sequence[UUID | str], *, assessor: str | None = None) -> pa.Table:
        """The scores of these events, by one assessor or all, as `schema.SCORE`, in the order of `schema.SCORE_KEY`."""

    def embeddings(self, event_ids: Sequence[UUID | str]) -> pa.Table:
        """The vectors of those of these events that have any, as `schema.EMBEDDING`, by (event_id, field)."""

    def append_events(self, events: pa.Table, scores: pa.Table) -> set[str]:
        """Store the events whose id is not there yet, with their scores; return their ids.

        events: `schema.EVENT`, every id once; scores: `schema.SCORE`, of these events, every key once.
        """

    def append_scores(self, scores: pa.Table) -> ScoreChanges:
        """Store scores of events that are there already; return what that changed.

        Of two scores with one key (`schema.SCORE_KEY`) the one with the later `assessed_at` stays, of equal times the
        one that came last. A score of an event that is not there is left out. With the quality score of the default
        profile's checks the event's `quality_score` changes; other scores leave the event as it is.
        """

    def append_signals(self, signals: pa.Table) -> set[str]:
        """Store the signals whose id is not there yet, as waiting; return their ids."""

    def attach_signals(
        self,
        event_ids: set[str],
        signal_ids: set[str],
        *,
        uncounted: frozenset[str] = frozenset(),
        uncollected: frozenset[str] = frozenset(),
    ) -> list[SignalChange]:
        """Attach signals to their events, among them those newly stored, and leave one live signal in every slot.

        Returns the changes as if `event_ids` and `signal_ids` had just arrived, however often it is called, and the
        signals that stay live of every event with a change, in order of signal id.
        uncounted: ids of events and signals that other writers have stored but not attached.
        uncollected: `deployment type` of signals that a deployment does not collect; they stay waiting.
        Call it in a transaction that holds `feedback.stores.locks.lock_signals`.
        """

    def append_embeddings(self, embeddings: pa.Table) -> None:
        """Store or replace vectors of events, known by (event_id, field). embeddings: `schema.EMBEDDING`."""

    def remove_embeddings(self, event_ids: Sequence[UUID | str]) -> None:
        """Delete the vectors of these events."""

    def remove_events(self, event_ids: Sequence[UUID | str]) -> tuple[set[str], int]:
        """Delete these events with their scores, vectors and signals.

        Returns the ids of those that were there, and how many signals went.
        """

    def remove_signals(self, signal_ids: Sequence[UUID | str]) -> int:
        """Delete these signals; return how many there were."""

    def purge(self, deployment_id: str, before: datetime) -> Purged:
        """Delete what occurred before this time: events with their scores, signals and vectors, and signals that wait
        for their event or are about a session.

        Blocks writers only briefly; deleted rows are gone for readers when it returns.
        """
