"""The writer's side of the ledger: which entries are new, and the outcome of their items."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from feedback.choices import ItemKind
from feedback.ingestion.parsing.reasons import Reasons
from feedback.ingestion.stream import Entry
from feedback.models import Deployment, IngestBatch, IngestCount
from feedback.stores.schema import Row
from feedback.times import floor_hour

_OPEN = """
    INSERT INTO feedback_ingestbatch
        (batch_id, deployment_id, accepted, stored, duplicate, sampled_out, rejected, invalid, received_at, written_at)
    SELECT batch_id, deployment_id, accepted, 0, accepted - sampled_out, sampled_out, 0, invalid, received_at, now()
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[], %s::int[], %s::timestamptz[])
        AS row (batch_id, deployment_id, accepted, sampled_out, invalid, received_at)
    ORDER BY batch_id, deployment_id
    ON CONFLICT DO NOTHING RETURNING batch_id
"""
_CLOSE = """
    UPDATE feedback_ingestbatch AS batch
    SET stored = row.stored, rejected = row.rejected,
        duplicate = batch.accepted - batch.sampled_out - row.stored - row.rejected
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[]) AS row (batch_id, deployment_id, stored, rejected)
    WHERE batch.batch_id = row.batch_id AND batch.deployment_id = row.deployment_id
"""
_COUNTS = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid")
_KEY = "deployment_id, kind, hour_at"
_SUMS = ", ".join(f"sum({name})" for name in (*_COUNTS, "flushes", "score_total"))
_FOLD = f"""
    WITH crowded AS (
        SELECT {_KEY} FROM feedback_ingestcount GROUP BY {_KEY} HAVING count(*) > 1
    ), taken AS (
        DELETE FROM feedback_ingestcount WHERE ({_KEY}) IN (SELECT * FROM crowded) RETURNING *
    )
    INSERT INTO feedback_ingestcount ({_KEY}, {", ".join(_COUNTS)}, flushes, score_total, flushed_at)
    SELECT {_KEY}, {_SUMS}, max(flushed_at) FROM taken GROUP BY {_KEY}
"""


@dataclass
class WriteOutcome:
    """The outcome of the items of one kind: scores of the ids now stored (0 for signals), and rejected ids.

    owners: the deployments of ids that are in the store, now or before.
    """

    stored: Mapping[str, float] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)

    def is_in_use(self, row: Row) -> bool:
        """Whether the id of a row belongs to another deployment; a signal may have none yet."""
        owner = self.owners.get(row["id"])
        return bool(owner and row["deployment_id"]) and owner != row["deployment_id"]


def open_batches(entries: Sequence[Entry]) -> list[Entry]:
    """Claim the ledger rows of these entries and return the entries not written before.

    A second writer with the same entry waits here for the first one's transaction to end. A rejected item counts for
    the deployment it names if that exists; all others are counted under ''.
    """
    entries = _with_known_names(entries)
    rows = []
    for entry in entries:
        accepted, received_at = entry.accepted, datetime.fromtimestamp(entry.received_at, UTC)
        for name in {*accepted, *entry.invalid}:
            left_out, invalid = entry.sampled_out.get(name, 0), entry.invalid.get(name, 0)
            rows.append((entry.batch_id, name, accepted[name], left_out, invalid, received_at))
    fresh = {row[0] for row in _execute(_OPEN, rows)}
    return [entry for entry in entries if entry.batch_id in fresh]


def written(entries: Sequence[Entry]) -> set[UUID]:
    """The requests among these that have their ledger rows."""
    batch_ids = {entry.batch_id for entry in entries}
    return set(IngestBatch.objects.filter(batch_id__in=batch_ids).values_list("batch_id", flat=True))


def _with_known_names(entries: Sequence[Entry]) -> list[Entry]:
    claimed = {name for entry in entries for name in entry.invalid} - {""}
    if not claimed:
        return list(entries)
    known = {name for entry in entries for name in entry.accepted}
    known |= set(Deployment.objects.filter(pk__in=claimed - known).values_list("pk", flat=True))
    return [_with_names(entry, known) for entry in entries]


def _with_names(entry: Entry, known: set[str]) -> Entry:
    invalid: Counter[str] = Counter()
    reasons: Reasons = Counter()
    for name, n in entry.invalid.items():
        invalid[name if name in known else ""] += n
    for reason, n in entry.reasons.items():
        reasons[reason if reason.deployment_id in known else replace(reason, deployment_id="")] += n
    return replace(entry, invalid=invalid, reasons=reasons)


def close_batches(entries: Sequence[Entry], outcomes: Mapping[ItemKind, WriteOutcome]) -> dict[UUID, Counter[str]]:
    """Write the counts. If several entries have the same id, the first entry's item is the one stored.

    Returns how many items of a request, by deployment, were rejected because another deployment has their ids.
    """
    in_use: dict[UUID, Counter[str]] = defaultdict(Counter)
    spent: set[tuple[ItemKind, str]] = set()
    stored_by: Counter[tuple[UUID, str]] = Counter()
    rejected_by: Counter[tuple[UUID, str]] = Counter()
    scores_by: defaultdict[tuple[UUID, str], float] = defaultdict(float)
    for entry in entries:
        outcome = outcomes[entry.kind]
        for row in entry.rows:
            batch, item_id = (entry.batch_id, row["deployment_id"]), row["id"]
            if item_id in outcome.rejected:
                rejected_by[batch] += 1
            elif item_id in outcome.stored and (entry.kind, item_id) not in spent:
                stored_by[batch] += 1
                scores_by[batch] += outcome.stored[item_id]
            elif outcome.is_in_use(row):
                rejected_by[batch] += 1
                in_use[entry.batch_id][row["deployment_id"]] += 1
            spent.add((entry.kind, item_id))
    batches = stored_by.keys() | rejected_by.keys()
    _execute(_CLOSE, [(*batch, stored_by[batch], rejected_by[batch]) for batch in batches], returns=False)
    _add_to_hours(entries, stored_by, rejected_by, scores_by)
    return in_use


def _add_to_hours(entries: Sequence[Entry], stored_by, rejected_by, scores_by) -> None:
    now = timezone.now()
    hours: dict[tuple[str, str, datetime], IngestCount] = {}
    for entry in entries:
        accepted = entry.accepted
        hour_at = floor_hour(datetime.fromtimestamp(entry.received_at, UTC))
        for name in {*accepted, *entry.invalid}:
            key, batch = (name, entry.kind, hour_at), (entry.batch_id, name)
            if key not in hours:
                hours[key] = IngestCount(deployment_id=name, kind=entry.kind, hour_at=hour_at, flushed_at=now)
                hours[key].flushes = 1
            count = hours[key]
            count.accepted += accepted[name]
            count.stored += stored_by[batch]
            count.rejected += rejected_by[batch]
            count.sampled_out += entry.sampled_out.get(name, 0)
            count.invalid += entry.invalid.get(name, 0)
            count.score_total += scores_by[batch]
    for count in hours.values():
        count.duplicate = count.accepted - count.stored - count.rejected - count.sampled_out
    IngestCount.objects.bulk_create(hours.values())


def fold() -> None:
    """Merge the counts of each hour into one row. Sums stay the same for every reader, before and after."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)


def _execute(sql: str, rows: list[tuple], *, returns: bool = True) -> list[tuple]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return cursor.fetchall() if returns else []
