"""Reads the candidates of a set: the events that its filters match, those with evidence or an edit first.

Events are read in small batches, and of each only what selection needs is kept. So memory grows by some hundred bytes
an event, however long the texts are.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from sys import intern

import pyarrow as pa

from curation.candidates import decided, edited, filters, segments
from curation.choices import Outcome
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.strategies.answers import pool
from curation.strategies.base import Candidate, Edit
from curation.strategies.gates import gate
from curation.strategies.repeats import mark_repeated
from feedback.choices import FlagState, SignalType
from feedback.evidence.keeping.voices import Reader, Voices
from feedback.evidence.votes import ANONYMOUS, hash_of_user
from feedback.flagging.standing import standing
from feedback.models import Evidence
from feedback.quality import keys
from feedback.quality.answers import Answer
from feedback.quality.assessment import answer_of_row
from feedback.removal import objections
from feedback.stores import event_store, pages
from feedback.stores.base import EventFilter, Paging, SignalFilter
from feedback.stores.schema import Row

TEXTS = ("prompt", "messages", "response", "response_message")
EVENT_COLUMNS = (
    *("id", "deployment_id", "user_hash", "session_hash", *TEXTS, "response_format", "finish_reason", "quality_score"),
    *("model_version_id", "occurred_at", *filters.COLUMNS),
)
SIGNAL_COLUMNS = ("id", "event_id", "type", "user_hash", "edited_response", "occurred_at")
_FLAGGED = {FlagState.UNREVIEWED: Outcome.FLAGGED, FlagState.CONFIRMED: Outcome.FLAG_CONFIRMED}
# Events whose texts are in memory at a time.
BATCH = 200


@dataclass(frozen=True)
class Found:
    """Candidates: those with evidence or an edit first. snapshot_id: the fit of votes that decides, if there is one."""

    candidates: list[Candidate]
    snapshot_id: int | None


def read(
    curated_set: CuratedSet, *, bound: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> Found:
    """The candidates of a set, from at most `bound` events.

    The store leaves out events that may not be used for training.
    """
    where = filters.event_filter(curated_set.deployment_id, curated_set.filters)
    ids = _ids(where, bound)
    batches = _Batches(curated_set, where)
    found: list[Candidate] = []
    for start in range(0, len(ids), BATCH):
        found += batches.read(ids[start : start + BATCH])
        progress(min(start + BATCH, len(ids)), len(ids))
    mark_repeated(found)
    pool(found, agreement=batches.evidence.agreement)
    for candidate in found:
        if candidate.gate != Outcome.FILTERED and not filters.has_evidence(candidate, curated_set.filters):
            candidate.gate, candidate.gate_number = Outcome.FILTERED, None
    snapshot = batches.evidence.snapshot
    return Found(found, snapshot.pk if snapshot else None)


def _ids(where: EventFilter, bound: int) -> list[str]:
    """Of events that may match: with evidence, with an edit, and the newest."""
    if where.ids is not None:
        return [str(one) for one in where.ids][:bound]
    evidenced = Evidence.objects.of_deployment(where.deployment_id or "")
    if where.occurred_from:
        evidenced = evidenced.occurred_since(where.occurred_from)
    if where.occurred_to:
        evidenced = evidenced.occurred_before(where.occurred_to)
    ids = [str(one) for one in evidenced.newest_first().values_list("event_id", flat=True)[:bound]]
    edits = SignalFilter(deployment_id=where.deployment_id, types=[SignalType.EDIT])
    ids += _column(event_store().scan_signals(edits, ["event_id"], Paging(limit=bound)), "event_id")
    ids += _column(event_store().scan(where, ["id"], Paging(limit=bound)), "id")
    return list(dict.fromkeys(ids))[:bound]


class _Batches:
    """Turns ids into candidates, some at a time."""

    def __init__(self, curated_set: CuratedSet, where: EventFilter):
        self.evidence = Reader(curated_set.deployment_id)
        self._deployment_id = curated_set.deployment_id
        self._filters = curated_set.filters
        self._segment_key = curated_set.segments.get("key", "")
        self._where = where
        self._exported = _exported(curated_set.deployment_id) if curated_set.only_new else set()

    def read(self, ids: Sequence[str]) -> list[Candidate]:
        where = replace(self._where, ids=ids)
        by_id = {row["id"]: row for row in rows(event_store().scan(where, EVENT_COLUMNS, Paging(limit=len(ids))))}
        if not by_id:
            return []
        events = [by_id[event_id] for event_id in ids if event_id in by_id]
        found = list(by_id)
        by_people = decided.of_events(self._deployment_id, found)
        voices, checks, (edits, regenerated) = self.evidence.read(found), pages.checks_of(found), _signals(found)
        editors = {edit["user_hash"] for some in edits.values() for edit in some}
        editors |= {one.edit.editor for one in by_people.values() if one.edit is not None}
        objecting = objections.objecting({*(event["user_hash"] for event in events), *editors})
        flagged = standing(events, edits)
        candidates = []
        for event in events:
            key = event["id"]
            of_people = by_people.get(key, decided.NOTHING)
            some = [edit for edit in edits[key] if edit["edited_response"] not in of_people.dropped]
            candidate = self._candidate(event, voices.get(key), checks.get(key, []), some, of_people.edit, objecting)
            if key in flagged and candidate.gate not in (Outcome.FILTERED, Outcome.NOT_ALLOWED):
                candidate.gate, candidate.edit = _FLAGGED[flagged[key]], None
            candidate.regenerated = key in regenerated
            candidates.append(candidate)
        return candidates

    def _candidate(
        self,
        event: Row,
        voices: Voices | None,
        checks: list[Row],
        edits: list[Row],
        kept: Edit | None,
        objecting: set[str],
    ) -> Candidate:
        answer = answer_of_row(event)
        candidate = Candidate(
            event_id=event["id"],
            occurred_at=event["occurred_at"],
            # Many events have the same, which is then in memory once.
            user=intern(event["user_hash"]),
            session=intern(event["session_hash"]),
            version=intern(event["model_version_id"]),
            segment=intern(segments.of(event, self._segment_key)),
            context=keys.context_key(event),
            answer=keys.answer_key(answer),
            length=keys.free_characters(event, answer),
            quality=event["quality_score"],
            exported=event["id"] in self._exported,
        )
        candidate.log_odds = self.evidence.log_odds_of_version(event["model_version_id"])
        if voices is not None:
            _add_voices(candidate, voices)
        allowed = [edit for edit in edits if edit["user_hash"] not in objecting]
        if not filters.matches(event, self._filters, checks):
            candidate.gate = Outcome.FILTERED
        elif event["user_hash"] in objecting or edits and not allowed:
            candidate.gate = Outcome.NOT_ALLOWED
        else:
            candidate.gate = _gate(answer, checks)
            is_free = kept is not None and kept.editor not in objecting
            candidate.edit = (kept if is_free else None) or edited.chosen(
                event["prompt"],
                answer.text,
                allowed,
                response_format=event["response_format"],
                log_odds=self.evidence.log_odds_of_user,
            )
        return candidate


def _exported(deployment_id: str) -> set[str]:
    """The events that a published export holds, as an example or as either side of a pair."""
    examples = CuratedExample.objects.of_deployment(deployment_id).exported().values_list("event_id")
    pairs = CuratedPair.objects.of_deployment(deployment_id).exported()
    sides = pairs.values_list("chosen_event_id", "rejected_event_id")
    return {str(event_id) for row in chain(examples.iterator(), sides.iterator()) for event_id in row}


def _gate(answer: Answer, checks: list[Row]) -> Outcome:
    has_calls = bool(answer.calls) or answer.has_media
    return gate(answer.text, has_calls=has_calls, checks=checks)


def _add_voices(candidate: Candidate, voices: Voices) -> None:
    candidate.has_evidence = True
    candidate.p_good, candidate.users = voices.p_good, voices.users
    candidate.up, candidate.down = voices.up, voices.down
    # A signal without a user is probably by the user who asked.
    asking = hash_of_user(candidate.user or candidate.session or candidate.event_id)
    candidate.votes = tuple((asking if who == ANONYMOUS else who, added) for who, added in voices.votes)
    candidate.sides = tuple((asking if who == ANONYMOUS else who, *sides) for who, *sides in voices.sides)
    candidate.log_odds, candidate.has_gold = voices.log_odds, voices.has_gold


def _signals(event_ids: list[str]) -> tuple[dict[str, list[Row]], set[str]]:
    """The live edits of these events with text, newest first, and which events were regenerated."""
    edits: dict[str, list[Row]] = defaultdict(list)
    regenerated = set()
    where = SignalFilter(event_ids=event_ids, types=[SignalType.EDIT, SignalType.REGENERATE])
    for row in rows(event_store().scan_signals(where, SIGNAL_COLUMNS, Paging(limit=pages.MOST_ROWS))):
        if row["type"] == SignalType.REGENERATE:
            regenerated.add(row["event_id"])
        elif row["edited_response"].strip():
            edits[row["event_id"]].append(row)
    return edits, regenerated


def rows(reader: pa.RecordBatchReader) -> Iterator[Row]:
    """The rows of a scan, one at a time."""
    for batch in reader:
        yield from batch.to_pylist()


def _column(reader: pa.RecordBatchReader, name: str) -> list[str]:
    return [value for batch in reader for value in batch[name].to_pylist()]
