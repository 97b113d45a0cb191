"""Gates: a candidate and the current model answer the rows of a golden set, and the answers are compared."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from curation.models import GoldenRow, GoldenSet
from curation.models.golden import MAX_GOLDEN_NAME_CHARACTERS
from exports.choices import GateMetric, GateOutcome, GateReason, GateSide, GateStatus, GateVerdict
from exports.models.training import TrainingRun
from exports.querysets import GateRunQuerySet
from feedback.models import Deployment, Judge

MAX_ENDPOINT_CHARACTERS = 64


class GateConsent(models.Model):
    """A user's consent that masked texts of a deployment are sent to the endpoints of gates."""

    deployment = models.OneToOneField(
        Deployment, on_delete=models.CASCADE, primary_key=True, related_name="gate_consent"
    )
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.accepted_by} for {self.deployment_id}"


class GateRun(models.Model):
    """One comparison of a candidate with the current model.

    An endpoint without a name: the answers of that side are uploaded. seed: of the order of the questions. last_row:
    rows marked later do not take part. candidate_mean, current_mean and difference are means over prompts; low and high
    are the 95 % interval of the difference. judge: compares the answers where there are too few references.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="gates")
    golden_set = models.ForeignKey(GoldenSet, on_delete=models.SET_NULL, null=True, related_name="gates")
    golden_name = models.CharField("golden set", max_length=MAX_GOLDEN_NAME_CHARACTERS)
    training_run = models.ForeignKey(TrainingRun, on_delete=models.SET_NULL, null=True, related_name="gates")
    candidate_endpoint = models.CharField(max_length=MAX_ENDPOINT_CHARACTERS, blank=True)
    candidate_version = models.CharField("model version of the candidate", max_length=255, blank=True)
    current_endpoint = models.CharField(max_length=MAX_ENDPOINT_CHARACTERS, blank=True)
    current_version = models.CharField("current model version", max_length=255, blank=True)
    judge = models.ForeignKey(Judge, on_delete=models.SET_NULL, null=True, related_name="gates")
    judge_name = models.CharField("judge", max_length=64, blank=True)
    status = models.CharField(max_length=16, choices=GateStatus.choices)
    verdict = models.CharField(max_length=16, choices=GateVerdict.choices, blank=True)
    reason = models.CharField("why there is no verdict", max_length=24, choices=GateReason.choices, blank=True)
    metric = models.CharField(max_length=16, choices=GateMetric.choices)
    seed = models.PositiveBigIntegerField()
    last_row = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField("references")
    n = models.PositiveIntegerField("rows compared", null=True)
    candidate_mean = models.FloatField(null=True)
    current_mean = models.FloatField(null=True)
    difference = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    details = models.JSONField(default=dict)
    tokens = models.PositiveBigIntegerField(default=0)
    token_budget = models.PositiveBigIntegerField()
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    completed_at = models.DateTimeField("ended at", null=True)

    objects = GateRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "gate"
        constraints = [
            models.CheckConstraint(name="gate_run_status_valid", condition=Q(status__in=GateStatus.values)),
            models.CheckConstraint(
                name="gate_run_verdict_valid", condition=Q(verdict="") | Q(verdict__in=GateVerdict.values)
            ),
            models.CheckConstraint(
                name="gate_run_reason_valid", condition=Q(reason="") | Q(reason__in=GateReason.values)
            ),
            models.CheckConstraint(name="gate_run_metric_valid", condition=Q(metric__in=GateMetric.values)),
            models.CheckConstraint(
                name="gate_run_completed_with_verdict",
                condition=Q(status=GateStatus.COMPLETED, n__isnull=False) & ~Q(verdict="")
                | ~Q(status=GateStatus.COMPLETED) & Q(verdict=""),
            ),
            models.CheckConstraint(
                name="gate_run_verdict_follows_interval",
                condition=~Q(verdict__in=(GateVerdict.BETTER, GateVerdict.WORSE))
                | Q(verdict=GateVerdict.BETTER, low__gt=0)
                | Q(verdict=GateVerdict.WORSE, high__lt=0),
            ),
            models.CheckConstraint(name="gate_run_interval_ordered", condition=Q(low=None) | Q(low__lte=F("high"))),
            models.CheckConstraint(
                name="gate_run_failed_with_error", condition=~Q(status=GateStatus.FAILED) | ~Q(error="")
            ),
        ]

    def __str__(self):
        return f"Gate {self.pk}"

    @property
    def endpoints(self) -> dict[str, str]:
        """The names of endpoints by side; a side without one is uploaded."""
        return {GateSide.CANDIDATE: self.candidate_endpoint, GateSide.CURRENT: self.current_endpoint}

    @property
    def is_judged(self) -> bool:
        """Whether a judge compares the answers."""
        return self.metric == GateMetric.PAIRWISE

    @property
    def uploaded_sides(self) -> list[str]:
        return [side for side, endpoint in self.endpoints.items() if not endpoint]


class GateAnswer(models.Model):
    """The masked answer of one model to one golden row; `reason` says why it is missing."""

    gate = models.ForeignKey(GateRun, on_delete=models.CASCADE, related_name="answers")
    row = models.ForeignKey(GoldenRow, on_delete=models.CASCADE, related_name="gate_answers")
    side = models.CharField(max_length=16, choices=GateSide.choices)
    response = models.TextField(blank=True)
    outcome = models.CharField(max_length=16, choices=GateOutcome.choices)
    reason = models.CharField("why it is missing", max_length=255, blank=True)
    tokens = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("gate", "row", "side", name="gate_answer_once"),
            models.CheckConstraint(name="gate_answer_side_valid", condition=Q(side__in=GateSide.values)),
            models.CheckConstraint(name="gate_answer_outcome_valid", condition=Q(outcome__in=GateOutcome.values)),
            models.CheckConstraint(
                name="gate_answer_missing_without_text", condition=~Q(outcome=GateOutcome.MISSING) | Q(response="")
            ),
        ]

    def __str__(self):
        return f"answer {self.pk}"
