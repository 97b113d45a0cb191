"""Starts one curated set for each firing of a trigger that keeps a request for one."""

import structlog
from django.db import transaction

from curation.serializers.requests import CuratedSetRequestSerializer, first_messages
from curation.sets import requesting
from drift.models import TriggerFiring
from exports.models import TriggeredRequest, TriggeredSet

log = structlog.get_logger(__name__)


def start_due() -> None:
    """Start the sets of firings that have none, the oldest first.

    Those of a deployment with too many unfinished builds wait for the next run.
    """
    for wanted in TriggeredRequest.objects.of_active_deployments().with_rules():
        firings = TriggerFiring.objects.of_rule(wanted.rule).without_set_since(wanted.created_at)
        try:
            for firing in firings.order_by("pk"):
                _start(firing, wanted)
        except requesting.TooManyBuilding as error:
            log.info("triggered_set_waits", deployment=wanted.rule.deployment_id, reason=str(error))


def _start(firing: TriggerFiring, wanted: TriggeredRequest) -> None:
    """The row of the firing and its set are stored together or not at all; of concurrent runs one stores them."""
    with transaction.atomic():
        started, is_first = TriggeredSet.objects.get_or_create(firing=firing)
        if not is_first:
            return
        body = CuratedSetRequestSerializer(data=wanted.request)
        if body.is_valid():
            started.curated_set = requesting.request(firing.deployment_id, by=None, **body.validated_data)
        else:
            problems = " ".join(f"{path}: {message}" for path, message in first_messages(body.errors))
            started.error = f"The request is no longer valid. {problems}"
        started.save(update_fields=["curated_set", "error"])
    log.info("triggered_set", deployment=firing.deployment_id, firing=firing.pk, curated_set=started.curated_set_id)
