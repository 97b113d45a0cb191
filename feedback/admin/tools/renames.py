from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from feedback.admin.filters import DeploymentFilter
from feedback.choices import RenameStatus
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.deployments.renames import deciding, proposing
from feedback.models import Deployment

STATUS_LABELS = {
    RenameStatus.PROPOSED: "warning",
    RenameStatus.CONFIRMED: "success",
    RenameStatus.REJECTED: "danger",
}
EVIDENCE = {
    "kinds": "Kinds of arguments",
    "arguments": "Names of arguments",
    "results": "Keys of results",
    "names": "Names of the tools",
}


class ProposeForm(BaseDialogForm):
    deployment = forms.ModelChoiceField(
        Deployment.objects.listed(), empty_label="Select a deployment", widget=UnfoldAdminSelectWidget
    )
    since = forms.DateTimeField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-05-04 12:00", "autocomplete": "off"}),
        help_text="When the new names began, in UTC. Empty: when the newest list without a tool of the list before was "
        "first seen, or else seven days ago.",
    )


@dataclass(frozen=True)
class Side:
    """One of the two tools: what its calls hold."""

    title: str
    name: str
    shape: dict


class ToolRenameAdmin(RecordAdmin):
    list_display = ["heading", "shown_similarity", "status_label", "proposed", "decided"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status"]
    list_select_related = ["decided_by"]
    sortable_by = []
    actions_list = ["propose"]
    actions_detail = ["confirm", "reject", "reopen"]
    change_form_template = "feedback/tool_rename.html"
    fields = []
    empty_text = (
        "When tools of a deployment are gone, choose Propose to find the new ones that they became, or use the shell. "
        "Nothing uses a proposal until a person confirms it."
    )
    empty_command = "python manage.py propose_tool_renames DEPLOYMENT"

    def page(self, request, rename):
        return {
            "rename": rename,
            "status_type": STATUS_LABELS[rename.status],
            "sides": [Side("Old", rename.old_name, rename.old_shape), Side("New", rename.new_name, rename.new_shape)],
            "evidence": [(label, rename.evidence[name]) for name, label in EVIDENCE.items() if name in rename.evidence],
        }

    # Named methods, because Unfold looks up a dotted permission in the database before there are tables.
    def has_propose_permission(self, request):
        return request.user.has_perm(proposing.PERMISSION)

    def has_decide_permission(self, request, object_id=None):
        return request.user.has_perm(deciding.PERMISSION)

    def possible_actions(self, request, rename):
        return {"confirm", "reject"} if rename.status == RenameStatus.PROPOSED else {"reopen"}

    @action(
        description="Propose",
        icon="compare_arrows",
        variant=ActionVariant.PRIMARY,
        permissions=["propose"],
        dialog={
            "title": "Propose new names",
            "description": "A worker compares the calls of tools that are gone with those of new ones.",
            "form_submit_text": "Propose",
            "form_class": ProposeForm,
        },
    )
    def propose(self, request, form):
        deployment, since = form.cleaned_data["deployment"], form.cleaned_data["since"]
        try:
            proposing.request(deployment.pk, by=request.user, since=since)
        except proposing.InvalidComparison as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"The tools of {deployment} are being compared. Reload this page for proposals.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_toolrename_changelist")})

    @action(
        description="Confirm",
        icon="check",
        variant=ActionVariant.PRIMARY,
        url_path="confirm",
        permissions=["decide"],
        dialog={
            "title": "Confirm this name?",
            "description": "The old name then stands for the new one where names of tools are mapped.",
            "form_submit_text": "Confirm",
        },
    )
    def confirm(self, request, form, object_id):
        return self._decide(request, object_id, deciding.confirm, "is confirmed")

    @action(
        description="Reject",
        icon="close",
        variant=ActionVariant.DANGER,
        url_path="reject",
        permissions=["decide"],
        dialog={
            "title": "Reject this name?",
            "description": "These are two different tools. The pair is not proposed again.",
            "form_submit_text": "Reject",
        },
    )
    def reject(self, request, form, object_id):
        return self._decide(request, object_id, deciding.reject, "is rejected")

    @action(
        description="Reopen",
        icon="undo",
        url_path="reopen",
        permissions=["decide"],
        dialog={
            "title": "Reopen this decision?",
            "description": "The name is a proposal again, and nothing uses it.",
            "form_submit_text": "Reopen",
        },
    )
    def reopen(self, request, form, object_id):
        return self._decide(request, object_id, deciding.reopen, "is open again")

    def _decide(self, request, object_id, decide, outcome):
        try:
            rename = decide(object_id, by=request.user)
        except deciding.RenameNotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{rename} {outcome}.")
        address = reverse("admin:feedback_toolrename_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": address})

    @display(header=True, description="Tool")
    def heading(self, rename):
        return [str(rename), rename.deployment_id]

    @display(description="Similarity")
    def shown_similarity(self, rename):
        return f"{rename.similarity:.2f}"

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, rename):
        return rename.status, rename.get_status_display()

    @display(description="Proposed")
    def proposed(self, rename):
        return ago(rename.proposed_at)

    @display(description="Decided")
    def decided(self, rename):
        return format_html("{} {}", rename.decided_by, ago(rename.decided_at)) if rename.decided_by else "–"
