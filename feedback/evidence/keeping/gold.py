"""Gold scores of stored events: decisions of reviewers, and scores of the application whose names their deployment
counts as gold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction

from feedback import tasks
from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.evidence.keeping import audits
from feedback.evidence.keeping.touching import touch
from feedback.jobs import sweeping
from feedback.models import DeclaredScore
from feedback.stores import event_store
from feedback.stores.base import EventFilter, ScoreChanges
from feedback.stores.schema import Row

BATCH = 2_000
_KEY = (Assessor.APPLICATION.value, DEFAULT_PROFILE)
_DECISION = (Assessor.REVIEWER.value, ScoreName.DECISION.value, DEFAULT_PROFILE)


def gold_of(event_ids: Sequence[UUID | str]) -> dict[str, list[float]]:
    """The gold scores, from 0 to 1, of those of these events that have any: in the order of their names, and last the
    decision of a reviewer.
    """
    found = _own(event_ids)
    if event_ids:
        for row in event_store().scores(event_ids, assessor=Assessor.REVIEWER.value).to_pylist():
            if _is_decision(row):
                found[row["event_id"]].append(row["score"])
    return dict(found)


def _own(event_ids: Sequence[UUID | str]) -> defaultdict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row, _ in _gold(event_ids, _gold_names()):
        found[row["event_id"]].append(row["score"])
    return found


def note_changes(changes: ScoreChanges) -> None:
    """Queue the events whose gold scores changed and answer their audits; call it in the transaction that counts the
    changes, once the store has them.
    """
    changed = [row for table in (changes.replaced, changes.stored) for row in table.to_pylist()]
    own, decided = [row for row in changed if _is_own(row)], [row for row in changed if _is_decision(row)]
    names = _gold_names() if own else {}
    if not names and not decided:
        return
    deployments = _deployments({row["event_id"] for row in (*own, *decided)})
    gold = {
        row["event_id"] for row in own if row["name"] in names.get(deployments.get(row["event_id"], ""), frozenset())
    }
    gold |= {row["event_id"] for row in decided if row["event_id"] in deployments}
    note([(event_id, deployments[event_id]) for event_id in sorted(gold)])


def note(events: Sequence[tuple[str, str]]) -> None:
    """Queue events whose gold scores changed, given as (event id, deployment id), and answer their audits."""
    if events:
        touch(events)
        event_ids = [event_id for event_id, _ in events]
        # What reviewers decide on was chosen for a set, so it says nothing of a random sample.
        audits.answer(event_ids, _own(event_ids))


def apply(declared_id: int) -> None:
    """Queue every event with a score of this name, after `is_gold` changed; does nothing once that is done."""
    declared = DeclaredScore.objects.to_apply().filter(pk=declared_id).first()
    if declared is None:
        return
    names = {declared.deployment_id: frozenset({declared.name})}
    events = event_store().scan(EventFilter(deployment_id=declared.deployment_id), ["id"])
    ids = (event_id for batch in events for event_id in batch["id"].to_pylist())
    while some := list(islice(ids, BATCH)):
        with transaction.atomic():
            note([(row["event_id"], deployment_id) for row, deployment_id in _gold(some, names)])
    # A change meanwhile is one for another run.
    DeclaredScore.objects.to_apply().filter(pk=declared_id, is_gold=declared.is_gold).update(is_applied=True)


def sweep() -> None:
    """Queue the changes of `is_gold` that no worker has applied."""
    sweeping.queue(tasks.apply_gold, DeclaredScore.objects.to_apply().values_list("pk", flat=True))


def _gold(event_ids: Sequence[UUID | str], names: dict[str, frozenset[str]]) -> Iterator[tuple[Row, str]]:
    """The scores of these events whose names are among those of their deployment, with the deployment's id."""
    if not names or not event_ids:
        return
    known = frozenset().union(*names.values())
    rows = event_store().scores(event_ids, assessor=Assessor.APPLICATION.value).to_pylist()
    rows = [row for row in rows if _is_own(row) and row["name"] in known]
    deployments = _deployments({row["event_id"] for row in rows})
    for row in rows:
        deployment_id = deployments.get(row["event_id"], "")
        if row["name"] in names.get(deployment_id, frozenset()):
            yield row, deployment_id


def _is_own(row: Row) -> bool:
    return (row["assessor"], row["profile"]) == _KEY


def _is_decision(row: Row) -> bool:
    return (row["assessor"], row["name"], row["profile"]) == _DECISION


def _gold_names() -> dict[str, frozenset[str]]:
    """The names that count as gold, by deployment."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for deployment_id, name in DeclaredScore.objects.gold().values_list("deployment_id", "name"):
        names[deployment_id].add(name)
    return {deployment_id: frozenset(of_deployment) for deployment_id, of_deployment in names.items()}


def _deployments(event_ids: Collection[str]) -> dict[str, str]:
    """The deployments of those of these events that are stored, by the event's id."""
    if not event_ids:
        return {}
    found = event_store().scan(EventFilter(ids=sorted(event_ids)), ["id", "deployment_id"]).read_all()
    return dict(zip(found["id"].to_pylist(), found["deployment_id"].to_pylist(), strict=True))
