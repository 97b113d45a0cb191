"""How far the writing of an export is, and whether a user cancelled it."""

import time

from exports.models import ExportBatch
from feedback.jobs.leases import Lease

SECONDS_BETWEEN_CHECKS = 1.0


class ExportCancelled(Exception):
    """The export is no longer to be written: a user cancelled it, or it was given up."""


class Progress:
    """The progress of one worker. Raises LeaseLost, and ExportCancelled if the writing is to end."""

    def __init__(self, batch_id: int, lease: Lease):
        self._batch_id, self._lease = batch_id, lease
        self._checked_at = 0.0

    def rows(self, done: int, total: int) -> None:
        """Store how many rows are read."""
        self._lease.require()
        unfinished = ExportBatch.objects.unfinished().filter(pk=self._batch_id)
        if not unfinished.update(rows_done=done, rows_total=total):
            raise ExportCancelled

    def check(self) -> None:
        """Costs a query at most once a second."""
        self._lease.require()
        if time.monotonic() - self._checked_at < SECONDS_BETWEEN_CHECKS:
            return
        self._checked_at = time.monotonic()
        if not ExportBatch.objects.unfinished().filter(pk=self._batch_id).exists():
            raise ExportCancelled
