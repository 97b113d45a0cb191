"""What the API of curated sets takes and gives; `curation.serializers.requests` has the request for a set."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.choices import SHOWN_DECISIONS, BuildStage, Change, CuratedSetStatus, Decision, Outcome
from curation.edits import CODES as EDIT_CODES
from curation.models import CuratedExample, CuratedPair, CuratedSet, ReviewDecision
from curation.review import marking
from curation.sets import withdrawn
from feedback.serializers.base import StrictSerializer


class NoteRequestSerializer(StrictSerializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")


class CuratedSetAcceptedSerializer(serializers.ModelSerializer):
    class Meta:
        model = CuratedSet
        fields = ["id", "status"]


class CuratedCountsSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="Accepted examples.")
    by_strategy = serializers.DictField(child=serializers.IntegerField())
    queue = serializers.IntegerField(help_text="Rows that wait for a person.")
    pairs = serializers.IntegerField(help_text="Preference pairs; they do not count against the limit.")


class ReviewDecisionSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = ReviewDecision
        fields = ["action", "from_status", "to_status", "by", "at", "note"]


class CuratedSetSummarySerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    semantic_version = serializers.CharField(
        help_text="x.y.z: another request counts up x, the same request built again y, a reopened copy z."
    )
    parent = serializers.PrimaryKeyRelatedField(
        read_only=True, help_text="The set that this version was made after; null for the first one."
    )
    counts = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)
    decided_by = serializers.CharField(source="decided_by.username", default=None)

    class Meta:
        model = CuratedSet
        fields = [
            "id",
            "deployment_id",
            "name",
            "version",
            "semantic_version",
            "parent",
            "status",
            "counts",
            "content_hash",
            "error",
            "created_by",
            "created_at",
            "decided_by",
            "decided_at",
        ]

    @extend_schema_field(CuratedCountsSerializer)
    def get_counts(self, curated_set):
        return {
            "total": curated_set.total,
            "by_strategy": curated_set.by_strategy,
            "queue": curated_set.queue_total,
            "pairs": curated_set.pairs,
        }


class ProgressSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(BuildStage.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class InfluenceSerializer(serializers.Serializer):
    rows = serializers.IntegerField(required=False)
    of = serializers.IntegerField(required=False, help_text="Accepted rows.")
    people = serializers.IntegerField(required=False, help_text="Contributing people.")


class ChangesSerializer(serializers.Serializer):
    """Rows that were reported, erased, or may no longer be used since the decision on their set."""

    rows = serializers.IntegerField(help_text="Rows with at least one change.")
    by_change = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"Rows by change: {', '.join(Change.values)}."
    )


class CuratedSetSerializer(CuratedSetSummarySerializer):
    decisions = ReviewDecisionSerializer(many=True)
    progress = serializers.SerializerMethodField(help_text="Null unless the set is being built.")
    funnel = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="How many of the events read have each outcome, at the gates and in each strategy.",
    )
    influence = InfluenceSerializer(help_text="The most rows that would not be accepted without one person.")
    rubric = serializers.CharField(
        source="rubric_version.label",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="The one that reviewers are asked.",
    )
    changed_since_decision = serializers.SerializerMethodField()
    training_withdrawn = serializers.SerializerMethodField(
        help_text="Examples that may no longer be used for training. Exports leave them out."
    )

    class Meta(CuratedSetSummarySerializer.Meta):
        fields = [
            *CuratedSetSummarySerializer.Meta.fields,
            "strategies",
            "notice",
            "parameters",
            "filters",
            "shares",
            "segments",
            "splits",
            "only_new",
            "limit",
            "seed",
            "progress",
            "candidates",
            "funnel",
            "influence",
            "built_at",
            "training_withdrawn",
            "reviews_per_row",
            "overlap_share",
            "rubric",
            "rubric_required",
            "sealed_hash",
            "approved_under",
            "changed_since_decision",
            "decisions",
        ]

    @extend_schema_field(ChangesSerializer)
    def get_changed_since_decision(self, curated_set):
        return ChangesSerializer(marking.changes(curated_set.pk)).data

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, curated_set):
        if curated_set.status != CuratedSetStatus.BUILDING:
            return None
        return {"stage": curated_set.stage, "done": curated_set.stage_done, "total": curated_set.stage_total}

    def get_training_withdrawn(self, curated_set) -> int:
        return withdrawn.count(curated_set)


class PreviewSerializer(serializers.Serializer):
    """What a build would select now. Nothing of it is stored."""

    candidates = serializers.IntegerField(source="read", help_text="Events read.")
    is_partial = serializers.BooleanField(
        help_text="Whether a build may read more events, because a preview reads at most 5,000."
    )
    counts = serializers.SerializerMethodField()
    funnel = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="How many of the events read have each outcome, at the gates and in each strategy.",
    )
    influence = InfluenceSerializer(help_text="The most rows that would not be accepted without one person.")
    notice = serializers.CharField(source="curated_set.notice", help_text="Which default strategies are left out.")
    error = serializers.CharField(help_text="Why the set would have no examples.")

    @extend_schema_field(CuratedCountsSerializer)
    def get_counts(self, preview):
        return {
            "total": sum(preview.counts.values()),
            "by_strategy": preview.counts,
            "queue": sum(preview.queued.values()),
            "pairs": preview.pairs,
        }


class RowSerializer(serializers.ModelSerializer):
    """What examples, rows of the queue and pairs have in common."""

    decision = serializers.SerializerMethodField(
        help_text="The decision of a person on the row, else that on its set; null until there is one."
    )

    @extend_schema_field(serializers.ChoiceField(SHOWN_DECISIONS, allow_null=True))
    def get_decision(self, row):
        if row.decision:
            return row.decision
        status = row.curated_set.status
        if status == CuratedSetStatus.REJECTED:
            return "rejected"
        return "approved" if status in (CuratedSetStatus.APPROVED, CuratedSetStatus.SUPERSEDED) else None


class ReviewedEditSerializer(serializers.Serializer):
    edited_response = serializers.CharField(help_text="The text that is stored, masked.")
    checks = serializers.FloatField(help_text="The score of the checks, 0 to 1.")
    code = serializers.ChoiceField(list(EDIT_CODES), help_text="Of the rule for edits that decided.")
    warning = serializers.CharField(help_text="Why the edit of a user would not be accepted; empty if it would.")


class DecidedRowSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    decision = serializers.ChoiceField(Decision.choices)
    edit = ReviewedEditSerializer(required=False, help_text="Of an edit alone.")


class CuratedExampleSerializer(RowSerializer):
    edited_response = serializers.SerializerMethodField(help_text="The better answer of a reviewer, else of a user.")

    @extend_schema_field(serializers.CharField())
    def get_edited_response(self, row):
        return row.reviewed_response or row.edited_response

    class Meta:
        model = CuratedExample
        fields = [
            "id",
            "event_id",
            "strategy",
            "score",
            "reason",
            "p_good",
            "users",
            "prompt",
            "messages",
            "response_message",
            "response",
            "edited_response",
            "tools",
            "model_version_id",
            "occurred_at",
            "group_id",
            "split",
            "erased_at",
            "decision",
        ]


class QueuedRowSerializer(CuratedExampleSerializer):
    class Meta(CuratedExampleSerializer.Meta):
        fields = [*CuratedExampleSerializer.Meta.fields, "queue_reason"]


class CuratedPairSerializer(RowSerializer):
    class Meta:
        model = CuratedPair
        fields = [
            "id",
            "chosen_event_id",
            "rejected_event_id",
            "pair_source",
            "margin",
            "prompt",
            "messages",
            "chosen",
            "chosen_message",
            "rejected",
            "rejected_message",
            "tools",
            "chosen_version",
            "rejected_version",
            "occurred_at",
            "group_id",
            "split",
            "erased_at",
            "decision",
        ]


class WhyQuerySerializer(serializers.Serializer):
    curated_set = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Default: the newest set of its deployment."
    )


class ReasonSerializer(serializers.Serializer):
    strategy = serializers.CharField(help_text="Empty for the gates, which all strategies share.")
    outcome = serializers.ChoiceField(Outcome.choices)
    number = serializers.FloatField(allow_null=True, help_text="The number that decided.")
    sentence = serializers.CharField()


class WhySerializer(serializers.Serializer):
    event_id = serializers.UUIDField()
    curated_set = serializers.IntegerField()
    included = serializers.ChoiceField(["examples", "queue"], allow_null=True)
    reasons = ReasonSerializer(many=True)
