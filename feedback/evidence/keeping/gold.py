"""Gold scores of stored events: decisions of reviewers, scores of the application whose names their deployment counts
as gold, and scores of judges and of people that do.
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
from feedback.models import DeclaredScore, GoldAssessor, JudgeStanding
from feedback.stores import event_store, locks
from feedback.stores.base import EventFilter, ScoreChanges
from feedback.stores.schema import Row

BATCH = 2_000
# Of a name that scores of a deployment have: the assessor and the name.
_Key = tuple[str, str]
_BY_KEY = frozenset({Assessor.APPLICATION.value, Assessor.PEOPLE.value})
JUDGE_PREFIX = "judge:"
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
    for row, _ in _gold(event_ids, _gold_keys()):
        found[row["event_id"]].append(row["score"])
    return found


def note_changes(changes: ScoreChanges) -> None:
    """Queue the events whose gold scores changed and answer their audits; call it in the transaction that counts the
    changes, once the store has them.
    """
    changed = [row for table in (changes.replaced, changes.stored) for row in table.to_pylist()]
    own, decided = [row for row in changed if _is_own(row)], [row for row in changed if _is_decision(row)]
    compared = {row["event_id"] for row in own if row["assessor"] != Assessor.APPLICATION.value}
    keys = _gold_keys() if own else {}
    if not keys and not decided and not compared:
        return
    deployments = _deployments({row["event_id"] for row in (*own, *decided)})
    if judged := {deployments[event_id] for event_id in compared if event_id in deployments}:
        # What judges and people say is compared again.
        JudgeStanding.objects.of_deployments(judged).filter(is_current=True).update(is_current=False)
    gold = {row["event_id"] for row in own if _key(row) in keys.get(deployments.get(row["event_id"], ""), frozenset())}
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
    _note_all(declared.deployment_id, (Assessor.APPLICATION.value, declared.name))
    # A change meanwhile is one for another run.
    DeclaredScore.objects.to_apply().filter(pk=declared_id, is_gold=declared.is_gold).update(is_applied=True)


def apply_assessor(gold_id: int) -> None:
    """The same for the scores of a judge or of people."""
    found = GoldAssessor.objects.to_apply().filter(pk=gold_id).first()
    if found is None:
        return
    _note_all(found.deployment_id, (found.assessor, found.name))
    GoldAssessor.objects.to_apply().filter(pk=gold_id, is_gold=found.is_gold).update(is_applied=True)


def choose(deployment_id: str, assessor: str, name: str, *, is_gold: bool) -> bool:
    """Let the scores of an assessor under a name be gold, or not; return whether that is a change."""
    with transaction.atomic():
        # So that no writer still goes by what counted as gold before.
        locks.lock_scores()
        keys = {"deployment_id": deployment_id, "assessor": assessor, "name": name}
        if is_gold:
            GoldAssessor.objects.get_or_create(**keys)
        changed = GoldAssessor.objects.filter(**keys).exclude(is_gold=is_gold)
        ids = list(changed.values_list("pk", flat=True))
        GoldAssessor.objects.filter(pk__in=ids).update(is_gold=is_gold, is_applied=False)
        for pk in ids:
            tasks.apply_gold_assessor.delay_on_commit(pk)
    return bool(ids)


def sweep() -> None:
    """Queue the changes of what is gold that no worker has applied."""
    sweeping.queue(tasks.apply_gold, DeclaredScore.objects.to_apply().values_list("pk", flat=True))
    sweeping.queue(tasks.apply_gold_assessor, GoldAssessor.objects.to_apply().values_list("pk", flat=True))


def _note_all(deployment_id: str, key: _Key) -> None:
    """Queue every event of a deployment with a score of this key."""
    keys = {deployment_id: frozenset({key})}
    events = event_store().scan(EventFilter(deployment_id=deployment_id), ["id"])
    ids = (event_id for batch in events for event_id in batch["id"].to_pylist())
    while some := list(islice(ids, BATCH)):
        with transaction.atomic():
            note([(row["event_id"], deployment_id) for row, deployment_id in _gold(some, keys)])


def _gold(event_ids: Sequence[UUID | str], keys: dict[str, frozenset[_Key]]) -> Iterator[tuple[Row, str]]:
    """The scores of these events whose keys are among those of their deployment, with the deployment's id."""
    if not keys or not event_ids:
        return
    known = frozenset().union(*keys.values())
    assessors = {assessor for assessor, _ in known}
    rows = event_store().scores(event_ids, assessor=assessors.pop() if len(assessors) == 1 else None).to_pylist()
    rows = [row for row in rows if _is_own(row) and _key(row) in known]
    deployments = _deployments({row["event_id"] for row in rows})
    for row in rows:
        deployment_id = deployments.get(row["event_id"], "")
        if _key(row) in keys.get(deployment_id, frozenset()):
            yield row, deployment_id


def _key(row: Row) -> _Key:
    return row["assessor"], row["name"]


def _is_own(row: Row) -> bool:
    """Whether a score can be gold by its key: of the application, of people or of a judge."""
    assessor = row["assessor"]
    is_one = assessor in _BY_KEY or assessor.startswith(JUDGE_PREFIX)
    return is_one and row["profile"] == DEFAULT_PROFILE


def _is_decision(row: Row) -> bool:
    return (row["assessor"], row["name"], row["profile"]) == _DECISION


def _gold_keys() -> dict[str, frozenset[_Key]]:
    """What counts as gold, by deployment."""
    keys: defaultdict[str, set[_Key]] = defaultdict(set)
    for deployment_id, name in DeclaredScore.objects.gold().values_list("deployment_id", "name"):
        keys[deployment_id].add((Assessor.APPLICATION.value, name))
    for deployment_id, assessor, name in GoldAssessor.objects.gold().values_list("deployment_id", "assessor", "name"):
        keys[deployment_id].add((assessor, name))
    return {deployment_id: frozenset(of_deployment) for deployment_id, of_deployment in keys.items()}


def _deployments(event_ids: Collection[str]) -> dict[str, str]:
    """The deployments of those of these events that are stored, by the event's id."""
    if not event_ids:
        return {}
    found = event_store().scan(EventFilter(ids=sorted(event_ids)), ["id", "deployment_id"]).read_all()
    return dict(zip(found["id"].to_pylist(), found["deployment_id"].to_pylist(), strict=True))
