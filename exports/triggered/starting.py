"""Starts one curated set for each firing, if its trigger keeps a request for one or the deployment's policy says so."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from curation.serializers.requests import CuratedSetRequestSerializer, first_messages
from curation.sets import requesting
from drift.models import TriggerFiring
from exports.choices import LoopLevel
from exports.models import LoopPolicy, TriggeredRequest, TriggeredSet

log = structlog.get_logger(__name__)
DEFAULT_NAME = "triggered"
_CURATES = (LoopLevel.CURATE, LoopLevel.EXPORT, LoopLevel.TRAIN)


def start_due() -> None:
    """Start the sets of firings that have none, the oldest first.

    Those of a deployment with too many unfinished builds wait for the next run.
    """
    for wanted in TriggeredRequest.objects.of_active_deployments().with_rules():
        _start_all(TriggerFiring.objects.of_rule(wanted.rule).without_set_since(wanted.created_at), wanted.request)
    # Triggers without a request of their own, of deployments whose loop goes on by itself.
    for policy in LoopPolicy.objects.of_active_deployments().at_levels(_CURATES):
        firings = TriggerFiring.objects.of_deployment(policy.deployment_id).without_set_since(policy.changed_at)
        with_request = TriggeredRequest.objects.of_deployment(policy.deployment_id).values("rule__name")
        _start_all(firings.exclude(name__in=with_request), {"name": DEFAULT_NAME})


def _start_all(firings: QuerySet[TriggerFiring], request: Mapping[str, Any]) -> None:
    try:
        for firing in firings.order_by("pk"):
            _start(firing, request)
    except requesting.TooManyBuilding as error:
        log.info("triggered_set_waits", reason=str(error))


def _start(firing: TriggerFiring, request: Mapping[str, Any]) -> None:
    """The row of the firing and its set are stored together or not at all; of concurrent runs one stores them."""
    with transaction.atomic():
        started, is_first = TriggeredSet.objects.get_or_create(firing=firing)
        if not is_first:
            return
        body = CuratedSetRequestSerializer(data=request)
        if body.is_valid():
            started.curated_set = requesting.request(firing.deployment_id, by=None, **body.validated_data)
        else:
            problems = " ".join(f"{path}: {message}" for path, message in first_messages(body.errors))
            started.error = f"The request is no longer valid. {problems}"
        started.save(update_fields=["curated_set", "error"])
    log.info("triggered_set", deployment=firing.deployment_id, firing=firing.pk, curated_set=started.curated_set_id)
