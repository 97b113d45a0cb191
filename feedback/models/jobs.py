"""Which worker holds which job."""

from django.db import models

from feedback.querysets.jobs import JobLeaseQuerySet


class JobLease(models.Model):
    """A job that a worker holds, or that a sweep queued again. `key` is the task's arguments; times are the database's.

    The row is deleted when the job ends, well or not, so one that outlives `expires_at` is that of a dead worker.
    """

    task = models.CharField(max_length=100)
    key = models.CharField(max_length=255, blank=True)
    token = models.UUIDField(null=True)
    worker = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    queued_again_at = models.DateTimeField(null=True)

    objects = JobLeaseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("task", "key", name="job_lease_once")]

    def __str__(self):
        return f"{self.task}({self.key})"
