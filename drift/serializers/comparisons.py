from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from drift.choices import Correction
from drift.measures.outcomes import DEFAULT, MOST_OUTCOMES, UnknownOutcome, parse_outcome
from drift.models import ArmComparison
from drift.windows.arms import FEWEST_ARMS, MOST_ARMS, InvalidArm, parse_arm
from drift.windows.segments import VERSIONS
from drift.windows.window import MAX_SKIP
from feedback.choices import MAX_SEGMENT_KEYS
from feedback.serializers.base import StrictSerializer

# The names of drift.bench.results.StatisticalTest, which imports SciPy; a test compares them.
TESTS = (
    *("student_t", "welch_t", "clustered_t", "paired_t", "mann_whitney", "clustered_ranks", "wilcoxon", "sign"),
    *("two_proportions", "fisher", "chi_square", "mcnemar", "bootstrap", "permutation", "anova", "welch_anova"),
    *("clustered_anova", "kruskal_wallis", "friedman"),
)


class ComparedArmSerializer(StrictSerializer):
    """The events that have all of these. A baseline stands alone."""

    model_version_id = serializers.CharField(max_length=255, required=False, allow_blank=True)
    prompt_version = serializers.CharField(max_length=255, required=False, allow_blank=True)
    experiment = serializers.CharField(max_length=255, required=False, allow_blank=True)
    segment = serializers.CharField(max_length=300, required=False, help_text="Metadata, as key=value.")
    to = serializers.DateTimeField(required=False)
    last_events = serializers.IntegerField(min_value=1, max_value=MAX_SKIP, required=False)
    skip = serializers.IntegerField(min_value=0, max_value=MAX_SKIP, required=False)
    baseline = serializers.CharField(max_length=255, required=False)

    def get_fields(self):
        # `from` is a Python keyword, so it cannot be a class attribute.
        return {**super().get_fields(), "from": serializers.DateTimeField(required=False)}


@extend_schema_field(ComparedArmSerializer)
class ArmField(serializers.Field):
    """An arm as an object, or a model version as a text."""

    def to_internal_value(self, data):
        if isinstance(data, str):
            data = {"model_version_id": data}
        asked = ComparedArmSerializer(data=data)
        asked.is_valid(raise_exception=True)
        try:
            return parse_arm(asked.validated_data)
        except InvalidArm as error:
            raise serializers.ValidationError(
                {error.field or "non_field_errors": [error.message]}, "invalid_arm"
            ) from error


class ComparisonOfArmsRequestSerializer(StrictSerializer):
    """Two arms as a and b, or all of them as arms. The first one is the control."""

    a = ArmField(required=False)
    b = ArmField(required=False)
    arms = serializers.ListField(child=ArmField(), min_length=FEWEST_ARMS, max_length=MOST_ARMS, required=False)
    outcomes = serializers.ListField(
        child=serializers.CharField(max_length=264), min_length=1, max_length=MOST_OUTCOMES, default=list(DEFAULT)
    )
    segments = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=MAX_SEGMENT_KEYS + len(VERSIONS), required=False
    )
    test = serializers.ChoiceField(choices=TESTS, required=False)
    correction = serializers.ChoiceField(choices=Correction.choices, default=Correction.HOLM)
    live = serializers.BooleanField(default=False, help_text="Look again every 15 minutes, until it is stopped.")
    margin = serializers.FloatField(
        required=False, help_text="The smallest difference that matters, in the unit of the outcomes."
    )

    def validate_outcomes(self, names):
        try:
            return [parse_outcome(name).name for name in names]
        except UnknownOutcome as error:
            raise serializers.ValidationError(str(error), "unknown_outcome") from error

    def validate_margin(self, margin):
        if not 0 < margin < float("inf"):
            raise serializers.ValidationError("margin must be a number above 0.", "invalid")
        return margin

    def validate(self, attrs):
        a, b = attrs.pop("a", None), attrs.pop("b", None)
        if (a is None) != (b is None) or (a is None) == ("arms" not in attrs):
            raise serializers.ValidationError("Specify a and b, or arms.", "invalid_arm")
        return attrs if a is None else attrs | {"arms": [a, b]}


class StartedComparisonSerializer(serializers.ModelSerializer):
    class Meta:
        model = ArmComparison
        fields = ["id", "status"]


class ComparisonOfArmsInShortSerializer(serializers.ModelSerializer):
    """a, b: the first two arms. n: events of each arm."""

    deployment_id = serializers.CharField()
    a = serializers.SerializerMethodField()
    b = serializers.SerializerMethodField()
    n = serializers.SerializerMethodField()
    names = serializers.ListField(child=serializers.CharField())
    arms = serializers.ListField(child=serializers.DictField())
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)

    class Meta:
        model = ArmComparison
        fields = [
            *("id", "deployment_id", "status", "a", "b", "arms", "names", "outcomes", "segments", "test", "correction"),
            *("margin", "is_live", "verdict", "n", "error", "created_by", "created_at", "finished_at"),
        ]

    def get_a(self, comparison) -> dict:
        return comparison.arms[0]

    def get_b(self, comparison) -> dict:
        return comparison.arms[1]

    def get_n(self, comparison) -> list[int]:
        return [count["events"] for count in comparison.counts]


class ComparisonOfArmsSerializer(ComparisonOfArmsInShortSerializer):
    """results: one object for each outcome, with its arms, pairs, segments and examples."""

    counts = serializers.ListField(child=serializers.DictField())
    results = serializers.ListField(child=serializers.DictField())
    notes = serializers.ListField(child=serializers.CharField())
    looks = serializers.ListField(child=serializers.DictField())

    class Meta(ComparisonOfArmsInShortSerializer.Meta):
        fields = [*ComparisonOfArmsInShortSerializer.Meta.fields, "counts", "results", "notes", "looks", "seed"]
