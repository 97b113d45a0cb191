from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from curation.admin.sets import CuratedSetAdmin
from curation.models import CuratedSet
from curation.querysets import EXPORTABLE
from drift.models import TriggerRule
from exports.batches import deletion, downloads, requesting
from exports.batches.encodings import FORMAT_CHOICES, PRODUCT_CHOICES
from exports.batches.options import InvalidOption
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus, LeftOut, Profile
from exports.deletions.admin import DeletableDeploymentAdmin, DeploymentDeletionAdmin
from exports.erasures.admin import ErasableEventAdmin, ErasureAdmin
from exports.models import DeploymentDeletion, Erasure, ExportBatch, TriggeredSet
from exports.querysets import APPROVABLE
from exports.triggered.admin import CuratingTriggerRuleAdmin
from feedback.console.presentation import ago, short_hash
from feedback.console.record_admin import RecordAdmin
from feedback.models import Deployment, Event

STATUS_LABELS = {
    ExportStatus.REQUESTED: "warning",
    ExportStatus.APPROVED: "info",
    ExportStatus.RUNNING: "info",
    ExportStatus.VALIDATED: "info",
    ExportStatus.PUBLISHED: "success",
    ExportStatus.FAILED: "danger",
}


class ExportForm(BaseDialogForm):
    format = forms.ChoiceField(choices=FORMAT_CHOICES, widget=UnfoldAdminSelectWidget)
    product = forms.ChoiceField(
        choices=[("", "What the format holds"), *PRODUCT_CHOICES], required=False, widget=UnfoldAdminSelectWidget
    )
    profile = forms.ChoiceField(
        choices=Profile.choices, widget=UnfoldAdminSelectWidget, help_text="How conversations are formatted."
    )
    only_new = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Leave out rows that left in a published export of the same product.",
    )


def page_of(batch_id) -> str:
    return reverse("admin:exports_exportbatch_change", args=[batch_id])


@admin.register(ExportBatch)
class ExportBatchAdmin(RecordAdmin):
    list_display = ["heading", "format", "status_label", "shown_rows", "size", "digest", "requested", "published"]
    list_display_links = ["heading"]
    list_filter = ["status", "format"]
    list_select_related = ["curated_set", "requested_by"]
    search_fields = ["curated_set__name", "curated_set__deployment__id"]
    search_help_text = "Part of a set's name or deployment"
    sortable_by = []
    actions_detail = ["approve", "download", "delete_files"]
    change_form_template = "exports/export.html"
    fields = []
    empty_text = "Exports are the files of approved sets. Choose Export on a set's page, or use the shell."
    empty_command = "python manage.py export DEPLOYMENT --format jsonl"

    def get_queryset(self, request):
        return super().get_queryset(request).with_people()

    def page(self, request, batch):
        return {
            "batch": batch,
            "status_type": STATUS_LABELS[batch.status],
            "excluded": [(LeftOut(reason).label, count) for reason, count in batch.excluded.items()],
            "left_out": [(event_id, LeftOut(reason).label) for event_id, reason in batch.left_out],
        }

    def possible_actions(self, request, batch):
        if batch.has_files:
            return {"download", "delete_files"}
        return {"approve"} if batch.status in APPROVABLE else set()

    def has_approve_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.APPROVE_PERMISSION)

    def has_delete_files_permission(self, request, object_id=None):
        return request.user.has_perm(deletion.PERMISSION)

    def has_download_permission(self, request, object_id=None):
        return self.has_view_permission(request)

    @action(
        description="Approve",
        icon="check",
        variant=ActionVariant.PRIMARY,
        url_path="approve",
        permissions=["approve"],
        dialog={
            "title": "Approve this export",
            "description": "A worker writes the file, which can then be downloaded.",
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request, form, object_id):
        try:
            batch = requesting.approve(object_id, by=request.user)
        except requesting.ExportNotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{batch} is approved and being written. Reload this page to see the file.")
        return HttpResponse(headers={"HX-Redirect": page_of(object_id)})

    @action(
        description="Download",
        icon="download",
        variant=ActionVariant.PRIMARY,
        url_path="download",
        permissions=["download"],
    )
    def download(self, request, object_id):
        batch = self.get_object(request, object_id)
        try:
            return downloads.response(batch)
        except (downloads.NotPublished, downloads.FileGone, TargetUnusable) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(page_of(object_id))

    @action(
        description="Delete files",
        icon="delete",
        url_path="delete-files",
        permissions=["delete_files"],
        dialog={
            "title": "Delete the files of this export",
            "description": "The files are deleted permanently and cannot be written again. "
            "Their names, sizes and hashes stay on record.",
            "form_submit_text": "Delete",
        },
    )
    def delete_files(self, request, form, object_id):
        try:
            batch = deletion.delete_files(object_id, by=request.user)
        except (requesting.ExportNotAllowed, TargetUnusable) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"The files of {batch} are deleted.")
        return HttpResponse(headers={"HX-Redirect": page_of(object_id)})

    @display(header=True, description="Set")
    def heading(self, batch):
        return [f"{batch.curated_set.name} v{batch.curated_set.version}", batch.curated_set.deployment_id]

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, batch):
        return batch.status, batch.get_status_display()

    @display(description="Rows")
    def shown_rows(self, batch):
        return "–" if batch.rows is None else f"{batch.rows:,}"

    @display(description="Size")
    def size(self, batch):
        return "–" if batch.bytes is None else filesizeformat(batch.bytes)

    @display(description="SHA-256")
    def digest(self, batch):
        return short_hash(batch.sha256)

    @display(description="Requested")
    def requested(self, batch):
        return format_html("{} {}", batch.requested_by, ago(batch.created_at))

    @display(description="Published")
    def published(self, batch):
        return ago(batch.published_at)


