"""The request for a decision on one row."""

from rest_framework import serializers

from curation.choices import (
    MAX_REVIEWS_PER_ROW,
    AddOutcome,
    Decision,
    PairSource,
    SetPart,
    Split,
    Strategy,
)
from curation.models import DropReason
from curation.models.decisions import MAX_REASON_CHARACTERS
from curation.review.adding import MOST_EVENTS
from curation.review.bulk import Where
from feedback.serializers.base import StrictSerializer

MAX_CHARACTERS = 1_000_000
MAX_NOTE_CHARACTERS = 10_000


class RowDecisionSerializer(StrictSerializer):
    decision = serializers.ChoiceField(Decision.choices, help_text="The last decision on a row counts.")
    reason = serializers.CharField(
        max_length=MAX_REASON_CHARACTERS,
        default="",
        allow_blank=True,
        help_text="Why a row is dropped: the code of one of `GET drop-reasons`, which says whether the answer is "
        "bad, or any text. Any text, and none, says that it is bad.",
    )
    edited_response = serializers.CharField(
        max_length=MAX_CHARACTERS,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="A better answer, for `edit` alone. It is masked.",
    )
    note = serializers.CharField(max_length=MAX_NOTE_CHARACTERS, default="", allow_blank=True)

    def validate(self, attrs):
        is_edit, has_text = attrs["decision"] == Decision.EDIT, bool(attrs["edited_response"].strip())
        if is_edit and not has_text:
            raise serializers.ValidationError({"edited_response": ["An edit needs the better answer."]}, "required")
        if has_text and not is_edit:
            raise serializers.ValidationError({"edited_response": ["Only an edit has an edited_response."]})
        return attrs


class ReviewersRequestSerializer(StrictSerializer):
    """Only what is given changes."""

    reviews_per_row = serializers.IntegerField(
        min_value=1, max_value=MAX_REVIEWS_PER_ROW, required=False, help_text="They do not see each other's verdicts."
    )
    overlap_share = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Of the rows; all others get one reviewer."
    )
    rubric = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="Label of the rubric that reviewers are asked, as in tip-v1; '' for none.",
    )
    rubric_required = serializers.BooleanField(required=False, help_text="Whether no verdict counts without answers.")


class DropReasonSerializer(serializers.ModelSerializer):
    class Meta:
        model = DropReason
        fields = ["key", "code", "name", "is_about_the_answer"]


class RowsWhereSerializer(StrictSerializer):
    """Which rows: those of one part that fulfil every condition given."""

    part = serializers.ChoiceField(SetPart.choices)
    row_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=1_000, required=False
    )
    strategy = serializers.ChoiceField(Strategy.choices, required=False, help_text="Of examples and of the queue.")
    pair_source = serializers.ChoiceField(PairSource.choices, required=False, help_text="Of pairs.")
    min_p_good = serializers.FloatField(min_value=0, max_value=1, required=False)
    max_p_good = serializers.FloatField(min_value=0, max_value=1, required=False)
    text = serializers.CharField(
        max_length=200, required=False, help_text="In the reason of a row, or in why it waits, in any case."
    )
    split = serializers.ChoiceField(Split.choices, required=False)
    undecided = serializers.BooleanField(default=False, help_text="Only rows without a decision of a person.")

    def validate(self, attrs):
        of_examples = {"strategy", "min_p_good", "max_p_good", "text"}
        foreign = of_examples if attrs["part"] == SetPart.PAIRS else {"pair_source"}
        if found := foreign & attrs.keys():
            raise serializers.ValidationError(dict.fromkeys(found, [f"Rows of {attrs['part']} do not have this."]))
        return attrs


class OfRowsSerializer(StrictSerializer):
    """A request about the rows that a filter finds, as many as the caller has counted."""

    where = RowsWhereSerializer()
    dry_run = serializers.BooleanField(default=False, help_text="Only count the rows.")
    expected = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="The count of a dry run; 409 if it is another now."
    )

    def validate(self, attrs):
        if not attrs["dry_run"] and "expected" not in attrs:
            message = "Give the count of a dry run, so that no row is concerned that you have not counted."
            raise serializers.ValidationError({"expected": [message]}, "required")
        return {**attrs, "where": Where(**attrs["where"])}


class BulkDecisionSerializer(OfRowsSerializer):
    decision = serializers.ChoiceField([(one.value, one.label) for one in (Decision.KEEP, Decision.DROP)])
    reason = serializers.CharField(max_length=MAX_REASON_CHARACTERS, default="", allow_blank=True)
    note = serializers.CharField(max_length=MAX_NOTE_CHARACTERS, default="", allow_blank=True)


class BulkDecidedSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField()
    count = serializers.IntegerField(help_text="How many rows are decided, or would be.")


class AddRowsSerializer(StrictSerializer):
    event_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_EVENTS)


class AddedSerializer(serializers.Serializer):
    event_id = serializers.UUIDField()
    outcome = serializers.ChoiceField(
        AddOutcome.choices,
        help_text="`contaminated`: in an evaluation set or a held-out row. `gone`: not stored in the deployment.",
    )
    detail = serializers.CharField(help_text="What decided, or what to know of the row, as a sentence.")
    row = serializers.IntegerField(allow_null=True, help_text="The id of its row, if it is in the set.")


class AddedRowsSerializer(serializers.Serializer):
    added = serializers.IntegerField()
    results = AddedSerializer(many=True)
