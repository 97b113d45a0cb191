"""Persons decide which proposed names of tools are right; only confirmed ones are used."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from feedback.choices import RenameStatus
from feedback.models import Deployment, ToolRename

PERMISSION = "feedback.change_toolrename"


class RenameNotAllowed(Exception):
    """A decision that the proposal's status or another confirmed name does not allow."""


class NoLongerProposed(RenameNotAllowed):
    def __init__(self):
        super().__init__("This proposal was replaced by a newer one.")


class WrongStatus(RenameNotAllowed):
    def __init__(self, rename: ToolRename):
        super().__init__(f"{rename} is already {rename.get_status_display().lower()}.")


class NotDecided(RenameNotAllowed):
    def __init__(self, rename: ToolRename):
        super().__init__(f"{rename} is not decided.")


class OtherNameConfirmed(RenameNotAllowed):
    def __init__(self, rename: ToolRename, confirmed: str):
        super().__init__(f"{rename.old_name} → {confirmed} is confirmed. Reopen it first.")


class LeadsBack(RenameNotAllowed):
    def __init__(self, rename: ToolRename):
        super().__init__(f"Confirmed names lead from {rename.new_name} back to {rename.old_name}. Reopen one first.")


def confirm(rename_id: int, *, by: User) -> ToolRename:
    """Confirm a proposed name. Raises PermissionDenied and RenameNotAllowed."""
    _check_permission(by)
    with transaction.atomic():
        rename = _locked(rename_id)
        confirmed = _confirmed(rename.deployment_id)
        if rename.status == RenameStatus.PROPOSED and rename.old_name in confirmed:
            raise OtherNameConfirmed(rename, confirmed[rename.old_name])
        if rename.status == RenameStatus.PROPOSED and _end(confirmed, rename.new_name) == rename.old_name:
            raise LeadsBack(rename)
        return _decide(rename, RenameStatus.CONFIRMED, by=by)


def reject(rename_id: int, *, by: User) -> ToolRename:
    """Reject a proposed name; it is not proposed again. Raises PermissionDenied and RenameNotAllowed."""
    _check_permission(by)
    with transaction.atomic():
        return _decide(_locked(rename_id), RenameStatus.REJECTED, by=by)


def reopen(rename_id: int, *, by: User) -> ToolRename:
    """Take back a decision; the name is a proposal again. Raises PermissionDenied and RenameNotAllowed."""
    _check_permission(by)
    with transaction.atomic():
        rename = _locked(rename_id)
        undone = {"status": RenameStatus.PROPOSED, "decided_by": None, "decided_at": None}
        if not ToolRename.objects.decided().filter(pk=rename_id).update(**undone):
            raise NotDecided(rename)
    return ToolRename.objects.get(pk=rename_id)


def confirmed_renames(deployment_id: str) -> dict[str, str]:
    """Today's names of tools by their former ones, as confirmed; of a tool renamed twice, both lead to the last."""
    confirmed = _confirmed(deployment_id)
    return {old: _end(confirmed, new) for old, new in confirmed.items()}


def _locked(rename_id: int) -> ToolRename:
    """The proposal; decisions of one deployment are made one at a time, as each depends on the others."""
    renames = ToolRename.objects.filter(pk=rename_id)
    deployment_ids = renames.values("deployment_id")
    Deployment.objects.select_for_update(no_key=True).filter(pk__in=deployment_ids).first()
    if (rename := renames.first()) is None:
        raise NoLongerProposed
    return rename


def _decide(rename: ToolRename, status: RenameStatus, *, by: User) -> ToolRename:
    decision = {"status": status, "decided_by": by, "decided_at": timezone.now()}
    if not ToolRename.objects.proposed().filter(pk=rename.pk).update(**decision):
        raise WrongStatus(ToolRename.objects.get(pk=rename.pk))
    return ToolRename.objects.get(pk=rename.pk)


def _confirmed(deployment_id: str) -> dict[str, str]:
    return ToolRename.objects.of_deployment(deployment_id).in_status(RenameStatus.CONFIRMED).names()


def _end(confirmed: dict[str, str], name: str) -> str:
    """Where a name leads to. `confirm` lets no circle come about."""
    while name in confirmed:
        name = confirmed[name]
    return name


def _check_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Deciding needs the permission “Can change tool rename”.")
