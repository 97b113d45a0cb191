"""Takes the sets that firings started further, as far as the policy of their deployment says."""

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction

from exports.batches import requesting
from exports.batches.options import InvalidOption
from exports.choices import LoopLevel
from exports.models import LoopPolicy, TriggeredSet
from exports.training import runs
from exports.training.configs import InvalidConfig

log = structlog.get_logger(__name__)
_EXPORTS = (LoopLevel.EXPORT, LoopLevel.TRAIN)


def advance() -> None:
    """Request the exports of approved sets, then start training runs with published exports.

    Each step is stored with what it made, so a worker that is killed repeats none.
    """
    for policy in LoopPolicy.objects.of_active_deployments().at_levels(_EXPORTS).with_users():
        for started in TriggeredSet.objects.to_export(policy).order_by("firing"):
            _request_export(started.pk, policy)
        if policy.level == LoopLevel.TRAIN:
            for started in TriggeredSet.objects.to_train(policy).order_by("firing"):
                _open_run(started, policy)


def _request_export(firing_id: int, policy: LoopPolicy) -> None:
    with transaction.atomic():
        started = TriggeredSet.objects.to_export(policy).select_for_update(of=("self",)).filter(pk=firing_id).first()
        if started is None:
            return
        try:
            if not policy.changed_by.has_perm("exports.add_exportbatch"):
                raise PermissionDenied(f"{policy.changed_by} may no longer request exports.")
            started.batch, _ = requesting.request(
                started.curated_set_id,
                format=policy.export_format,
                product=policy.export_product,
                by=policy.changed_by,
            )
        except (PermissionDenied, InvalidOption, requesting.ExportNotAllowed) as error:
            started.error = f"No export was requested: {error}"
        started.save(update_fields=["batch", "error"])
    log.info("triggered_export", deployment=policy.deployment_id, firing=firing_id, export=started.batch_id)


def _open_run(started: TriggeredSet, policy: LoopPolicy) -> None:
    """A firing has one run at most. One that has to wait for another run is tried again."""
    try:
        runs.open_run(
            policy.deployment_id,
            by=policy.changed_by,
            batch=started.batch,
            firing=started.firing,
            trainer=policy.trainer,
            config=policy.config,
        )
    except runs.RunUnfinished as error:
        log.info("triggered_run_waits", deployment=policy.deployment_id, firing=started.pk, reason=str(error))
    except (PermissionDenied, InvalidConfig, runs.RunNotAllowed) as error:
        TriggeredSet.objects.filter(pk=started.pk).update(error=f"No training run was started: {error}")
