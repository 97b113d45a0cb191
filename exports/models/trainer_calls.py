from django.db import models
from django.db.models import Q
from django.utils import timezone

from exports.choices import CallAction, CallStatus
from exports.models.training import TrainingRun
from exports.querysets import TrainerCallQuerySet


class TrainerCall(models.Model):
    """The start or the cancellation of a run, repeated until its trainer takes it.

    machine: the `run_trainers` that the run belongs to from the first attempt on, "" if any worker makes the call. A
    cancellation has the one of the start.
    """

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="calls")
    action = models.CharField(max_length=16, choices=CallAction.choices)
    status = models.CharField(max_length=16, choices=CallStatus.choices, default=CallStatus.WAITING)
    machine = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = TrainerCallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("run", "action", name="trainer_call_once"),
            models.CheckConstraint(name="trainer_call_action_valid", condition=Q(action__in=CallAction.values)),
            models.CheckConstraint(name="trainer_call_status_valid", condition=Q(status__in=CallStatus.values)),
            models.CheckConstraint(
                name="trainer_call_finished_or_waiting",
                condition=Q(status=CallStatus.WAITING, next_attempt_at__isnull=False, finished_at__isnull=True)
                | (~Q(status=CallStatus.WAITING) & Q(next_attempt_at__isnull=True, finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="trainer_call_failure_has_a_reason", condition=~Q(status=CallStatus.FAILED) | ~Q(error="")
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", name="trainer_call_due", condition=Q(status=CallStatus.WAITING)),
        ]

    def __str__(self):
        return f"{self.action} of {self.run}"