admin.site.register(Erasure, ErasureAdmin)
admin.site.register(DeploymentDeletion, DeploymentDeletionAdmin)
admin.site.unregister(Deployment)
admin.site.register(Deployment, DeletableDeploymentAdmin)
admin.site.unregister(Event)
admin.site.register(Event, ErasableEventAdmin)
admin.site.unregister(TriggerRule)
admin.site.register(TriggerRule, CuratingTriggerRuleAdmin)
admin.site.unregister(CuratedSet)


@admin.register(CuratedSet)
class ExportableSetAdmin(CuratedSetAdmin):
    """The page of a curated set, with the Export action."""

    actions_detail = [*CuratedSetAdmin.actions_detail, "export"]

    def page(self, request, curated_set):
        found = super().page(request, curated_set)
        started = TriggeredSet.objects.filter(curated_set=curated_set).select_related("firing").first()
        return {**found, "asked": [*found["asked"], ("Started by", started.firing)]} if started else found

    def possible_actions(self, request, curated_set):
        steps = super().possible_actions(request, curated_set)
        return steps | {"export"} if curated_set.status in EXPORTABLE else steps

    def has_export_permission(self, request, object_id=None):
        return request.user.has_perm("exports.add_exportbatch")

    @action(
        description="Export",
        icon="outbox",
        variant=ActionVariant.PRIMARY,
        url_path="export",
        permissions=["export"],
        dialog={
            "title": "Export this set",
            "description": "The export is written once it is approved.",
            "form_submit_text": "Request",
            "form_class": ExportForm,
        },
    )
    def export(self, request, form, object_id):
        try:
            wanted = {name: form.cleaned_data[name] for name in ("format", "product", "profile", "only_new")}
            batch, is_new = requesting.request(object_id, by=request.user, **wanted)
        except (requesting.ExportNotAllowed, InvalidOption) as error:
            messages.error(request, str(error))
            return HttpResponse(headers={"HX-Redirect": reverse("admin:curation_curatedset_change", args=[object_id])})
        if is_new:
            messages.success(request, f"{batch} is requested.")
        else:
            messages.info(request, f"{batch} was already requested. This is the existing export.")
        return HttpResponse(headers={"HX-Redirect": page_of(batch.pk)})
