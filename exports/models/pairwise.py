"""Pairwise runs: a judge compares two answers to a prompt in both orders."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from curation.models import Comparison, CuratedPair, CuratedSet, GoldenRow
from exports.choices import PairwiseSource, PairwiseStatus
from exports.models.gates import GateRun
from exports.querysets import PairwiseRunQuerySet
from feedback.models import Deployment, Judge
from feedback.statistics.pairwise import PairVerdict, Preference

_PREFERENCES = ["", *(one.value for one in Preference)]


class PairwiseRun(models.Model):
    """One run of a judge over the pairs of a gate or a set. figures: at its end, what `pairwise.reporting` counts."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="pairwise_runs")
    judge = models.ForeignKey(Judge, on_delete=models.SET_NULL, null=True, related_name="pairwise_runs")
    judge_name = models.CharField("judge", max_length=64)
    rubric = models.CharField(max_length=64)
    source = models.CharField(max_length=16, choices=PairwiseSource.choices)
    gate = models.ForeignKey(GateRun, on_delete=models.CASCADE, null=True, related_name="pairwise_runs")
    curated_set = models.ForeignKey(CuratedSet, on_delete=models.CASCADE, null=True, related_name="pairwise_runs")
    most = models.PositiveIntegerField("pairs at most")
    seed = models.PositiveBigIntegerField()
    status = models.CharField(max_length=16, choices=PairwiseStatus.choices, default=PairwiseStatus.RUNNING)
    figures = models.JSONField(default=dict)
    tokens = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    completed_at = models.DateTimeField("ended at", null=True)

    objects = PairwiseRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "pairwise run"
        constraints = [
            models.CheckConstraint(name="pairwise_run_status_valid", condition=Q(status__in=PairwiseStatus.values)),
            models.CheckConstraint(name="pairwise_run_source_known", condition=Q(source__in=PairwiseSource.values)),
            models.CheckConstraint(
                name="pairwise_run_source_valid",
                condition=Q(source=PairwiseSource.GATE, gate__isnull=False, curated_set=None)
                | Q(
                    source__in=(PairwiseSource.COMPARISONS, PairwiseSource.PAIRS), curated_set__isnull=False, gate=None
                ),
            ),
            models.CheckConstraint(
                name="pairwise_run_failed_with_error", condition=~Q(status=PairwiseStatus.FAILED) | ~Q(error="")
            ),
            models.UniqueConstraint(
                fields=["gate", "judge"], name="pairwise_run_gate_once", condition=Q(gate__isnull=False)
            ),
        ]

    def __str__(self):
        return f"Pairwise run {self.pk}"


class PairwiseVerdict(models.Model):
    """What a judge said of one pair. It holds no text of an answer; A is the candidate, the row's answer or the chosen.

    forward, backward: the preference with A first and with B first; empty where the judge gave none, for `reason`.
    people: their verdict on the pair, empty without one.
    """

    run = models.ForeignKey(PairwiseRun, on_delete=models.CASCADE, related_name="verdicts")
    golden_row = models.ForeignKey(GoldenRow, on_delete=models.CASCADE, null=True, related_name="+")
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, null=True, related_name="+")
    pair = models.ForeignKey(CuratedPair, on_delete=models.CASCADE, null=True, related_name="+")
    forward = models.CharField(max_length=8, blank=True)
    backward = models.CharField(max_length=8, blank=True)
    length_a = models.PositiveIntegerField()
    length_b = models.PositiveIntegerField()
    people = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    tokens = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="pairwise_verdict_of_one_pair",
                condition=Q(golden_row__isnull=False, comparison=None, pair=None)
                | Q(golden_row=None, comparison__isnull=False, pair=None)
                | Q(golden_row=None, comparison=None, pair__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["run", "golden_row", "comparison", "pair"], name="pairwise_verdict_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="pairwise_verdict_preferences_valid",
                condition=Q(forward__in=_PREFERENCES, backward__in=_PREFERENCES),
            ),
            models.CheckConstraint(
                name="pairwise_verdict_people_valid",
                condition=Q(people="") | Q(people__in=[one.value for one in PairVerdict]),
            ),
        ]

    def __str__(self):
        return f"verdict {self.pk}"
