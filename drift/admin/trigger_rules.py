"""Pages of the settings of triggers."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from drift.admin.dialogs import DeploymentForm
from drift.admin.triggers import formatted
from drift.choices import CHECKS, TriggerName
from drift.durations import duration
from drift.measures.approval_thresholds import SMALLEST_FALL
from drift.models import TriggerRule
from drift.triggers import rules, suggestions
from feedback.admin.filters import DeploymentFilter
from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago
from feedback.models import Judge

SET_UP = {
    "title": "Set up triggers",
    "description": "Adds the triggers of a deployment that has not been checked yet, with their default settings.",
    "form_class": DeploymentForm,
    "form_submit_text": "Set up triggers",
}
MEANINGS = {
    TriggerName.DRIFT_THRESHOLD: "Fires when the score of a drift report (0 to 1) is above this value.",
    TriggerName.QUALITY_DROP: "Fires when the rolling average of the checks (0 to 1) is below this value.",
    TriggerName.DATA_COUNT: "Fires when this many events have arrived since the last training.",
    TriggerName.SCHEDULED: "Fires this many seconds after the last training or scheduled firing, and at first.",
}


BELOW_THRESHOLD = (
    "Also fires when approval, the share of votes for the answers (0 to 1), is surely below this value: the upper 95 %"
    " bound over the newest 1,000 events with feedback. Off by default; leave it empty to switch it off."
)
FALL = (
    "Also fires when approval over the newest events with feedback is at least"
    f" {100 * SMALLEST_FALL:.0f} points lower than before, and that is certain. On by default."
)


SOURCE = (
    "Whose rolling mean is compared with the threshold. A judge is used only while it is allowed for triggers and"
    " agrees enough with people; otherwise this condition has no data."
)


def _switch(label: str) -> forms.TypedChoiceField:
    """On, off, or what the default is."""
    return forms.TypedChoiceField(
        label=label,
        required=False,
        coerce=lambda text: text == "True",
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
    )


def _choices(is_on: bool) -> list[tuple]:
    return [("", f"Default ({'on' if is_on else 'off'})"), (True, "On"), (False, "Off")]


class TriggerRuleForm(forms.ModelForm):
    is_enabled = _switch("State")
    feedback_drop = _switch("Fall of approval")
    quality_source = forms.TypedChoiceField(
        label="Source of quality", required=False, empty_value=None, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = TriggerRule
        fields = [
            "is_enabled",
            "threshold",
            "feedback_threshold",
            "feedback_drop",
            "quality_source",
            "cooldown_seconds",
        ]
        labels = {"feedback_threshold": "Threshold of approval"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A field counts as changed if it differs from the page as it was loaded, not from what was saved since.
        for field in self.fields.values():
            field.show_hidden_initial = True
        row = self.instance
        default = rules.effective(TriggerRule(name=row.name), row.deployment)
        threshold = f"{MEANINGS[row.name]} Default: {formatted(row.name, default.threshold)}."
        cooldown = (
            f"Wait at least this many seconds before firing again. Default: {duration(default.cooldown_seconds)}."
        )
        texts = {"threshold": threshold, "cooldown_seconds": cooldown, "feedback_drop": FALL, "quality_source": SOURCE}
        if row.name == TriggerName.QUALITY_DROP and "feedback_threshold" in self.fields:
            suggestion = suggestions.feedback_threshold(row.deployment_id, now=timezone.now())
            self.fields["threshold"].label = "Threshold of the checks"
            texts["feedback_threshold"] = f"{BELOW_THRESHOLD} {suggestion.reason}"
        for name in texts.keys() & self.fields.keys():
            self.fields[name].help_text = texts[name]
        if "quality_source" in self.fields:
            names = Judge.objects.of_deployment(row.deployment_id).values_list("name", flat=True)
            judges = [(f"judge:{name}", f"Judge {name}") for name in names]
            self.fields["quality_source"].choices = [("", "Default (the checks)"), (CHECKS, "The checks"), *judges]
        for name, is_on in (("is_enabled", default.is_enabled), ("feedback_drop", bool(default.feedback_drop))):
            if name in self.fields:
                self.fields[name].choices = _choices(is_on)

    def clean(self):
        for error in rules.problems(self.instance.name, self.cleaned_data):
            self.add_error(error.field.rpartition(".")[2], error.message)


class TriggerRuleAdmin(NamedFilters, ModelAdmin):
    """A deployment's first check, or Set up triggers, creates its four rows; afterwards they can only be changed."""

    form = TriggerRuleForm
    list_display = ["heading", "on", "shown_threshold", "cooldown", "last_fired"]
    list_filter = [DeploymentFilter, "name"]
    list_select_related = ["deployment"]
    list_before_template = "drift/trigger_links.html"
    list_per_page = 48
    sortable_by = []
    readonly_fields = ["deployment", "name", "last_fired_at"]
    warn_unsaved_form = True
    actions_list = ["set_up"]
    empty_text = "No trigger settings yet. They appear after a deployment's first check, or use Set up triggers."

    def get_fields(self, request, obj=None):
        name = obj and obj.name
        feedback = rules.QUALITY_FIELDS if name == TriggerName.QUALITY_DROP else ()
        cooldown = [] if name == TriggerName.SCHEDULED else ["cooldown_seconds"]
        return ["deployment", "name", "is_enabled", "threshold", *feedback, *cooldown, "last_fired_at"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_set_up_permission(self, request, obj=None):
        return request.user.has_perm("drift.change_triggerrule")

    @action(description="Set up triggers", icon="tune", permissions=["set_up"], dialog=SET_UP)
    def set_up(self, request, form):
        deployment = form.cleaned_data["deployment"]
        rules.with_rows(deployment)
        query = urlencode({"deployment_id": deployment.pk})
        return HttpResponse(headers={"HX-Redirect": f"{reverse('admin:drift_triggerrule_changelist')}?{query}"})

    def save_model(self, request, obj, form, change):
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        rules.change(obj.deployment, {obj.name: values}, by=request.user)

    def log_change(self, request, obj, message):
        """The change itself is logged, as changes over the API are."""

    @display(header=True, description="Trigger")
    def heading(self, row):
        return [row.get_name_display(), row.deployment_id]

    @display(description="State", label={"on": "success", "off": ""})
    def on(self, row):
        return "on" if rules.effective(row, row.deployment).is_enabled else "off"

    @display(description="Threshold")
    def shown_threshold(self, row):
        return _with_origin(formatted(row.name, rules.effective(row, row.deployment).threshold), row.threshold)

    @display(description="Cooldown")
    def cooldown(self, row):
        if row.name == TriggerName.SCHEDULED:
            return "–"
        seconds = rules.effective(row, row.deployment).cooldown_seconds
        return _with_origin(duration(seconds), row.cooldown_seconds)

    @display(description="Last fired")
    def last_fired(self, row):
        return ago(row.last_fired_at) if row.last_fired_at else "never"


def _with_origin(text: str, own: float | None) -> str:
    return f"{text} (default)" if own is None else text
