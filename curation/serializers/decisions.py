"""The request for a decision on one row."""

from rest_framework import serializers

from curation.choices import Decision
from curation.models import DropReason
from curation.models.decisions import MAX_REASON_CHARACTERS
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


class DropReasonSerializer(serializers.ModelSerializer):
    class Meta:
        model = DropReason
        fields = ["key", "code", "name", "is_about_the_answer"]
