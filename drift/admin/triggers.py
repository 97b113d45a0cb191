"""Pages of triggers: evaluations, firings and settings."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from drift import tasks
from drift.admin.dialogs import DeploymentForm
from drift.choices import CheckSource, FiringState, TriggerName, TriggerOutcome
from drift.durations import duration
from drift.models import TriggerRule
from drift.triggers import firings, rules
from feedback.admin.filters import DeploymentFilter
from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin

OUTCOMES = {
    TriggerOutcome.FIRED: "warning",
    TriggerOutcome.COOLDOWN: "info",
    TriggerOutcome.QUIET: "success",
    TriggerOutcome.NO_DATA: "info",
    TriggerOutcome.OFF: "",
}
STATES = {FiringState.OPEN: "warning", FiringState.ACKNOWLEDGED: "success", FiringState.HANDED_OFF: "info"}
CHECK_TRIGGERS = {
    "title": "Check triggers",
    "description": "A worker evaluates the four triggers. It runs a drift check first if there is no recent report.",
    "form_class": DeploymentForm,
    "form_submit_text": "Check triggers",
}
ACKNOWLEDGE = {
    "title": "Acknowledge this firing?",
    "description": "It is closed and will not start a training. The trigger can fire again.",
    "form_submit_text": "Acknowledge",
}
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


def formatted(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name == TriggerName.SCHEDULED:
        return duration(value)
    if name == TriggerName.DATA_COUNT:
        return f"{value:,.0f} event{'' if value == 1 else 's'}"
    return f"{value:.4g}"


class TriggerEvaluationAdmin(RecordAdmin):
    list_display = ["name", "state", "shown_deployment", "measured", "reason", "asked", "created"]
    fields = ["name", "outcome", "deployment", "measured", "reason", "report", "source", "asked_by", "created_at"]
    readonly_fields = ["measured"]
    list_filter = [DeploymentFilter, "name", "outcome", "source"]
    list_select_related = ["asked_by"]
    list_before_template = "drift/trigger_links.html"
    ordering = ["-created_at", "-id"]
    sortable_by = []
    actions_list = ["check_triggers"]
    empty_text = "Every trigger check is listed here, fired or not."
    empty_command = "python manage.py check_triggers DEPLOYMENT"

    def has_run_permission(self, request, obj=None):
        return request.user.has_perm("drift.add_triggerevaluation")

    @action(
        description="Check triggers",
        icon="bolt",
        variant=ActionVariant.PRIMARY,
        permissions=["run"],
        dialog=CHECK_TRIGGERS,
    )
    def check_triggers(self, request, form):
        deployment = form.cleaned_data["deployment"]
        tasks.check_triggers.delay_on_commit(deployment.pk, CheckSource.CONSOLE, request.user.pk)
        messages.success(request, f"The triggers of {deployment} are being checked.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_triggerevaluation_changelist")})

    @display(description="Deployment")
    def shown_deployment(self, evaluation):
        return evaluation.deployment_id

    @display(description="Outcome", label=OUTCOMES)
    def state(self, evaluation):
        return evaluation.outcome, evaluation.get_outcome_display()

    @display(description="Value and threshold")
    def measured(self, evaluation):
        value, threshold = (formatted(evaluation.name, number) for number in (evaluation.value, evaluation.threshold))
        return f"{value} / {threshold}"

    @display(description="Started by")
    def asked(self, evaluation):
        return evaluation.asked_by.username if evaluation.asked_by else evaluation.get_source_display().lower()

    @display(description="Created")
    def created(self, evaluation):
        return ago(evaluation.created_at)


class TriggerFiringAdmin(RecordAdmin):
    list_display = ["name", "shown_state", "shown_deployment", "why", "settled", "fired"]
    fields = ["name", "state", "deployment", "why", "evaluation", "fired_at", "settled_by", "settled_at"]
    readonly_fields = ["why"]
    list_filter = [DeploymentFilter, "state", "name"]
    list_select_related = ["evaluation", "settled_by"]
    list_before_template = "drift/trigger_links.html"
    ordering = ["-id"]
    sortable_by = []
    list_disable_select_all = True
    actions = ["acknowledge_selected"]
    actions_row = ["acknowledge"]
    empty_text = "No firings yet. A firing stays open until it is acknowledged or used by a training."
    empty_command = "python manage.py check_triggers DEPLOYMENT"

    def has_acknowledge_permission(self, request, object_id=None):
        return request.user.has_perm("drift.change_triggerfiring")

    @action(description="Acknowledge", icon="done", permissions=["acknowledge"], dialog=ACKNOWLEDGE)
    def acknowledge(self, request, form, object_id):
        firing = self.get_object(request, object_id)
        if firing is None:
            raise Http404
        try:
            firings.acknowledge(firing.pk, by=request.user)
            messages.success(request, f"{firing} acknowledged.")
        except firings.AlreadyClosed as error:
            messages.warning(request, str(error))
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_triggerfiring_changelist")})

    @display(description="Deployment")
    def shown_deployment(self, firing):
        return firing.deployment_id

    # Without a dialog: an action on selected rows runs on POST only.
    @action(description="Acknowledge selected firings", permissions=["acknowledge"])
    def acknowledge_selected(self, request, queryset):
        number = firings.acknowledge_open(list(queryset.values_list("pk", flat=True)), by=request.user)
        count = "1 firing" if number == 1 else f"{number} firings"
        messages.success(request, f"{count} acknowledged.")

    @display(description="State", label=STATES)
    def shown_state(self, firing):
        return firing.state, firing.get_state_display()

    @display(description="Reason")
    def why(self, firing):
        return firing.evaluation.reason

    @display(description="Closed by")
    def settled(self, firing):
        return firing.settled_by.username if firing.settled_by else "–"

    @display(description="Fired")
    def fired(self, firing):
        return ago(firing.fired_at)


class TriggerRuleForm(forms.ModelForm):
    is_enabled = forms.TypedChoiceField(
        label="State",
        required=False,
        coerce=lambda text: text == "True",
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = TriggerRule
        fields = ["is_enabled", "threshold", "cooldown_seconds"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A field counts as changed if it differs from the page as it was loaded, not from what was saved since.
        for field in self.fields.values():
            field.show_hidden_initial = True
        row = self.instance
        default = rules.effective(TriggerRule(name=row.name), row.deployment)
        state = "on" if default.is_enabled else "off"
        threshold = f"{MEANINGS[row.name]} Default: {formatted(row.name, default.threshold)}."
        cooldown = (
            f"Wait at least this many seconds before firing again. Default: {duration(default.cooldown_seconds)}."
        )
        for name, text in (("threshold", threshold), ("cooldown_seconds", cooldown)):
            if name in self.fields:
                self.fields[name].help_text = text
        if "is_enabled" in self.fields:
            self.fields["is_enabled"].choices = [("", f"Default ({state})"), (True, "On"), (False, "Off")]

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
        cooldown = [] if obj and obj.name == TriggerName.SCHEDULED else ["cooldown_seconds"]
        return ["deployment", "name", "is_enabled", "threshold", *cooldown, "last_fired_at"]

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
