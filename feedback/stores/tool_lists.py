"""Lists of tools, each kept once for a deployment, while an event declares it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from feedback import exact_json
from feedback.models import ToolList
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.tools.changes import ListChange, change_between, tools_by_name

Key = tuple[str, str]


@dataclass(frozen=True)
class SeenList:
    """A list, when it was first seen, and what differs from the list that was first seen before it, if there is one."""

    digest: str
    first_seen_at: datetime
    size: int
    change: ListChange | None


def keep(lists: Mapping[Key, str]) -> None:
    """Store lists by deployment and digest where they are not there, within the transaction that stores their events.

    Until it ends nobody removes them: see `remove_unused`.
    """
    missing = lists
    while missing:
        rows = [ToolList(deployment_id=d, digest=h, tools=text) for (d, h), text in sorted(missing.items())]
        ToolList.objects.bulk_create(rows, ignore_conflicts=True)
        held = _share(missing)
        # One that was removed between the two statements is stored anew.
        missing = {key: text for key, text in missing.items() if key not in held}


def _share(keys: Iterable[Key]) -> set[Key]:
    """Lock these lists against removal; other writers share the lock."""
    deployments, digests = zip(*sorted(keys), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deployment_id, digest FROM feedback_toollist"
            " WHERE (deployment_id, digest) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
            " ORDER BY id FOR KEY SHARE",
            [list(deployments), list(digests)],
        )
        return set(cursor.fetchall())


def text_of(deployment_id: str, digest: str) -> str | None:
    """The JSON of a list, or None if it is not kept."""
    found = ToolList.objects.filter(deployment_id=deployment_id, digest=digest)
    return found.values_list("tools", flat=True).first()


def decoded(keys: Collection[Key]) -> dict[Key, Any]:
    """Those of these lists that are kept, each decoded once."""
    deployments, digests = {deployment for deployment, _ in keys}, {digest for _, digest in keys if digest}
    kept = ToolList.objects.filter(deployment_id__in=deployments, digest__in=digests)
    rows = kept.values_list("deployment_id", "digest", "tools") if digests else []
    return {
        (deployment, digest): exact_json.decode(tools)
        for deployment, digest, tools in rows
        if (deployment, digest) in keys
    }


def texts_by_digest(deployment_id: str, digests: Collection[str]) -> dict[str, str]:
    """The JSON of those of these lists that are kept."""
    if not digests:
        return {}
    kept = ToolList.objects.filter(deployment_id=deployment_id, digest__in=digests)
    return dict(kept.values_list("digest", "tools"))


def texts_of(deployment_id: str, digests: Iterable[str]) -> Iterator[str]:
    """The JSON of those of these lists that are kept, one by one: each may be long."""
    texts = (text_of(deployment_id, digest) for digest in digests)
    return (text for text in texts if text is not None)


def declared_by(event_ids: Sequence[UUID | str]) -> set[Key]:
    """The lists that these stored events declare."""
    rows = event_store().scan(EventFilter(ids=event_ids), ["deployment_id", "tools_hash"]).read_all().to_pylist()
    return {(row["deployment_id"], row["tools_hash"]) for row in rows if row["tools_hash"]}


def seen_before(deployment_id: str, moment: datetime) -> set[Key]:
    """The lists of a deployment that were first seen before a moment."""
    found = ToolList.objects.filter(deployment_id=deployment_id, first_seen_at__lt=moment)
    return set(found.values_list("deployment_id", "digest"))


def newest(deployment_id: str, *, most: int) -> list[SeenList]:
    """The lists of a deployment that were first seen last, newest first."""
    found = list(ToolList.objects.of_deployment(deployment_id).newest_first()[: most + 1])
    return _with_changes(found)[:most]


def seen_since(deployment_id: str, moment: datetime, *, most: int) -> list[SeenList]:
    """The first lists of a deployment that were first seen at this moment or later, oldest first."""
    lists = ToolList.objects.of_deployment(deployment_id)
    found = list(lists.filter(first_seen_at__gte=moment).oldest_first()[:most])
    before = list(lists.filter(first_seen_at__lt=moment).newest_first()[:1])
    seen = _with_changes([*reversed(found), *before])
    return list(reversed(seen[: len(found)]))


def _with_changes(lists: Sequence[ToolList]) -> list[SeenList]:
    """lists: newest first, each compared with the next one."""
    return [
        SeenList(
            one.digest,
            one.first_seen_at,
            len(tools_by_name(one.tools)),
            change_between(before.tools, one.tools) if before else None,
        )
        for one, before in zip_longest(lists, lists[1:])
    ]


def remove_unused(keys: Iterable[Key]) -> None:
    """Remove those of these lists that no stored event declares."""
    for deployment_id, digest in sorted(set(keys)):
        with transaction.atomic():
            held = ToolList.objects.select_for_update().filter(deployment_id=deployment_id, digest=digest).first()
            where = EventFilter(deployment_id=deployment_id, tools_hash=digest)
            if held is not None and not event_store().count(where, at_most=1):
                held.delete()
