"""Exports events to be judged elsewhere: each becomes a pending judgement of a judge without endpoints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import structlog
import xxhash
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from feedback.choices import JudgementSource, JudgementStatus
from feedback.judging import configuring
from feedback.judging.offline import documents
from feedback.models import Deployment, Judge, Judgement, RubricVersion
from feedback.stores import event_store, pages
from feedback.stores.base import EventFilter, Paging
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)
PERMISSION = "feedback.add_judgement"
DEFAULT_JUDGE = "offline"
MOST_EVENTS = 10_000
# So many of the newest events are sampled from.
NEWEST = 50_000
_BATCH = 500
_COLUMNS = ("id", "occurred_at", "prompt", "messages", "response", "response_message")


class ExportNotAllowed(Exception):
    """What the judge does not allow."""


class AsksEndpoints(ExportNotAllowed):
    def __init__(self, judge: Judge):
        super().__init__(f"The judge {judge.name} asks endpoints. Export for a judge without endpoints.")


class InvalidName(ExportNotAllowed):
    def __init__(self) -> None:
        super().__init__("The name of a judge has 1 to 58 characters of a-z 0-9 _ . -")


class OtherRubric(ExportNotAllowed):
    def __init__(self, judge: Judge, rubric: RubricVersion):
        super().__init__(f"The judge {judge.name} scores by {judge.rubric_version.label}, not by {rubric.label}.")


@dataclass(frozen=True)
class Prepared:
    """The pending judgements of an export, in the order of the file."""

    judge: Judge
    judgement_ids: list[int]


def prepare(
    deployment: Deployment, rubric: RubricVersion, *, sample: int, judge: str = DEFAULT_JUDGE, by: User
) -> Prepared:
    """Choose events and store a pending judgement of each: those that wait already, then a random sample.

    The judge is added if the deployment has none of this name. Calling it again without new judgements gives the same
    events. Raises PermissionDenied and ExportNotAllowed.
    """
    check_permission(by)
    found = _judge(deployment, rubric, judge, by)
    wanted = min(sample, MOST_EVENTS)
    waiting = list(_pending(found).values_list("pk", flat=True)[:wanted])
    if len(waiting) < wanted:
        _add(found, wanted - len(waiting))
        waiting = list(_pending(found).values_list("pk", flat=True)[:wanted])
    return Prepared(found, waiting)


def lines(prepared: Prepared, *, by: User) -> Iterator[bytes]:
    """The lines of the file. An event that went meanwhile is left out, and so is one without a text."""
    judge = prepared.judge
    label = judge.rubric_version.label
    log.info("judgements_exported", deployment=judge.deployment_id, judge=judge.name, by=by.pk)
    yield documents.line(
        documents.header(
            judge.rubric_version,
            label=label,
            deployment_id=judge.deployment_id,
            judge=judge.name,
            events=len(prepared.judgement_ids),
            exported_at=timezone.now(),
        )
    )
    ids = iter(prepared.judgement_ids)
    while some := list(islice(ids, _BATCH)):
        events = dict(_pending(judge).filter(pk__in=some).values_list("pk", "event_id"))
        rows = _read([str(event_id) for event_id in events.values()])
        for pk in some:
            if row := rows.get(str(events.get(pk, ""))):
                conversation = row["messages"] or [{"role": "user", "content": row["prompt"]}]
                answer = row["response_message"] or {"role": "assistant", "content": row["response"]}
                yield documents.line(documents.item(pk, row["id"], label, conversation, answer))


def check_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This needs the permission “Can add judgement”.")


def _judge(deployment: Deployment, rubric: RubricVersion, name: str, by: User) -> Judge:
    if not configuring.NAME.fullmatch(name):
        raise InvalidName
    judge, _ = Judge.objects.select_related("rubric_version").get_or_create(
        deployment=deployment,
        name=name,
        defaults={"rubric_version": rubric, "endpoints": [], "is_enabled": True, "created_by": by},
    )
    if judge.endpoints:
        raise AsksEndpoints(judge)
    if judge.rubric_version_id != rubric.pk:
        raise OtherRubric(judge, rubric)
    return judge


def _pending(judge: Judge):
    return Judgement.objects.filter(judge=judge, status=JudgementStatus.PENDING, source=JudgementSource.FILE).order_by(
        "pk"
    )


def _add(judge: Judge, number: int) -> None:
    """Add pending judgements of a random sample of the newest events that the judge has none of."""
    where = EventFilter(deployment_id=judge.deployment_id)
    found = event_store().scan(where, ["id", "occurred_at", "content_dropped"], Paging(limit=NEWEST)).read_all()
    rows = [row for row in found.to_pylist() if not row["content_dropped"]]
    known = {str(one) for one in Judgement.objects.filter(judge=judge).values_list("event_id", flat=True)}
    free = sorted((row for row in rows if row["id"] not in known), key=lambda row: _rank(judge.pk, row["id"]))
    made = [
        Judgement(
            deployment_id=judge.deployment_id,
            event_id=row["id"],
            judge=judge,
            rubric_version=judge.rubric_version,
            source=JudgementSource.FILE,
            occurred_at=row["occurred_at"],
        )
        for row in free[:number]
    ]
    with transaction.atomic():
        Judgement.objects.bulk_create(made, ignore_conflicts=True, batch_size=_BATCH)


def _rank(judge_id: int, event_id: str) -> int:
    """A random number of an event that is another for each judge and the same each time."""
    return xxhash.xxh64_intdigest(f"{judge_id} {event_id}".encode())


def _read(event_ids: Sequence[str]) -> dict[str, Row]:
    """These events by id, with their JSON decoded."""
    if not event_ids:
        return {}
    where = EventFilter(ids=event_ids)
    return {row["id"]: row for rows in pages.stream(where, _COLUMNS, batch_size=_BATCH) for row in rows}
