"""The page that asks before a deployment is deleted, and the list of deletions."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import display

from curation.admin.traffic import CuratableDeploymentAdmin
from exports.choices import DeletionStatus
from exports.deletions import contents, deleting
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin

STATUS_LABELS = {
    DeletionStatus.REQUESTED: "warning",
    DeletionStatus.RUNNING: "info",
    DeletionStatus.COMPLETED: "success",
}


class ConfirmationForm(forms.Form):
    name = forms.CharField(strip=True, widget=forms.TextInput(attrs={"class": "cf-input", "autocomplete": "off"}))

    def __init__(self, *args, deployment_id: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.deployment_id = deployment_id

    def clean_name(self):
        if self.cleaned_data["name"] != self.deployment_id:
            raise forms.ValidationError(f"Enter {self.deployment_id} to confirm.")
        return self.deployment_id


class DeletableDeploymentAdmin(CuratableDeploymentAdmin):
    """The page of a deployment, with its deletion."""

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm(deleting.PERMISSION)

    def get_actions(self, request):
        """Deployments are deleted one by one, on a page that says what goes."""
        return {}

    def delete_view(self, request, object_id, extra_context=None):
        if not self.has_delete_permission(request):
            raise PermissionDenied
        deployment = self.get_object(request, object_id)
        if deployment is None:
            raise Http404
        form = ConfirmationForm(request.POST or None, deployment_id=deployment.pk)
        if form.is_valid():
            deletion = deleting.request(deployment.pk, by=request.user)
            messages.success(request, f"{deployment} is archived and being deleted.")
            return HttpResponseRedirect(reverse("admin:exports_deploymentdeletion_change", args=[deletion.pk]))
        page = {
            **self.admin_site.each_context(request),
            "title": f"Delete {deployment}?",
            "opts": self.opts,
            "deployment": deployment,
            "contents": contents.of(deployment.pk),
            "form": form,
        }
        return TemplateResponse(request, "exports/delete_deployment.html", page)


class DeploymentDeletionAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "events", "signals", "sets", "kept_sets", "requested"]
    list_display_links = ["heading"]
    list_filter = ["status"]
    list_select_related = ["requested_by"]
    fields = [
        *("deployment_id", "status", "events", "signals", "sets", "records", "kept_sets", "error"),
        *("requested_by", "created_at", "cleared_at", "completed_at"),
    ]
    sortable_by = []
    empty_text = "No deployment was deleted. Open a deployment and choose Delete."

    @display(description="Deployment")
    def heading(self, deletion):
        return deletion.deployment_id

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, deletion):
        return deletion.status, deletion.get_status_display()

    @display(description="Requested")
    def requested(self, deletion):
        return f"{deletion.requested_by}, {ago(deletion.created_at)}"
