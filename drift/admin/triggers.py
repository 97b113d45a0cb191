"""Pages of triggers: evaluations and firings."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from drift import tasks
from drift.admin.dialogs import DeploymentForm
from drift.choices import CheckSource, FiringState, TriggerName, TriggerOutcome
from drift.durations import duration
from drift.pages import conditions
from drift.triggers import firings
from feedback.admin.filters import DeploymentFilter
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
    change_form_outer_before_template = "drift/conditions.html"
    ordering = ["-created_at", "-id"]
    sortable_by = []
    actions_list = ["check_triggers"]
    empty_text = "Every trigger check is listed here, fired or not."
    empty_command = "python manage.py check_triggers DEPLOYMENT"

    def page(self, request, record):
        return {"conditions": conditions.rows(record)}

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
