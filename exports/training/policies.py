"""How far the loop of a deployment goes by itself: notify, curate, export, train."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from exports.batches import options
from exports.choices import ExportFormat, LoopLevel, ProductName
from exports.models import LoopPolicy
from exports.training import configs, runs, trainers

PERMISSION = "exports.change_looppolicy"
# What the steps of each level need, beside the permission to change the policy: they run in the name of the user.
NEEDED = {
    LoopLevel.NOTIFY: (),
    LoopLevel.CURATE: ("curation.add_curatedset",),
    LoopLevel.EXPORT: ("curation.add_curatedset", "exports.add_exportbatch"),
    LoopLevel.TRAIN: ("curation.add_curatedset", "exports.add_exportbatch", "exports.add_trainingrun"),
}


class InvalidPolicy(ValueError):
    """A policy that cannot be followed, and the field at fault."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


def of(deployment_id: str) -> LoopPolicy:
    """The policy of a deployment; unsaved and notifying only if it has none."""
    found = LoopPolicy.objects.select_related("changed_by").filter(pk=deployment_id).first()
    return found or LoopPolicy(deployment_id=deployment_id)


def change(
    deployment_id: str,
    *,
    by: User,
    level: LoopLevel,
    export_format: ExportFormat = ExportFormat.JSONL,
    export_product: ProductName | str = "",
    trainer: str = "",
    config: Mapping[str, Any] | None = None,
) -> LoopPolicy:
    """Follow this policy for firings from now on. Raises PermissionDenied and InvalidPolicy."""
    lacking = [name for name in (PERMISSION, *NEEDED[level]) if not by.has_perm(name)]
    if lacking:
        raise PermissionDenied(f"The level {level} needs the permission {' and '.join(lacking)}.")
    _check(deployment_id, export_format, export_product, trainer, config or {}, trains=level == LoopLevel.TRAIN)
    with transaction.atomic():
        try:
            deployment = runs.lock(deployment_id)
        except runs.DeploymentDeleted as error:
            raise InvalidPolicy("level", str(error)) from error
        policy, _ = LoopPolicy.objects.update_or_create(
            deployment=deployment,
            defaults={
                "level": level,
                "export_format": export_format,
                "export_product": export_product,
                "trainer": trainer,
                "config": dict(config or {}),
                "changed_by": by,
                "changed_at": timezone.now(),
            },
        )
        LogEntry.objects.log_actions(by.pk, [deployment], CHANGE, f"loop policy: {level}", single_object=True)
    return policy


def _check(deployment_id, export_format, export_product, trainer, config, *, trains) -> None:
    try:
        options.stored(export_format, product=export_product, only_new=False, chosen={})
    except options.InvalidOption as error:
        raise InvalidPolicy("export_product", str(error)) from error
    if trains and not trainer:
        raise InvalidPolicy("trainer", "Name the trainer that published exports go to, one of TRAINERS.")
    if trainer and trainer not in trainers.names():
        raise InvalidPolicy("trainer", str(trainers.UnknownTrainer(trainer)))
    try:
        configs.complete(deployment_id, None, config)
    except configs.InvalidConfig as error:
        raise InvalidPolicy("config", str(error)) from error
