"""The form that asks for a comparison of one deployment."""

import json
from collections.abc import Sequence

from django import forms

from drift.choices import Correction
from drift.measures.outcomes import DEFAULT, MOST_OUTCOMES, UnknownOutcome, parse_outcome
from drift.reading import arm_choices
from drift.windows.arms import MOST_ARMS, parse_arm
from drift.windows.segments import VERSIONS
from feedback.models import Deployment

_OFFERED = (
    *("approval", "p_good", "quality", "rating", "latency_ms", "cost_usd", "response_length", "completion_tokens"),
    *("signal.copy", "signal.edit", "signal.regenerate", "signal.report"),
)
_STYLES = {"control": "cf-select", "correction": "cf-select", "margin": "cf-input", "more_outcomes": "cf-input"}


class ComparisonForm(forms.Form):
    """Which arms of a deployment, by what. Raises no error for arms that share events: the comparison then fails."""

    control = forms.ChoiceField(label="Control", help_text="The other arms are compared with it.")
    others = forms.MultipleChoiceField(label="Compare with", widget=forms.CheckboxSelectMultiple)
    outcomes = forms.MultipleChoiceField(label="Outcomes", widget=forms.CheckboxSelectMultiple, required=False)
    more_outcomes = forms.CharField(
        label="Further outcomes",
        required=False,
        help_text="Separated by commas: check.NAME, score.NAME, judge.NAME, people.RUBRIC, rating.NAME, metadata.KEY",
    )
    segments = forms.MultipleChoiceField(
        label="Also within each value of", widget=forms.CheckboxSelectMultiple, required=False
    )
    margin = forms.FloatField(
        label="Smallest difference that matters",
        required=False,
        help_text="In the unit of the outcome. Empty: 0.1 standard deviations.",
    )
    live = forms.BooleanField(
        label="Watch it: look again every 15 minutes, with intervals that hold at every look", required=False
    )
    correction = forms.ChoiceField(label="Correction of p-values", choices=Correction.choices, required=False)

    def __init__(self, deployment: Deployment, *args, prompt_versions: Sequence[str] = (), **kwargs):
        """prompt_versions: chosen at first, the first of them as the control."""
        super().__init__(*args, **kwargs, label_suffix="")
        found = arm_choices.of_deployment(deployment.pk)
        arms = [
            (label, [(json.dumps(one.arm), f"{one.name or '(none)'}, {one.events:,} events") for one in kind])
            for label, kind in found.items()
        ]
        for name, style in _STYLES.items():
            self.fields[name].widget.attrs["class"] = style
        self.has_arms = sum(map(len, found.values())) > 1
        self.fields["control"].choices = self.fields["others"].choices = arms
        chosen = [json.dumps({"prompt_version": one}) for one in prompt_versions]
        self.fields["control"].initial, self.fields["others"].initial = next(iter(chosen), None), chosen[1:]
        self.fields["outcomes"].choices = [(name, parse_outcome(name).label.capitalize()) for name in _OFFERED]
        self.fields["outcomes"].initial = DEFAULT
        keys = [*VERSIONS, *deployment.segment_keys]
        self.fields["segments"].choices = [(key, key.removesuffix("_id").replace("_", " ")) for key in keys]

    def clean_more_outcomes(self):
        names = [name.strip() for name in self.cleaned_data["more_outcomes"].split(",") if name.strip()]
        try:
            return [parse_outcome(name).name for name in names]
        except UnknownOutcome as error:
            raise forms.ValidationError(str(error)) from error

    def clean_margin(self):
        margin = self.cleaned_data["margin"]
        if margin is not None and margin <= 0:
            raise forms.ValidationError("Enter a number above 0.")
        return margin

    def clean(self):
        found = super().clean()
        if found.get("control") in found.get("others", ()):
            self.add_error("others", "The control is compared with other arms, not with itself.")
        if len(found.get("others", ())) >= MOST_ARMS:
            self.add_error("others", f"Choose at most {MOST_ARMS - 1}.")
        asked = [*found.get("outcomes", ()), *found.get("more_outcomes", ())]
        if not 0 < len(asked) <= MOST_OUTCOMES:
            self.add_error("outcomes", f"Choose 1 to {MOST_OUTCOMES} outcomes.")
        return found

    @property
    def body(self) -> dict:
        """What `comparisons.lifecycle.request` takes."""
        found = self.cleaned_data
        return {
            "arms": [parse_arm(json.loads(arm)) for arm in (found["control"], *found["others"])],
            "outcomes": [*found["outcomes"], *found["more_outcomes"]],
            "segments": found["segments"],
            "margin": found["margin"],
            "live": found["live"],
            "correction": found["correction"] or Correction.HOLM,
        }
