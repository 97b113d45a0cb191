"""The forms of the review pages."""

from django import forms
from django.http import QueryDict

from curation.choices import MAX_REVIEWS_PER_ROW, Decision, ReviewOrder, SetPart
from curation.models.decisions import MAX_REASON_CHARACTERS
from curation.serializers.decisions import MAX_CHARACTERS, MAX_NOTE_CHARACTERS
from feedback.models import RubricVersion

PLAIN = {"class": "cf-input"}
MOVES = ["skip", "next", "previous", "open", "undo", "requeue"]


class WhichForm(forms.Form):
    """Which rows a reviewer wants, and in which order."""

    order = forms.ChoiceField(
        choices=ReviewOrder.choices, required=False, widget=forms.Select(attrs={"class": "cf-select"})
    )
    part = forms.ChoiceField(
        label="Rows",
        choices=[("", "All undecided"), *SetPart.choices],
        required=False,
        widget=forms.Select(attrs={"class": "cf-select"}),
    )

    @property
    def wanted(self) -> dict:
        """As `leasing.take` takes it; what is invalid counts as not asked for."""
        self.is_valid()
        order, part = (self.cleaned_data.get(name) for name in ("order", "part"))
        return {"order": ReviewOrder(order or ReviewOrder.UNCERTAIN), "part": SetPart(part) if part else None}

    @property
    def query(self) -> str:
        """The same as a query string, without what is the default."""
        self.is_valid()
        found = QueryDict(mutable=True)
        found.update({name: value for name, value in self.cleaned_data.items() if value})
        return found.urlencode()


class VerdictForm(forms.Form):
    """A verdict, or another step on the page of a row."""

    step = forms.ChoiceField(choices=[(name, name) for name in [*Decision.values, *MOVES]], required=False)
    reason = forms.CharField(max_length=MAX_REASON_CHARACTERS, required=False)
    edited_response = forms.CharField(max_length=MAX_CHARACTERS, required=False, strip=False)
    note = forms.CharField(max_length=MAX_NOTE_CHARACTERS, required=False)

    def clean(self):
        found = super().clean()
        # A button with a reason drops the row.
        found["step"] = found.get("step") or (Decision.DROP if found.get("reason") else "")
        if not found["step"]:
            raise forms.ValidationError("Choose what to do with the row.")
        if found["step"] == Decision.EDIT and not found.get("edited_response", "").strip():
            raise forms.ValidationError("An edit needs the better answer.")
        return found

    @property
    def verdict(self) -> dict:
        found = self.cleaned_data
        is_edit, is_drop = found["step"] == Decision.EDIT, found["step"] == Decision.DROP
        return {
            "decision": Decision(found["step"]),
            "reason": found["reason"] if is_drop else "",
            # A browser sends lines with a carriage return each.
            "edited_response": found["edited_response"].replace("\r\n", "\n") if is_edit else "",
            "note": found["note"],
        }


def rubric_choices() -> list[tuple[str, str]]:
    """All versions, by label; none first."""
    found = RubricVersion.objects.newest_first()
    return [("", "None"), *((rubric.label, f"{rubric.title} ({rubric.label})") for rubric in found)]


class ReviewersForm(forms.Form):
    """How many reviewers the rows of a set get, and what they are asked."""

    reviews_per_row = forms.IntegerField(
        label="Reviewers of a row",
        min_value=1,
        max_value=MAX_REVIEWS_PER_ROW,
        widget=forms.NumberInput(attrs=PLAIN),
        help_text="1 to 10. They do not see each other's verdicts.",
    )
    overlap_percent = forms.FloatField(
        label="Share of the rows, in percent",
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={**PLAIN, "step": "any"}),
        help_text="All other rows get one reviewer.",
    )
    rubric = forms.ChoiceField(
        label="Rubric of the reviewers",
        required=False,
        choices=rubric_choices,
        widget=forms.Select(attrs={"class": "cf-select"}),
        help_text="Its questions are asked beside the decision on an example.",
    )
    rubric_required = forms.BooleanField(label="An answer is required", required=False)
