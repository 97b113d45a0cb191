"""Request and response bodies of gates."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exports.choices import GateSide, GateStatus
from exports.gates import wording
from exports.gates.requesting import Model
from exports.models import GateConsent, GateRun
from exports.models.gates import MAX_ENDPOINT_CHARACTERS
from feedback.serializers.base import StrictSerializer


class GatesQuerySerializer(serializers.Serializer):
    deployment_id = serializers.CharField(required=False)
    golden_set = serializers.IntegerField(required=False)
    training_run = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(GateStatus.choices, required=False)


class GateModelSerializer(StrictSerializer):
    endpoint = serializers.CharField(
        max_length=MAX_ENDPOINT_CHARACTERS,
        required=False,
        default="",
        allow_blank=True,
        help_text="A name in LLM_ENDPOINTS. Without it the answers are uploaded.",
    )
    model_version_id = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)

    def to_internal_value(self, data):
        found = super().to_internal_value(data)
        return Model(found["endpoint"], found["model_version_id"])


class GateOfRunSerializer(StrictSerializer):
    golden_set = serializers.IntegerField(help_text="The id of a golden set.")
    candidate = GateModelSerializer()
    current = GateModelSerializer()
    judge = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The id of a judge, which compares the answers if there are too few references and it agrees enough.",
    )


class GateRequestSerializer(GateOfRunSerializer):
    training_run = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="The run that made the candidate."
    )


class GateSideSerializer(serializers.Serializer):
    endpoint = serializers.CharField(help_text="Empty if its answers are uploaded.")
    model_version_id = serializers.CharField()
    mean = serializers.FloatField(allow_null=True)
    outcomes = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rows that were answered, empty, refused, echoed or missing."
    )


class GateSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    golden_set = serializers.IntegerField(source="golden_set_id", allow_null=True)
    training_run = serializers.IntegerField(source="training_run_id", allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    judge = serializers.IntegerField(source="judge_id", allow_null=True)
    sentence = serializers.SerializerMethodField(help_text="The verdict, or why there is none yet.")
    references = serializers.IntegerField(source="rows")
    interval = serializers.SerializerMethodField(help_text="The 95 % interval of the difference.")
    candidate = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()

    class Meta:
        model = GateRun
        fields = [
            "id",
            "deployment_id",
            "golden_set",
            "golden_name",
            "training_run",
            "judge",
            "status",
            "verdict",
            "sentence",
            "metric",
            "references",
            "n",
            "difference",
            "interval",
            "candidate",
            "current",
            "details",
            "tokens",
            "token_budget",
            "error",
            "requested_by",
            "created_at",
            "completed_at",
        ]

    @extend_schema_field(serializers.CharField())
    def get_sentence(self, gate):
        return wording.sentence(gate)

    @extend_schema_field(serializers.ListField(child=serializers.FloatField(), allow_null=True))
    def get_interval(self, gate):
        return None if gate.low is None else [gate.low, gate.high]

    @extend_schema_field(GateSideSerializer)
    def get_candidate(self, gate):
        return self._side(gate, GateSide.CANDIDATE, gate.candidate_version, gate.candidate_mean)

    @extend_schema_field(GateSideSerializer)
    def get_current(self, gate):
        return self._side(gate, GateSide.CURRENT, gate.current_version, gate.current_mean)

    def _side(self, gate, side, version, mean):
        return {
            "endpoint": gate.endpoints[side],
            "model_version_id": version,
            "mean": mean,
            "outcomes": gate.details.get("outcomes", {}).get(side.value, {}),
        }


class GateAnswerLineSerializer(serializers.Serializer):
    row_id = serializers.IntegerField(help_text="The id of a golden row.")
    side = serializers.ChoiceField(GateSide.choices)
    response = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="The answer; null if the model gave none."
    )


class GateAnswersRequestSerializer(serializers.Serializer):
    answers = GateAnswerLineSerializer(many=True)


class RejectedGateAnswerSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class GateAnswersSerializer(serializers.Serializer):
    status = serializers.CharField(help_text="Of the gate.")
    stored = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="Lines that were stored before.")
    rejected = RejectedGateAnswerSerializer(many=True)


class GateConsentSerializer(serializers.ModelSerializer):
    accepted_by = serializers.CharField(source="accepted_by.username", allow_null=True)

    class Meta:
        model = GateConsent
        fields = ["accepted_by", "accepted_at"]
        extra_kwargs = {"accepted_at": {"allow_null": True}}
