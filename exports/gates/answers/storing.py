"""Stores answers of models, masked, each in a transaction of its own."""

from typing import Any

from django.db import transaction
from django.db.models import F

from curation.models import GoldenRow
from exports.choices import GateOutcome
from exports.models import GateAnswer, GateRun
from feedback.deployments import policies
from feedback.endpoints.replies import Reply
from feedback.ingestion.admitting.mask import Mask
from feedback.jobs.leases import Lease

MAX_REASON_CHARACTERS = 255


class GateEnded(Exception):
    """The gate no longer runs: a user cancelled it, or it was given up."""


def store(gate: GateRun, row_id: int, side: str, reply: Reply, *, lease: Lease) -> None:
    """Store a reply as the holder of the lease; that to a row which is deleted by now is dropped.

    Raises LeaseLost and GateEnded, without a change.
    """
    text = masked(gate, reply.text)
    with transaction.atomic():
        update(gate, lease, tokens=F("tokens") + reply.tokens)
        # Deleted rows take their answers with them, so none may follow.
        if GoldenRow.objects.select_for_update(no_key=True).filter(pk=row_id).exists():
            GateAnswer.objects.create(
                gate=gate,
                row_id=row_id,
                side=side,
                response=text,
                outcome=reply.outcome,
                reason=reply.reason[:MAX_REASON_CHARACTERS],
                tokens=reply.tokens,
            )


def update(gate: GateRun, lease: Lease, **facts: Any) -> None:
    """Update a running gate as the holder of its lease, in the caller's transaction. Raises LeaseLost and GateEnded."""
    lease.confirm()
    if not GateRun.objects.running().filter(pk=gate.pk).update(**facts):
        raise GateEnded


def masked(gate: GateRun, text: str) -> str:
    """An answer as it is stored: references are masked in the same way."""
    return Mask.of(policies.policy_of(gate.deployment_id), [text], []).text(text)


def outcome_of(text: str | None) -> GateOutcome:
    if text is None:
        return GateOutcome.MISSING
    return GateOutcome.ANSWERED if text.strip() else GateOutcome.EMPTY
