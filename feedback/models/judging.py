"""Judges: models that score events by a rubric, what they said, what they cost, and the consent to ask them."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from feedback.choices import (
    JudgeExecution,
    JudgeHedging,
    JudgementSource,
    JudgementStatus,
    JudgeSampling,
    JudgeStrategy,
)
from feedback.models.deployments import Deployment
from feedback.models.rubrics import RubricVersion
from feedback.querysets.judging import JudgementQuerySet, JudgeQuerySet

# With `judge:` before it a name is that of an assessor.
MAX_NAME_CHARACTERS = 58
MAX_ENDPOINTS = 7
MAX_REASON_CHARACTERS = 500


class JudgeConsent(models.Model):
    """A user's consent that masked texts of a deployment are sent to the endpoints of judges."""

    deployment = models.OneToOneField(
        Deployment, on_delete=models.CASCADE, primary_key=True, related_name="judge_consent"
    )
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.accepted_by} for {self.deployment_id}"


class Judge(models.Model):
    """A panel of one or several endpoints that scores events of a deployment by a rubric; without endpoints, by files.

    weights: of endpoints, 1 where there is none. A judge is paused by an endpoint that needs an operator.
    reply_formats: of endpoints that do not know `json_schema`, the format that they do know.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="judges")
    name = models.CharField(
        max_length=MAX_NAME_CHARACTERS, help_text="a-z, 0-9, _ . and -. Scores have the assessor judge:NAME."
    )
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="judges", verbose_name="rubric"
    )
    endpoints = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="Names in LLM_ENDPOINTS, the cheapest first. Without any, judgements come from files.",
    )
    weights = models.JSONField(default=dict, blank=True, help_text="Weights of endpoints, where they are not 1.")
    strategy = models.CharField(
        "voting", max_length=15, choices=JudgeStrategy.choices, default=JudgeStrategy.NONE, db_default="none"
    )
    execution_mode = models.CharField(
        "execution", max_length=10, choices=JudgeExecution.choices, default=JudgeExecution.PARALLEL
    )
    min_agreement = models.FloatField(
        default=0.0,
        help_text="Least agreement of votes, 0 to 1; below it the event stays unjudged. One by one: ask until it.",
    )
    min_confidence = models.FloatField(
        default=0.7, help_text="From cheap to dear: below this confidence, 0 to 1, the next endpoint is asked."
    )
    hedging_strategy = models.CharField(
        "hedging", max_length=14, choices=JudgeHedging.choices, default=JudgeHedging.OFF, db_default="off"
    )
    delay_ms = models.PositiveIntegerField(
        "delay (ms)", default=2_000, help_text="A fixed delay; the others use it until they have 20 latencies."
    )
    percentile = models.FloatField(default=95.0, help_text="Of latencies, 50 to 99.9.")
    budget_percent = models.FloatField(
        "hedged calls (%)", default=10.0, help_text="Most second calls of 100 calls, at most 50."
    )
    sampling = models.CharField(max_length=9, choices=JudgeSampling.choices, default=JudgeSampling.RATE)
    sampling_rate = models.FloatField(default=0.1, help_text="Share of events, 0 to 1, for the sampling by rate.")
    max_per_run = models.PositiveIntegerField("events a run", default=50, help_text="At most so many, 1 to 1,000.")
    lookback_days = models.PositiveIntegerField(
        "days back", default=7, help_text="Events that occurred longer ago are not judged."
    )
    max_answer_tokens = models.PositiveIntegerField(default=1_000, help_text="Longest reply of an endpoint, in tokens.")
    daily_tokens = models.PositiveBigIntegerField(
        "tokens a day", default=200_000, help_text="The judge asks nothing more on a day (UTC) that has used them."
    )
    daily_usd = models.DecimalField(
        "USD a day",
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="The same in money, by the prices in LLM_ENDPOINTS. Empty: no limit.",
    )
    is_enabled = models.BooleanField("enabled", default=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True, editable=False)
    last_run_at = models.DateTimeField("last run", null=True, editable=False)
    last_error = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    reply_formats = models.JSONField(default=dict, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JudgeQuerySet.as_manager()

    class Meta:
        ordering = ["deployment_id", "name"]
        constraints = [
            models.UniqueConstraint("deployment", "name", name="judge_once"),
            models.CheckConstraint(name="judge_name_valid", condition=Q(name__regex=r"^[a-z0-9_.-]{1,58}$")),
            models.CheckConstraint(name="judge_few_endpoints", condition=Q(endpoints__len__lte=MAX_ENDPOINTS)),
            models.CheckConstraint(name="judge_strategy_valid", condition=Q(strategy__in=JudgeStrategy.values)),
            models.CheckConstraint(
                name="judge_execution_mode_valid", condition=Q(execution_mode__in=JudgeExecution.values)
            ),
            models.CheckConstraint(
                name="judge_hedging_strategy_valid", condition=Q(hedging_strategy__in=JudgeHedging.values)
            ),
            models.CheckConstraint(name="judge_sampling_valid", condition=Q(sampling__in=JudgeSampling.values)),
            models.CheckConstraint(
                name="judge_shares_in_range",
                condition=Q(sampling_rate__range=(0, 1), min_agreement__range=(0, 1), min_confidence__range=(0, 1)),
            ),
            models.CheckConstraint(
                name="judge_hedging_in_range", condition=Q(percentile__range=(50, 99.9), budget_percent__range=(0, 50))
            ),
            models.CheckConstraint(
                name="judge_bounds_in_range",
                condition=Q(max_per_run__range=(1, 1_000), lookback_days__range=(1, 3_650))
                & Q(max_answer_tokens__range=(16, 32_000)),
            ),
            models.CheckConstraint(
                name="judge_daily_usd_above_0", condition=Q(daily_usd__isnull=True) | Q(daily_usd__gt=0)
            ),
            models.CheckConstraint(
                name="judge_paused_with_a_reason",
                condition=Q(paused_at__isnull=True, paused_reason="")
                | Q(paused_at__isnull=False) & ~Q(paused_reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.name}"

    @property
    def assessor(self) -> str:
        """As its scores name it."""
        return f"judge:{self.name}"


class Judgement(models.Model):
    """What a judge said of one event. A pending one is being asked about; a failed one leaves the event unscored.

    votes: of endpoints, in the order of their calls: objects with endpoint, model, answers, raw, score, confidence,
    rationale, tokens, cost, latency and reason; they are stored as they come. is_cached: copied from a judgement of the
    same text, at no cost. agreement: None with one vote. occurred_at: of the event.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    event_id = models.UUIDField("event")
    judge = models.ForeignKey(Judge, on_delete=models.CASCADE, related_name="judgements")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+", verbose_name="rubric")
    status = models.CharField(max_length=7, choices=JudgementStatus.choices, default=JudgementStatus.PENDING)
    source = models.CharField(max_length=8, choices=JudgementSource.choices, default=JudgementSource.ENDPOINT)
    occurred_at = models.DateTimeField("event at")
    answers = models.JSONField(default=dict)
    raw = models.FloatField(null=True)
    score = models.FloatField(null=True)
    agreement = models.FloatField(null=True)
    votes = models.JSONField(default=list)
    model = models.CharField(max_length=255, blank=True)
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField("cost (USD)", max_digits=14, decimal_places=8, default=Decimal(0))
    latency_ms = models.FloatField("latency (ms)", null=True)
    rationale = models.TextField(blank=True)
    reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    content_key = models.CharField(max_length=64, blank=True)
    is_cached = models.BooleanField("cached", default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    judged_at = models.DateTimeField(null=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint("judge", "event_id", name="judgement_once"),
            models.CheckConstraint(name="judgement_status_valid", condition=Q(status__in=JudgementStatus.values)),
            models.CheckConstraint(name="judgement_source_valid", condition=Q(source__in=JudgementSource.values)),
            models.CheckConstraint(
                name="judgement_scored_if_judged",
                condition=Q(
                    status=JudgementStatus.JUDGED, raw__isnull=False, score__isnull=False, judged_at__isnull=False
                )
                | ~Q(status=JudgementStatus.JUDGED) & Q(raw__isnull=True, score__isnull=True, judged_at__isnull=True),
            ),
            models.CheckConstraint(
                name="judgement_shares_in_range",
                condition=(Q(score__isnull=True) | Q(score__range=(0, 1)))
                & (Q(agreement__isnull=True) | Q(agreement__range=(0, 1))),
            ),
            models.CheckConstraint(
                name="judgement_failed_with_a_reason", condition=~Q(status=JudgementStatus.FAILED) | ~Q(reason="")
            ),
        ]
        indexes = [
            models.Index("event_id", name="judgement_event"),
            models.Index(F("created_at").desc(), F("id").desc(), name="judgement_newest"),
            models.Index("deployment_id", F("occurred_at").desc(), name="judgement_of_deployment"),
            models.Index(
                "content_key", name="judgement_content", condition=Q(status=JudgementStatus.JUDGED) & ~Q(content_key="")
            ),
            models.Index("judge", "next_try_at", name="judgement_open", condition=~Q(status=JudgementStatus.JUDGED)),
        ]

    def __str__(self):
        return f"{self.judge.name} {self.event_id}"


class JudgeSpending(models.Model):
    """What a judge has used on one day (UTC), with what its calls in flight may use."""

    judge = models.ForeignKey(Judge, on_delete=models.CASCADE, related_name="spending")
    day = models.DateField()
    tokens = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField("cost (USD)", max_digits=16, decimal_places=8, default=Decimal(0))
    calls = models.PositiveIntegerField(default=0)
    hedged_calls = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint("judge", "day", name="judge_spending_once")]

    def __str__(self):
        return f"{self.judge_id} {self.day}"
