"""Request and response bodies of judges and judgements."""

from rest_framework import serializers

from feedback.choices import JudgeExecution, JudgeHedging, JudgementStatus, JudgeSampling, JudgeStrategy
from feedback.judging import budget
from feedback.judging.configuring import CHANGEABLE
from feedback.models import Judge, JudgeConsent, Judgement
from feedback.serializers.base import StrictSerializer


class JudgesQuerySerializer(serializers.Serializer):
    deployment_id = serializers.CharField(required=False)


class JudgementsQuerySerializer(serializers.Serializer):
    deployment_id = serializers.CharField(required=False)
    judge = serializers.IntegerField(required=False, help_text="The id of a judge.")
    event_id = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(JudgementStatus.choices, required=False)


class JudgeChangeSerializer(StrictSerializer):
    """What can be chosen of a judge. Without defaults here: what is left out stays, or has that of the model."""

    endpoints = serializers.ListField(
        child=serializers.CharField(max_length=64), help_text="Names in LLM_ENDPOINTS, the cheapest first."
    )
    weights = serializers.DictField(child=serializers.FloatField(), help_text="By endpoint; 1 where there is none.")
    strategy = serializers.ChoiceField(JudgeStrategy.choices)
    execution_mode = serializers.ChoiceField(JudgeExecution.choices)
    min_agreement = serializers.FloatField(min_value=0, max_value=1)
    min_confidence = serializers.FloatField(min_value=0, max_value=1)
    hedging_strategy = serializers.ChoiceField(JudgeHedging.choices)
    delay_ms = serializers.IntegerField(min_value=1, max_value=300_000)
    percentile = serializers.FloatField(min_value=50, max_value=99.9)
    budget_percent = serializers.FloatField(min_value=0, max_value=50)
    sampling = serializers.ChoiceField(JudgeSampling.choices)
    sampling_rate = serializers.FloatField(min_value=0, max_value=1)
    max_per_run = serializers.IntegerField(min_value=1, max_value=1_000)
    lookback_days = serializers.IntegerField(min_value=1, max_value=3_650)
    max_answer_tokens = serializers.IntegerField(min_value=16, max_value=32_000)
    daily_tokens = serializers.IntegerField(min_value=0, max_value=10**12)
    daily_usd = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    enabled = serializers.BooleanField(help_text="true also resumes a paused judge.")

    def get_fields(self):
        found = super().get_fields()
        for name in (*CHANGEABLE, "enabled"):
            found[name].required = False
        return found


class JudgeRequestSerializer(JudgeChangeSerializer):
    deployment_id = serializers.CharField(max_length=255)
    name = serializers.RegexField(r"^[a-z0-9_.-]{1,58}$", help_text="Scores have the assessor judge:NAME.")
    rubric = serializers.CharField(max_length=64, help_text="Name and version, as in `tip-v1`.")


class SpendingSerializer(serializers.Serializer):
    tokens = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=16, decimal_places=8)
    calls = serializers.IntegerField()
    hedged_calls = serializers.IntegerField()
    exhausted = serializers.BooleanField(help_text="Whether the judge asks nothing more today (UTC).")


class JudgeSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    rubric = serializers.CharField(source="rubric_version.label")
    enabled = serializers.BooleanField(source="is_enabled")
    today = serializers.SerializerMethodField(help_text="What was used today (UTC), calls in flight included.")

    class Meta:
        model = Judge
        fields = [
            *("id", "deployment_id", "name", "assessor", "rubric", "enabled", "paused_at", "paused_reason"),
            *CHANGEABLE,
            *("today", "last_run_at", "last_error", "last_error_at", "created_at"),
        ]

    def get_today(self, judge) -> SpendingSerializer:
        # Of a list it is read at once.
        used = judge.today if hasattr(judge, "today") else budget.today(judge)
        facts = {name: getattr(used, name) for name in ("tokens", "cost_usd", "calls", "hedged_calls")}
        return SpendingSerializer(facts | {"exhausted": budget.is_used_up(judge, used)}).data


class JudgementSerializer(serializers.ModelSerializer):
    judge = serializers.CharField(source="judge.name")
    judge_id = serializers.IntegerField()
    rubric = serializers.CharField(source="rubric_version.label")
    votes = serializers.ListField(child=serializers.DictField(), help_text="What each endpoint said, used and took.")
    cached = serializers.BooleanField(source="is_cached", help_text="Whether it copies a judgement of the same text.")

    class Meta:
        model = Judgement
        fields = [
            *("id", "deployment_id", "event_id", "judge_id", "judge", "rubric", "status", "source", "reason"),
            *("answers", "raw", "score", "agreement", "votes", "rationale", "model", "cached"),
            *("prompt_tokens", "completion_tokens", "cost_usd", "latency_ms", "attempts", "next_try_at"),
            *("created_at", "judged_at"),
        ]


class JudgeConsentSerializer(serializers.ModelSerializer):
    accepted_by = serializers.CharField(source="accepted_by.username", allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = JudgeConsent
        fields = ["accepted_by", "accepted_at"]
