"""One worker at a time on a batch: it holds a lease, renews it while it works, and loses it when it falls silent."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from exports.choices import ExportStatus
from exports.models import ExportBatch


class LeaseLost(Exception):
    """Another worker has taken the batch over."""


@dataclass
class Lease:
    batch_id: int
    token: UUID
    renewed_at: float = field(default_factory=time.monotonic)

    def renew(self) -> None:
        """Stay the holder; costs a query only when a quarter of the lease has passed."""
        if time.monotonic() - self.renewed_at > settings.EXPORT_LEASE_SECONDS / 4:
            self.update(lease_expires_at=expiry())
            self.renewed_at = time.monotonic()

    def update(self, **facts) -> None:
        """Change the batch as its holder. Raises LeaseLost, changing nothing, when it is no longer."""
        if not ExportBatch.objects.held_by(self.token).filter(pk=self.batch_id).update(**facts):
            raise LeaseLost(f"Export {self.batch_id} was taken over by another worker.")


def take(batch_id: int) -> Lease | None:
    """Take a batch that waits for a worker; None if there is nothing to do or another worker is at it."""
    token = uuid.uuid4()
    taken = (
        ExportBatch.objects.claimable(timezone.now())
        .filter(pk=batch_id)
        .update(
            status=ExportStatus.RUNNING,
            lease_token=token,
            lease_expires_at=expiry(),
            attempts=F("attempts") + 1,
        )
    )
    return Lease(batch_id, token) if taken else None


def expiry() -> datetime:
    """Until when a lease holds that is taken or renewed now."""
    return timezone.now() + timedelta(seconds=settings.EXPORT_LEASE_SECONDS)
