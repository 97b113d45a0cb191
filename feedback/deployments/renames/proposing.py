"""Proposes the new names of tools that a deployment no longer has, from what their calls look like."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from feedback.choices import RenameStatus
from feedback.deployments.renames import reading
from feedback.deployments.renames.reading import MOST_TOOLS, ToolUse
from feedback.field_errors import FieldError
from feedback.models import Deployment, ToolRename
from feedback.stores import tool_lists
from feedback.stores.base import EventFilter
from feedback.tasks import propose_tool_renames
from feedback.tools import mapping
from feedback.tools.mapping import Proposal
from feedback.tools.shapes import Shape

log = structlog.get_logger(__name__)

PERMISSION = "feedback.add_toolrename"
OLD_PERIOD, NEW_PERIOD = timedelta(days=90), timedelta(days=7)
_LISTS_SEARCHED = 20
_SHOWN_NAMES, _NAME_CHARACTERS = 50, 200


class InvalidComparison(Exception):
    def __init__(self, error: FieldError):
        super().__init__(f"{error.field}: {error.message}")
        self.error = error


@dataclass(frozen=True)
class Comparison:
    """Whose tools are compared: two periods, or the events that declare two lists of tools."""

    old: EventFilter
    new: EventFilter


def comparison(
    deployment_id: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    old_list: str = "",
    new_list: str = "",
) -> Comparison:
    """What to compare. Raises InvalidComparison.

    since: when the new names began, by default when the newest list without a tool of the one before was first seen,
    or else seven days ago; until: when the old names ended, by default `since`. old_list, new_list: digests.
    """
    if old_list or new_list:
        return _of_lists(deployment_id, old_list, new_list, has_period=bool(since or until))
    since = since or _last_removal(deployment_id) or timezone.now() - NEW_PERIOD
    until = until or since
    if until > since:
        raise InvalidComparison(FieldError("until", "invalid", "The old period ends before the new one begins."))
    try:
        begin = until - OLD_PERIOD
    except OverflowError as error:
        raise InvalidComparison(FieldError("since", "invalid", "There is no time before this one.")) from error
    old = EventFilter(deployment_id=deployment_id, occurred_from=begin, occurred_to=until)
    return Comparison(old, EventFilter(deployment_id=deployment_id, occurred_from=since))


def request(
    deployment_id: str,
    *,
    by: User,
    since: datetime | None = None,
    until: datetime | None = None,
    old_list: str = "",
    new_list: str = "",
) -> None:
    """Queue the task that proposes. Raises PermissionDenied and InvalidComparison."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Proposing needs the permission “Can add tool rename”.")
    comparison(deployment_id, since=since, until=until, old_list=old_list, new_list=new_list)
    times = [moment and moment.isoformat() for moment in (since, until)]
    propose_tool_renames.delay_on_commit(deployment_id, *times, old_list, new_list)


def propose(compared: Comparison) -> list[ToolRename]:
    """Store a proposal for each tool that is gone and resembles a new one; return them, the most similar first.

    A tool is gone if no newer event declares it and no newer answer calls it. Earlier proposals for the same tools are
    replaced; what a person decided stays.
    """
    deployment_id = compared.old.deployment_id or ""
    old, new = reading.read(compared.old), reading.read(compared.new)
    gone = _most_called(shape for name, shape in old.shapes.items() if name not in new.in_use)
    appeared = _most_called(shape for name, shape in new.shapes.items() if name not in old.shapes)
    found = [proposal for proposal in mapping.propose(gone, appeared) if proposal.new]
    searched = {shape.name for shape in gone} | new.in_use
    stored = _store(deployment_id, searched, [_row(deployment_id, one, old, new) for one in found])
    log.info("tool_renames_proposed", deployment=deployment_id, gone=len(gone), new=len(appeared), proposed=len(stored))
    return stored


def _of_lists(deployment_id: str, old: str, new: str, *, has_period: bool) -> Comparison:
    if has_period:
        raise InvalidComparison(FieldError("old_list", "invalid", "Name two lists or two periods, not both."))
    for field, digest in (("old_list", old), ("new_list", new)):
        if tool_lists.text_of(deployment_id, digest) is None:
            raise InvalidComparison(FieldError(field, "not_found", "The deployment has no such list of tools."))
    return Comparison(*(EventFilter(deployment_id=deployment_id, tools_hash=digest) for digest in (old, new)))


def _last_removal(deployment_id: str) -> datetime | None:
    """When the newest list was first seen that lacks a tool of the list before it."""
    seen = tool_lists.newest(deployment_id, most=_LISTS_SEARCHED)
    return next((one.first_seen_at for one in seen if one.change and one.change.removed), None)


def _most_called(shapes: Iterable[Shape]) -> list[Shape]:
    return sorted(shapes, key=lambda shape: (-shape.calls, shape.name))[:MOST_TOOLS]


def _row(deployment_id: str, proposal: Proposal, old: ToolUse, new: ToolUse) -> ToolRename:
    return ToolRename(
        deployment_id=deployment_id,
        old_name=proposal.old,
        new_name=proposal.new,
        # Shares of floating point may add up to a little more than one.
        similarity=min(1.0, proposal.similarity),
        evidence={name: round(value, 4) for name, value in proposal.evidence.items()},
        old_shape=_as_json(old.shapes[proposal.old]),
        new_shape=_as_json(new.shapes[proposal.new]),
    )


def _as_json(shape: Shape) -> dict[str, Any]:
    arguments = _largest(shape.arguments)
    return {
        "calls": shape.calls,
        "arguments": [{**argument, "kind": shape.typical.get(name, "")} for name, argument in arguments.items()],
        "results": list(_largest(shape.results).values()),
    }


def _largest(shares: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN_NAMES]
    return {name: {"name": name[:_NAME_CHARACTERS], "share": round(share, 4)} for name, share in ranked}


def _store(deployment_id: str, searched: Collection[str], rows: list[ToolRename]) -> list[ToolRename]:
    """Replace the open proposals for these tools. A deployment that is being deleted gets none."""
    with transaction.atomic():
        deployments = Deployment.objects.select_for_update(no_key=True)
        if not deployments.filter(pk=deployment_id, deleting=False).exists():
            return []
        renames = ToolRename.objects.of_deployment(deployment_id).of_tools(searched)
        confirmed = renames.in_status(RenameStatus.CONFIRMED).names()
        decided = set(renames.decided().pairs())
        kept = [row for row in rows if row.old_name not in confirmed and (row.old_name, row.new_name) not in decided]
        kept.sort(key=lambda row: (-row.similarity, row.old_name))
        pairs = {(row.old_name, row.new_name) for row in kept}
        outdated = [row.pk for row in renames.proposed() if (row.old_name, row.new_name) not in pairs]
        ToolRename.objects.filter(pk__in=outdated).delete()
        # A pair that was proposed before keeps its row: a person may be looking at it.
        return ToolRename.objects.bulk_create(
            kept,
            update_conflicts=True,
            unique_fields=["deployment_id", "old_name", "new_name"],
            update_fields=["similarity", "evidence", "old_shape", "new_shape"],
        )
