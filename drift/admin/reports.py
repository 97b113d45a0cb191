from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from drift.admin.dialogs import DeploymentForm, ReasonForm
from drift.api.files import download
from drift.models import DriftReport
from drift.pages import curating, deployment_page, examples, files, overlays, report_page
from drift.reading import baselines
from drift.reading.baselines import NotAcceptable, NothingToPin, TooManyBaselines
from drift.reports import lifecycle
from drift.windows.window import InvalidWindow
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.models import Deployment

RUN_CHECK = {
    "title": "Run a drift check",
    "description": "A worker compares the newest events with the events before them and adds a report.",
    "form_class": DeploymentForm,
    "form_submit_text": "Run drift check",
}
ACCEPT = {
    "title": "Accept the current window as new normal?",
    "description": "It is pinned as the baseline named normal. Scheduled checks compare with it once a full window of"
    " newer events has arrived.",
    "form_class": ReasonForm,
    "form_submit_text": "Accept",
}
FORMS = [("html", "HTML"), ("md", "Markdown"), ("json", "JSON")]


class DriftReportAdmin(RecordAdmin):
    list_display = ["shown_deployment", "judgement", "shown_score", "events", "profile", "windows", "created"]
    list_filter = [DeploymentFilter, "verdict", "profile"]
    ordering = ["-created_at", "-id"]
    sortable_by = []
    actions_list = ["run_drift_check"]
    actions_detail = ["accept"]
    change_form_template = "drift/report.html"
    fields = []
    empty_text = (
        "No drift reports yet. A report compares two windows of a deployment: lengths, checks, embeddings and more."
    )
    empty_command = "python manage.py detect_drift DEPLOYMENT"

    def get_queryset(self, request):
        queryset = super().get_queryset(request).with_accepted_by()
        is_list = request.resolver_match.url_name.endswith("_changelist")
        return queryset.defer("metrics", "histograms", "parameters", "resolved_windows") if is_list else queryset

    def get_urls(self):
        own = [
            path(
                "deployment/<str:deployment_id>/",
                self.admin_site.admin_view(self.deployment_view),
                name="drift_deployment",
            ),
            path(
                "<int:report_id>/files/<str:form>",
                self.admin_site.admin_view(self.file_view),
                name="drift_driftreport_file",
            ),
        ]
        return [*own, *super().get_urls()]

    def has_run_permission(self, request, obj=None):
        return request.user.has_perm("drift.add_driftreport")

    def has_accept_permission(self, request, object_id=None):
        return request.user.has_perm("drift.change_driftreport")

    def possible_actions(self, request, report):
        return self.actions_detail if report.is_acceptable else []

    def page(self, request, report):
        sees_events = request.user.has_perm("feedback.view_event")
        return {
            "page": report_page.build(report),
            "charts": overlays.charts(report),
            "examples": examples.of_report(report) if sees_events else None,
            "forms": FORMS,
            "curate": curating.of_report(report) if sees_events else None,
        }

    def deployment_view(self, request, deployment_id):
        """Drift of one deployment: recent windows and the latest result."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Drift of {deployment.pk}",
            "page": deployment_page.build(deployment.pk),
            "command": f"python manage.py detect_drift {deployment.pk}",
        }
        return TemplateResponse(request, "drift/deployment.html", context)

    def file_view(self, request, report_id, form):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if form not in files.FORMS:
            raise Http404
        return download(get_object_or_404(DriftReport.objects.with_accepted_by(), pk=report_id), form)

    @action(
        description="Run drift check",
        icon="compare_arrows",
        variant=ActionVariant.PRIMARY,
        permissions=["run"],
        dialog=RUN_CHECK,
    )
    def run_drift_check(self, request, form):
        try:
            report = lifecycle.request(form.cleaned_data["deployment"].pk)
            messages.success(request, f"Drift report {report.pk} for {report.deployment_id} is running.")
        except lifecycle.TooManyRunning as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_driftreport_changelist")})

    @action(
        description="Accept as new normal",
        icon="check",
        variant=ActionVariant.PRIMARY,
        url_path="accept",
        permissions=["accept"],
        dialog=ACCEPT,
    )
    def accept(self, request, form, object_id):
        report = self.get_object(request, object_id)
        if report is None:
            raise Http404
        try:
            baseline = baselines.accept(report.pk, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"The current window is the new normal: {baseline}.")
        except (NotAcceptable, NothingToPin, TooManyBaselines, InvalidWindow) as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_driftreport_change", args=[object_id])})

    @display(description="Tracker")
    def windows(self, report):
        address = reverse("admin:drift_deployment", args=[report.deployment_id])
        return format_html('<a class="cf-link" href="{}">windows</a>', address)

    @display(description="Deployment")
    def shown_deployment(self, report):
        return report.deployment_id

    @display(description="Verdict", label=report_page.TONES)
    def judgement(self, report):
        return report_page.state(report)

    @display(description="Score")
    def shown_score(self, report):
        return "–" if report.score is None else f"{report.score:.3f}"

    @display(description="Events (reference, current)")
    def events(self, report):
        return "–" if report.n_current is None else f"{report.n_reference:,} and {report.n_current:,}"

    @display(description="Created")
    def created(self, report):
        return ago(report.created_at)
