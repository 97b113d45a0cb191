"""Which events a judge scores next."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from feedback.choices import JudgeSampling
from feedback.models import AuditedEvent, Evidence, Judge, Judgement
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

# A run looks at so many of the newest events for the share that is sampled by rate.
MOST_EXAMINED = 20_000
_BATCH = 1_000
_COLUMNS = ["id", "occurred_at", "content_dropped"]


class Candidate(NamedTuple):
    event_id: UUID
    occurred_at: datetime


def is_sampled(event_id: str, *, judge: str, rate: float) -> bool:
    """Return whether an event is in the share that a judge samples: the same for the same event, and in every larger
    share; independent of audits and of other judges.

    Examples
    --------
    >>> sum(is_sampled(str(number), judge="helpdesk strict", rate=0.02) for number in range(10_000))
    187
    """
    digest = hashlib.blake2b(event_id.encode(), key=judge.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest) < rate * 2**64


def candidates(judge: Judge, *, most: int) -> list[Candidate]:
    """At most so many events that this judge has no judgement of, in the order in which it should score them."""
    since = timezone.now() - timedelta(days=judge.lookback_days)
    found = {
        JudgeSampling.RATE: _by_rate,
        JudgeSampling.AUDIT: _audited,
        JudgeSampling.UNCERTAIN: _least_certain,
    }[JudgeSampling(judge.sampling)](judge, since, most)
    return list(islice(found, most))


def _by_rate(judge: Judge, since: datetime, most: int) -> Iterator[Candidate]:
    """The newest events of the share."""
    where = EventFilter(deployment_id=judge.deployment_id, occurred_from=since)
    name = f"{judge.deployment_id} {judge.name}"
    for batch in event_store().scan(where, _COLUMNS, Paging(limit=MOST_EXAMINED, batch_size=_BATCH)):
        sampled = [
            Candidate(UUID(row["id"]), row["occurred_at"])
            for row in batch.to_pylist()
            if not row["content_dropped"] and is_sampled(row["id"], judge=name, rate=judge.sampling_rate)
        ]
        yield from _unjudged(judge, sampled)


def _unjudged(judge: Judge, found: Iterable[Candidate]) -> Iterator[Candidate]:
    found = list(found)
    judged = judge.judgements.of_events([one.event_id for one in found]).values_list("event_id", flat=True)
    known = set(judged) if found else set()
    return (one for one in found if one.event_id not in known)


def _audited(judge: Judge, since: datetime, most: int) -> Iterator[Candidate]:
    """The newest of the random sample, answered or not."""
    rows = AuditedEvent.objects.of_deployment(judge.deployment_id).occurred_since(since).newest_first()
    return _known(rows.exclude(_judged_by(judge)), most)


def _least_certain(judge: Judge, since: datetime, most: int) -> Iterator[Candidate]:
    """Events by how near the probability that they are good is to one half; only of those with evidence."""
    rows = Evidence.objects.of_deployment(judge.deployment_id).ranked().occurred_since(since).exclude(_judged_by(judge))
    nearest = [
        *rows.filter(p_good__gte=0.5).order_by("p_good", "event_id").values_list(*_KNOWN, "p_good")[:most],
        *rows.filter(p_good__lt=0.5).order_by("-p_good", "-event_id").values_list(*_KNOWN, "p_good")[:most],
    ]
    return (Candidate(*one[:2]) for one in sorted(nearest, key=lambda one: (abs(one[2] - 0.5), one[0])))


_KNOWN = ("event_id", "occurred_at")


def _known(rows, most: int) -> Iterator[Candidate]:
    return (Candidate(*one) for one in rows.values_list(*_KNOWN)[:most])


def _judged_by(judge: Judge) -> Exists:
    return Exists(Judgement.objects.filter(judge=judge, event_id=OuterRef("event_id")))
