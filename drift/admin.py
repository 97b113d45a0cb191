from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from drift import report_page, reports, tasks
from drift.models import DriftReport, TriggerEvaluation
from feedback.admin_filters import DeploymentFilter
from feedback.console import RecordAdmin
from feedback.models import Deployment
from feedback.presentation import ago


class DeploymentForm(BaseDialogForm):
    deployment = forms.ModelChoiceField(
        Deployment.objects.all(), empty_label="Select a deployment", widget=UnfoldAdminSelectWidget
    )


RUN_CHECK = {
    "title": "Run a drift check",
    "description": "A worker compares the newest events with the ones just before and adds a report.",
    "form_class": DeploymentForm,
    "form_submit_text": "Run drift check",
}
CHECK_TRIGGERS = {
    "title": "Check the triggers",
    "description": "A worker evaluates the four triggers. It runs a drift check first if there is no recent one.",
    "form_class": DeploymentForm,
    "form_submit_text": "Check triggers",
}


@admin.register(DriftReport)
class DriftReportAdmin(RecordAdmin):
    list_display = ["shown_deployment", "judgement", "shown_score", "events", "profile", "created"]
    list_filter = [DeploymentFilter, "verdict", "profile"]
    ordering = ["-created_at", "-id"]
    sortable_by = []
    actions_list = ["run_drift_check"]
    change_form_template = "drift/report.html"
    fields = []
    empty_text = "A drift report compares two windows of a deployment: lengths, quality and embeddings."
    empty_command = "python manage.py detect_drift DEPLOYMENT"

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        is_list = request.resolver_match.url_name.endswith("_changelist")
        return queryset.defer("metrics", "parameters", "resolved_windows") if is_list else queryset

    def has_run_permission(self, request, obj=None):
        return request.user.has_perm("drift.add_driftreport")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        report = self.get_object(request, object_id)
        page = report_page.build(report) if report and self.has_view_permission(request) else None
        return super().change_view(request, object_id, form_url, {"page": page, **(extra_context or {})})

    @action(
        description="Run drift check",
        icon="compare_arrows",
        variant=ActionVariant.PRIMARY,
        permissions=["run"],
        dialog=RUN_CHECK,
    )
    def run_drift_check(self, request, form):
        report = reports.request(form.cleaned_data["deployment"].pk)
        messages.success(request, f"Drift report {report.pk} of {report.deployment_id} is running.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_driftreport_changelist")})

    @display(description="Deployment")
    def shown_deployment(self, report):
        return report.deployment_id

    @display(description="Verdict", label=report_page.TONES)
    def judgement(self, report):
        return report_page.state(report)

    @display(description="Score")
    def shown_score(self, report):
        return "–" if report.score is None else f"{report.score:.3f}"

    @display(description="Events, reference and current")
    def events(self, report):
        return "–" if report.n_current is None else f"{report.n_reference:,} and {report.n_current:,}"

    @display(description="When")
    def created(self, report):
        return ago(report.created_at)


@admin.register(TriggerEvaluation)
class TriggerEvaluationAdmin(RecordAdmin):
    list_display = ["name", "state", "shown_deployment", "reason", "created"]
    list_display_links = None
    list_filter = [DeploymentFilter, "name", "fired"]
    ordering = ["-created_at", "-id"]
    sortable_by = []
    actions_list = ["check_triggers"]
    empty_text = "Every look at a trigger is kept here, whether it fired or not."
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
        tasks.check_triggers.delay_on_commit(deployment.pk)
        messages.success(request, f"The triggers of {deployment} are being checked.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_triggerevaluation_changelist")})

    @display(description="Deployment")
    def shown_deployment(self, evaluation):
        return evaluation.deployment_id

    @display(description="State", label={"fired": "warning", "quiet": "info"})
    def state(self, evaluation):
        return ("fired", "Fired") if evaluation.fired else ("quiet", "Quiet")

    @display(description="When")
    def created(self, evaluation):
        return ago(evaluation.created_at)
