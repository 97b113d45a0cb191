"""The request that a trigger keeps for the curated sets that its firings start."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from drift.models import TriggerRule
from exports.models import TriggeredRequest

PERMISSIONS = ("drift.change_triggerrule", "curation.add_curatedset")


def keep(rule: TriggerRule, request: Mapping[str, Any], *, by: User) -> TriggeredRequest:
    """Let firings of this trigger start a set from now on; a request from before is replaced.

    request: a checked body of POST deployments/{id}/curated-sets.
    """
    with transaction.atomic():
        kept, _ = TriggeredRequest.objects.update_or_create(
            rule=rule, defaults={"request": dict(request), "changed_by": by}
        )
        _log(rule, f"a firing starts a curated set: {request['name']}", by)
    return kept


def remove(rule: TriggerRule, *, by: User) -> bool:
    """Let firings start no set any more; return whether they did."""
    with transaction.atomic():
        is_removed = bool(TriggeredRequest.objects.filter(rule=rule).delete()[0])
        if is_removed:
            _log(rule, "a firing starts no curated set", by)
    return is_removed


def _log(rule: TriggerRule, what: str, by: User) -> None:
    LogEntry.objects.log_actions(by.pk, [rule], CHANGE, what, single_object=True)
