import structlog
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from curation.review import marking
from exports import api
from exports.admin import manifest_facts, preview_facts
from exports.admin.forms import ApproveForm, LinkForm, RejectForm
from exports.batches import deletion, downloads, requesting
from exports.batches.review import approval, preview
from exports.batches.spooling import NoSpace
from exports.batches.target import TargetUnusable
from exports.choices import ExportStatus, LeftOut
from exports.models import ExportBatch
from exports.querysets import APPROVABLE, UNFINISHED
from feedback.console.presentation import ago, short_hash
from feedback.console.record_admin import RecordAdmin

log = structlog.get_logger(__name__)

STATUS_LABELS = {
    ExportStatus.REQUESTED: "warning",
    ExportStatus.APPROVED: "info",
    ExportStatus.RUNNING: "info",
    ExportStatus.VALIDATED: "info",
    ExportStatus.PUBLISHED: "success",
    ExportStatus.FAILED: "danger",
    ExportStatus.REJECTED: "danger",
}


def _stage(batch: ExportBatch) -> str:
    if batch.status == ExportStatus.APPROVED:
        return "Waiting for a worker"
    if batch.status == ExportStatus.VALIDATED:
        return "Publishing"
    return "Reading rows" if batch.rows_done < batch.rows_total else "Writing and checking files"


def page_of(batch_id) -> str:
    return reverse("admin:exports_exportbatch_change", args=[batch_id])


class ExportBatchAdmin(RecordAdmin):
    list_display = ["heading", "format", "status_label", "shown_rows", "size", "digest", "requested", "published"]
    list_display_links = ["heading"]
    list_filter = ["status", "format"]
    list_select_related = ["curated_set", "requested_by"]
    search_fields = ["curated_set__name", "curated_set__deployment__id"]
    search_help_text = "Part of a set's name or deployment"
    sortable_by = []
    actions_detail = ["approve", "reject", "cancel", "download", "link", "delete_files"]
    change_form_template = "exports/export.html"
    fields = []
    empty_text = "Exports are the files of approved sets. Choose Export on a set's page, or use the shell."
    empty_command = "python manage.py export DEPLOYMENT --format jsonl"

    def get_queryset(self, request):
        return super().get_queryset(request).with_people()

    def get_urls(self):
        progressing = self.admin_site.admin_view(require_safe(self.progress_view))
        previewing = self.admin_site.admin_view(require_safe(self.preview_view))
        return [
            path("<int:batch_id>/progress/", progressing, name="exports_exportbatch_progress"),
            path("<int:batch_id>/preview/", previewing, name="exports_exportbatch_preview"),
            *super().get_urls(),
        ]

    def progress_view(self, request, batch_id):
        """How far a worker is, which the page of an export asks for again and again; at the end the page reloads."""
        batch = self.viewed(request, batch_id)
        if batch.status not in UNFINISHED:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "exports/progress.html", {"batch": batch, "stage": _stage(batch)})

    def preview_view(self, request, batch_id):
        """What would leave, which the page of an export and the dialog to approve it ask for."""
        batch = self.viewed(request, batch_id)
        try:
            found = preview.of(batch)
        except NoSpace as error:
            return TemplateResponse(request, "exports/preview.html", {"error": str(error)})
        return TemplateResponse(request, "exports/preview.html", preview_facts.build(found))

    def _link(self, request, batch):
        """The link for which the dialog asked, as `link` in the address of the page."""
        hours = request.GET.get("link", "")
        if not batch.has_files or not hours.isdecimal() or not 1 <= int(hours) <= downloads.MOST_LINK_HOURS:
            return None
        token, expires_at = downloads.link_token(batch, hours=int(hours))
        log.info("export_link_made", export=batch.pk, by=request.user.pk, expires_at=expires_at.isoformat())
        return {"url": api.link(request, batch, token), "expires_at": expires_at}

    def page(self, request, batch):
        decisions = list(batch.decisions.all())
        is_rejected = batch.status == ExportStatus.REJECTED
        return {
            "batch": batch,
            "decisions": decisions,
            "link": self._link(request, batch),
            "batch_id": batch.pk if batch.status in APPROVABLE else None,
            "manifest": manifest_facts.build(batch.manifest),
            "rejection": decisions[-1] if is_rejected and decisions else None,
            "stage": _stage(batch) if batch.status in UNFINISHED else "",
            "status_type": STATUS_LABELS.get(batch.status, ""),
            "excluded": [(LeftOut(reason).label, count) for reason, count in batch.excluded.items()],
            "changes": marking.changes(batch.curated_set_id),
            "left_out": [(event_id, LeftOut(reason).label) for event_id, reason in batch.left_out],
        }

    def possible_actions(self, request, batch):
        if batch.has_files:
            return {"download", "link", "delete_files"}
        if batch.status in UNFINISHED:
            return {"cancel"}
        if batch.status not in APPROVABLE:
            return set()
        return {"reject"} if approval.needs_another_user(batch, by=request.user) else {"approve", "reject"}

    def has_approve_permission(self, request, object_id=None):
        return request.user.has_perm(approval.APPROVE_PERMISSION)

    def has_cancel_permission(self, request, object_id=None):
        return request.user.has_perm(approval.CANCEL_PERMISSION)

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
            "form_class": ApproveForm,
        },
    )
    def approve(self, request, form, object_id):
        return self._decide(request, object_id, approval.approve, "is approved and being written")

    @action(
        description="Reject",
        icon="close",
        variant=ActionVariant.DANGER,
        url_path="reject",
        permissions=["approve"],
        dialog={
            "title": "Reject this export",
            "description": "No file is written. The same request opens the export again.",
            "form_submit_text": "Reject",
            "form_class": RejectForm,
        },
    )
    def reject(self, request, form, object_id):
        return self._decide(request, object_id, approval.reject, "is rejected", note=form.cleaned_data["note"])

    @action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        permissions=["cancel"],
        dialog={
            "title": "Cancel this export?",
            "description": "The worker stops and publishes nothing. The export can be approved again.",
            "form_submit_text": "Cancel the export",
        },
    )
    def cancel(self, request, form, object_id):
        return self._decide(request, object_id, approval.cancel, "is cancelled")

    def _decide(self, request, object_id, decide, outcome, **facts):
        try:
            batch = decide(object_id, by=request.user, **facts)
        except requesting.ExportNotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{batch} {outcome}.")
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
        description="Link",
        icon="link",
        url_path="link",
        permissions=["download"],
        dialog={
            "title": "Make a link to the files",
            "description": "Anyone who has the link can download the files until it expires, without an account or a "
            "key.",
            "form_submit_text": "Make a link",
            "form_class": LinkForm,
        },
    )
    def link(self, request, form, object_id):
        return HttpResponse(headers={"HX-Redirect": f"{page_of(object_id)}?link={form.cleaned_data['hours']}"})

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
        return [batch.curated_set.title, batch.curated_set.deployment_id]

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
