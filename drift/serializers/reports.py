from rest_framework import serializers

from drift.choices import MAX_REASON_CHARACTERS, Profile
from drift.models import Baseline, DriftReport
from drift.windows.segments import VERSIONS
from drift.windows.window import LONGEST_TRAILING_HOURS, MAX_SKIP, MOST_WEEKS, InvalidWindow, newest_pair, parse
from feedback.choices import MAX_SEGMENT_KEYS
from feedback.serializers.base import StrictSerializer


class TrailingSerializer(StrictSerializer):
    """Hours or days that end `gap_hours` before the current window or, for the current window, before now."""

    hours = serializers.IntegerField(min_value=1, max_value=LONGEST_TRAILING_HOURS, required=False)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_TRAILING_HOURS // 24, required=False)
    gap_hours = serializers.IntegerField(min_value=0, max_value=LONGEST_TRAILING_HOURS, required=False)


class SeasonSerializer(StrictSerializer):
    """The same hours of the week as the current window, in this many weeks before it."""

    weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS)


class WindowSerializer(StrictSerializer):
    """One of last_events (with skip), from and to, a version, a baseline, trailing, season or previous_version."""

    last_events = serializers.IntegerField(min_value=1, max_value=MAX_SKIP, required=False)
    skip = serializers.IntegerField(min_value=0, max_value=MAX_SKIP, required=False)
    to = serializers.DateTimeField(required=False)
    model_version_id = serializers.CharField(max_length=255, required=False)
    prompt_version = serializers.CharField(max_length=255, required=False)
    baseline = serializers.CharField(max_length=255, required=False)
    trailing = TrailingSerializer(required=False)
    season = SeasonSerializer(required=False)
    previous_version = serializers.BooleanField(required=False)

    def get_fields(self):
        # `from` is a Python keyword, so it cannot be a class attribute.
        return {**super().get_fields(), "from": serializers.DateTimeField(required=False)}


class DriftRequestSerializer(StrictSerializer):
    reference = WindowSerializer(required=False, allow_null=True)
    current = WindowSerializer(required=False, allow_null=True)
    window_size = serializers.IntegerField(
        min_value=1,
        max_value=MAX_SKIP,
        required=False,
        allow_null=True,
        help_text="Instead of both windows: the newest events, and as many just before them.",
    )
    segments = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=MAX_SEGMENT_KEYS + len(VERSIONS), required=False
    )
    profile = serializers.ChoiceField(choices=Profile.choices, default=Profile.STANDARD)

    def validate_reference(self, asked):
        return _window(asked)

    def validate_current(self, asked):
        return _window(asked)

    def validate(self, attrs):
        size = attrs.pop("window_size", None)
        if size is None:
            return attrs
        if attrs.get("reference") or attrs.get("current"):
            message = "window_size replaces reference and current; specify one or the other."
            raise serializers.ValidationError({"window_size": [message]}, "invalid_window")
        reference, current = newest_pair(size)
        return attrs | {"reference": reference, "current": current}


class BaselineRequestSerializer(StrictSerializer):
    """The window to pin; by default the newest events."""

    window = WindowSerializer(required=False, allow_null=True)
    reason = serializers.CharField(max_length=MAX_REASON_CHARACTERS, required=False, default="")

    def validate_window(self, asked):
        return _window(asked)


class AcceptRequestSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=MAX_REASON_CHARACTERS)
    baseline = serializers.RegexField(r"^[A-Za-z0-9._:-]{1,255}$", required=False)


def _window(asked):
    try:
        return None if asked is None else parse(asked)
    except InvalidWindow as error:
        raise serializers.ValidationError(
            {error.field or "non_field_errors": [error.message]}, "invalid_window"
        ) from error


class StartedReportSerializer(serializers.ModelSerializer):
    class Meta:
        model = DriftReport
        fields = ["id", "status"]


class MetricSerializer(serializers.Serializer):
    """verdict: for a scheduled report, includes earlier windows; judged: based on these two windows only."""

    name = serializers.CharField()
    label = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    verdict = serializers.CharField()
    # Fields with defaults are missing from reports of earlier versions.
    judged = serializers.CharField(default="")
    windows = serializers.ListField(child=serializers.CharField(), default=list)
    first_seen_at = serializers.DateTimeField(allow_null=True, default=None)
    effect = serializers.FloatField(allow_null=True)
    effect_interval = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    p_value = serializers.FloatField(allow_null=True)
    adjusted_p_value = serializers.FloatField(allow_null=True)
    method = serializers.CharField()
    sentence = serializers.CharField()
    n_reference = serializers.IntegerField()
    n_current = serializers.IntegerField()
    before = serializers.DictField(default=dict)
    after = serializers.DictField(default=dict)
    statistics = serializers.DictField()


class MovedMetricSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    verdict = serializers.CharField()
    effect = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField()


class DriftReportInShortSerializer(serializers.ModelSerializer):
    """moved: the metrics with the verdict watch or drifting. The full report has all metrics."""

    deployment_id = serializers.CharField()
    moved = MovedMetricSerializer(many=True)
    acknowledged_by = serializers.CharField(source="acknowledged_by.username", default=None, allow_null=True)

    class Meta:
        model = DriftReport
        fields = [
            "id",
            "deployment_id",
            "profile",
            "status",
            "verdict",
            "score",
            "n_reference",
            "n_current",
            "moved",
            "reference_window",
            "current_window",
            "segments",
            "is_scheduled",
            "error",
            "acknowledged_by",
            "acknowledged_at",
            "acknowledged_reason",
            "created_at",
            "finished_at",
        ]


class DriftReportSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    metrics = MetricSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    acknowledged_by = serializers.CharField(source="acknowledged_by.username", default=None, allow_null=True)

    class Meta:
        model = DriftReport
        fields = [
            "id",
            "deployment_id",
            "profile",
            "status",
            "verdict",
            "score",
            "n_reference",
            "n_current",
            "metrics",
            "notes",
            "reference_window",
            "current_window",
            "resolved_windows",
            "segments",
            "is_scheduled",
            "parameters",
            "methods",
            "seed",
            "error",
            "acknowledged_by",
            "acknowledged_at",
            "acknowledged_reason",
            "created_at",
            "finished_at",
        ]


class BaselineSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    report_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Baseline
        fields = [
            "deployment_id",
            "name",
            "version",
            "window",
            "resolved_window",
            "n",
            "scheme",
            "reason",
            "report_id",
            "created_by",
            "created_at",
        ]
