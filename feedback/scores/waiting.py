"""Scores of the application on their way: they wait in the database until their event is stored, then are recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from feedback.choices import DEFAULT_PROFILE, Assessor
from feedback.models import WaitingScore
from feedback.scores import recording
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

# Of the row of an event on its way, the scores that came with it.
SCORES = "scores"
COLUMNS = (
    *("event_id", "external_id", "deployment_id", "name", "value", "minimum", "maximum", "version"),
    *("occurred_at", "received_at"),
)
_BATCH = 2_000


def keep(scores: Iterable[Row]) -> None:
    """Have these scores wait; call it in the transaction that counts them."""
    WaitingScore.objects.bulk_create(WaitingScore(**{name: row[name] for name in COLUMNS}) for row in scores)


def keep_of_events(events: Iterable[Row]) -> None:
    """Have the scores wait that came with these events; call it in the transaction that stores the events.

    They are as old as their event, so that any score sent by itself is newer.
    """
    scores = [
        score | _about(event) | {name: event[name] for name in ("deployment_id", "occurred_at", "received_at")}
        for event in events
        for score in event.get(SCORES, ())
    ]
    if scores:
        keep(scores)


def _about(event: Row) -> Row:
    return {"event_id": event["id"], "external_id": ""}


def record_found(events: Sequence[Row], scores: Sequence[Row]) -> None:
    """Record the scores that wait for these events, or for the events of these scores, as far as those are stored.

    Call it after the transaction that writes these rows. Of two writers, one with an event and one with its score, the
    second sees what the first one wrote. Safe to call again.
    """
    if not scores and not WaitingScore.objects.exists():
        return
    named = [row for row in scores if row["event_id"] is None]
    ids = {row["id"] for row in events} | {row["event_id"] for row in scores} - {None}
    names = {(row["deployment_id"], row["external_id"]) for row in (*events, *named) if row["external_id"]}
    wanted = WaitingScore.objects.about(ids, names)
    if wanted.exists():
        recording.record_taken(lambda: _take(wanted))


def forget_events(event_ids: Collection[str]) -> None:
    """Remove the scores that wait for these events; call it in the transaction that removes the events."""
    WaitingScore.objects.about(event_ids, ()).delete()


def forget_before(deployment_id: str, moment: datetime) -> int:
    """Remove the scores of a deployment that have waited since before this time; return how many."""
    expired, removed = WaitingScore.objects.of_deployment(deployment_id).received_before(moment), 0
    while ids := list(expired.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        removed += WaitingScore.objects.filter(pk__in=ids).delete()[0]
    return removed


def _take(wanted) -> list[Row]:
    """The scores among these whose event is stored, as rows of the store; they wait no longer."""
    rows = list(wanted.in_order())
    deployments = _deployments({str(row.event_id) for row in rows if row.event_id})
    newest = _newest({(row.deployment_id, row.external_id) for row in rows if row.event_id is None})
    taken, found = [], []
    for row in rows:
        if row.event_id is None:
            event_id = newest.get((row.deployment_id, row.external_id))
        else:
            # One that names another deployment goes on waiting, as a signal does.
            event_id = str(row.event_id) if deployments.get(str(row.event_id)) == row.deployment_id else None
        if event_id is not None:
            taken.append(row.pk)
            found.append(_score(row, event_id))
    WaitingScore.objects.filter(pk__in=taken).delete()
    return found


def _deployments(event_ids: Collection[str]) -> dict[str, str]:
    """The deployments of those of these events that are stored."""
    if not event_ids:
        return {}
    found = event_store().scan(EventFilter(ids=sorted(event_ids)), ["id", "deployment_id"]).read_all()
    return dict(zip(found["id"].to_pylist(), found["deployment_id"].to_pylist(), strict=True))


def _newest(names: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """By deployment and external id, the newest event there is."""
    by_deployment: defaultdict[str, list[str]] = defaultdict(list)
    for deployment_id, external_id in sorted(names):
        by_deployment[deployment_id].append(external_id)
    newest: dict[tuple[str, str], str] = {}
    for deployment_id, external_ids in by_deployment.items():
        where = EventFilter(deployment_id=deployment_id, external_ids=external_ids)
        for event in event_store().scan(where, ["id", "external_id"]).read_all().to_pylist():
            newest.setdefault((deployment_id, event["external_id"]), event["id"])
    return newest


def _score(row: WaitingScore, event_id: str) -> Row:
    share = (row.value - row.minimum) / (row.maximum - row.minimum)
    return {
        "event_id": event_id,
        "assessor": Assessor.APPLICATION.value,
        "name": row.name,
        "profile": DEFAULT_PROFILE,
        "raw": row.value,
        "score": min(max(share, 0.0), 1.0),
        "minimum": row.minimum,
        "maximum": row.maximum,
        "version": row.version,
        "checks": "[]",
        "assessed_at": row.occurred_at,
    }
