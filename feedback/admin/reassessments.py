"""Reassessments: the list, the page of one with its progress, and the action that starts one."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from feedback.choices import ReassessmentStatus
from feedback.console.record_admin import RecordAdmin
from feedback.reassessing import requesting

STATUS_LABELS = {
    ReassessmentStatus.REQUESTED: "warning",
    ReassessmentStatus.RUNNING: "info",
    ReassessmentStatus.COMPLETED: "success",
    ReassessmentStatus.FAILED: "danger",
    ReassessmentStatus.CANCELLED: "warning",
}


class ReassessForm(BaseDialogForm):
    occurred_from = forms.DateTimeField(
        label="From",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-05-01 00:00"}),
        help_text="Events from this time on, in UTC. Empty: from the first.",
    )
    occurred_to = forms.DateTimeField(
        label="To",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-06-01 00:00"}),
        help_text="Events before this time. Empty: now.",
    )
    model_version_id = forms.CharField(
        label="Model version", required=False, max_length=255, widget=UnfoldAdminTextInputWidget
    )
    profile = forms.CharField(
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text="Empty: the deployment's, whose scores replace those of the events. default, crucible or a version "
        "that the deployment had: those scores are stored beside.",
    )


class ReassessableDeploymentAdmin(ModelAdmin):
    """The page of a deployment, with the action that scores its events again."""

    def has_reassess_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.PERMISSION)

    @action(
        description="Reassess",
        icon="refresh",
        url_path="reassess",
        permissions=["reassess"],
        dialog={
            "title": "Score events again",
            "description": "A worker scores the events of a range, batch by batch, and counts them again. Events whose "
            "texts were dropped keep their scores.",
            "form_submit_text": "Start",
            "form_class": ReassessForm,
        },
    )
    def reassess(self, request, form, object_id):
        given = form.cleaned_data
        try:
            job = requesting.request(
                unquote(object_id),
                by=request.user,
                start=given["occurred_from"],
                end=given["occurred_to"],
                model_version_id=given["model_version_id"],
                profile=given["profile"],
            )
        except (requesting.InvalidReassessment, requesting.ReassessmentNotAllowed) as error:
            messages.error(request, str(error))
            return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_deployment_change", args=[object_id])})
        return HttpResponse(headers={"HX-Redirect": _page_of(job.pk)})


class ReassessmentAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "deployment_id", "version", "shown_progress", "shown_means"]
    list_display_links = ["heading"]
    list_filter = ["status"]
    list_select_related = ["requested_by"]
    search_fields = ["deployment_id"]
    sortable_by = []
    actions_detail = ["cancel"]
    change_form_template = "feedback/reassessment.html"
    fields = []
    empty_text = "To score events of a deployment again, choose Reassess on its page, or use the shell."
    empty_command = "python manage.py reassess DEPLOYMENT --from 2026-05-01"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("requested_by")

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.progress_view))
        return [path("<int:job_id>/progress/", view, name="feedback_reassessment_progress"), *super().get_urls()]

    def page(self, request, job):
        return {"job": job, "status_type": STATUS_LABELS[job.status]}

    def possible_actions(self, request, job):
        return self.actions_detail if job.is_unfinished else []

    def has_cancel_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.PERMISSION)

    def progress_view(self, request, job_id):
        """How far a worker is, which the page asks for again and again; at the end the page reloads."""
        job = self.viewed(request, job_id)
        if not job.is_unfinished:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "feedback/reassessment_progress.html", {"job": job})

    @action(
        description="Cancel",
        icon="cancel",
        url_path="cancel",
        permissions=["cancel"],
        dialog={
            "title": "Cancel this reassessment?",
            "description": "It stops after the batch in hand. What is scored stays.",
            "form_submit_text": "Cancel it",
        },
    )
    def cancel(self, request, form, object_id):
        try:
            requesting.cancel(self.get_object(request, object_id), by=request.user)
        except requesting.ReassessmentNotAllowed as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": _page_of(object_id)})

    @display(header=True, description="Reassessment")
    def heading(self, job):
        return [str(job), f"{job.requested_by} · {job.created_at:%Y-%m-%d %H:%M}"]

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, job):
        return job.status, job.get_status_display()

    @display(description="Events")
    def shown_progress(self, job):
        return f"{job.done:,}" if job.total is None else f"{job.done:,} of {job.total:,}"

    @display(description="Mean before → after")
    def shown_means(self, job):
        return "" if job.mean_before is None else f"{job.mean_before:.3f} → {job.mean_after:.3f}"


def _page_of(job_id) -> str:
    return reverse("admin:feedback_reassessment_change", args=[job_id])
