from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from curation.admin import approving, bulk, curating, diff_page, set_page
from curation.admin.approving import ApproveForm
from curation.admin.comparing.addresses import addresses
from curation.admin.forms import NoteForm, ReasonForm, dialog
from curation.admin.reviewing.views import ReviewPages, may_review
from curation.choices import CuratedSetStatus
from curation.querysets import DECIDED, REVIEWABLE
from curation.review import approval, reopening, rows
from curation.sets import progress, requesting
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago, short_hash
from feedback.console.record_admin import RecordAdmin

STATUS_LABELS = {
    CuratedSetStatus.BUILDING: "info",
    CuratedSetStatus.IN_REVIEW: "warning",
    CuratedSetStatus.APPROVED: "success",
    CuratedSetStatus.REJECTED: "danger",
}


def go_to(curated_set_id) -> HttpResponse:
    """The response of a dialog: redirect to the page of this set."""
    return HttpResponse(headers={"HX-Redirect": reverse("admin:curation_curatedset_change", args=[curated_set_id])})


class CuratedSetAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "contents", "shown_hash", "created", "decided"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status"]
    list_select_related = ["created_by", "decided_by"]
    search_fields = ["name"]
    search_help_text = "Part of a set's name"
    sortable_by = []
    actions_list = ["curate"]
    actions_detail = ["cancel", "submit", "approve", "reject", "next_version", "reopen"]
    change_form_template = "curation/curated_set.html"
    fields = []
    empty_text = "A curated set is a selection of training examples to review. Choose Curate, or use the shell."
    empty_command = "python manage.py curate DEPLOYMENT"

    def get_queryset(self, request):
        return super().get_queryset(request).with_people().select_related("parent")

    def get_urls(self):
        new = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.new_view))
        deciding = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.decide_view))
        progressing = self.admin_site.admin_view(require_safe(self.progress_view))
        comparing = self.admin_site.admin_view(require_safe(self.diff_view))
        releasing = self.admin_site.admin_view(require_safe(self.release_view))
        return [
            path("<int:set_id>/diff/", comparing, name="curation_curatedset_diff"),
            path("<int:set_id>/release/", releasing, name="curation_curatedset_release"),
            path("new/", new, name="curation_curatedset_new"),
            path("<int:set_id>/decide/", deciding, name="curation_curatedset_decide"),
            *addresses(self),
            path("<int:set_id>/progress/", progressing, name="curation_curatedset_progress"),
            *ReviewPages(self.admin_site).urls(),
            *super().get_urls(),
        ]

    def new_view(self, request):
        """The form that asks for a set, and its preview."""
        return curating.page(request, self.admin_site.each_context(request))

    def progress_view(self, request, set_id):
        """The progress of a build, which the page of its set asks for again and again; at its end the page reloads."""
        curated_set = self._viewed(request, set_id)
        found = set_page.progress(curated_set)
        if found is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "curation/progress.html", {"curated_set": curated_set, "progress": found})

    def decide_view(self, request, set_id):
        """The page that decides on many rows of a set."""
        curated_set = self.get_object(request, set_id)
        if not (self.has_view_permission(request) and request.user.has_perm(rows.PERMISSION)):
            raise PermissionDenied
        if curated_set is None:
            raise Http404
        return bulk.page(request, curated_set, self.admin_site.each_context(request))

    def release_view(self, request, set_id):
        """What an approval would release: a page, and a part of the page of the set and of the dialog to approve it."""
        return approving.release_page(request, self._viewed(request, set_id), self.admin_site.each_context(request))

    def diff_view(self, request, set_id):
        """The page that compares a set with another version."""
        return diff_page.page(request, self._viewed(request, set_id), self.admin_site.each_context(request))

    def _viewed(self, request, set_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        curated_set = self.get_object(request, set_id)
        if curated_set is None:
            raise Http404
        return curated_set

    def page(self, request, curated_set):
        return {
            **set_page.build(curated_set, request.GET),
            "status_type": STATUS_LABELS.get(curated_set.status, ""),
            "set_id": curated_set.pk if approving.is_reviewable(curated_set) else None,
            "may_review": curated_set.status in REVIEWABLE and bool(curated_set.built_at) and may_review(request.user),
            "may_decide_rows": curated_set.status in REVIEWABLE and request.user.has_perm(rows.PERMISSION),
        }

    # Named methods, because Unfold looks up a dotted permission in the database before there are tables.
    def has_curate_permission(self, request, object_id=None):
        return request.user.has_perm(curating.PERMISSION)

    def has_submit_permission(self, request, object_id=None):
        return request.user.has_perm(approval.SUBMIT_PERMISSION)

    def has_decide_permission(self, request, object_id=None):
        return request.user.has_perm(approval.APPROVE_PERMISSION)

    def possible_actions(self, request, curated_set):
        if curated_set.status == CuratedSetStatus.BUILDING:
            return {"cancel"}
        if curated_set.status in DECIDED:
            return {"next_version", "reopen"}
        if not curated_set.content_hash:
            return set()
        steps = {"reject"}
        if curated_set.status == CuratedSetStatus.DRAFT:
            steps.add("submit")
        if not approval.needs_another_user(curated_set, by=request.user):
            steps.add("approve")
        return steps

    @action(description="Curate", icon="add", variant=ActionVariant.PRIMARY, permissions=["curate"])
    def curate(self, request):
        return HttpResponseRedirect(reverse("admin:curation_curatedset_new"))

    @action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        permissions=["curate"],
        dialog=dialog(
            "Cancel this build?", "The set stays as a draft without examples.", "Cancel the build", BaseDialogForm
        ),
    )
    def cancel(self, request, form, object_id):
        try:
            curated_set = progress.cancel(object_id, by=request.user)
        except progress.NotBuilding as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"The build of {curated_set} is cancelled.")
        return go_to(object_id)

    @action(
        description="Submit",
        icon="send",
        url_path="submit",
        permissions=["submit"],
        dialog=dialog(
            "Submit for review", "Users who can approve will find it among the sets in review.", "Submit", NoteForm
        ),
    )
    def submit(self, request, form, object_id):
        return self._decide(request, form, object_id, approval.submit, "is in review")

    @action(
        description="Approve",
        icon="check",
        variant=ActionVariant.PRIMARY,
        url_path="approve",
        permissions=["decide"],
        dialog=dialog(
            "Approve this set", "It can then be exported and can no longer be changed.", "Approve", ApproveForm
        ),
    )
    def approve(self, request, form, object_id):
        return self._decide(request, form, object_id, approval.approve, "is approved and now read-only")

    @action(
        description="Reject",
        icon="close",
        variant=ActionVariant.DANGER,
        url_path="reject",
        permissions=["decide"],
        dialog=dialog("Reject this set", "It is kept as a record and can never be exported.", "Reject", ReasonForm),
    )
    def reject(self, request, form, object_id):
        return self._decide(request, form, object_id, approval.reject, "is rejected")

    @action(
        description="Build the next version",
        icon="refresh",
        url_path="next-version",
        permissions=["curate"],
        dialog=dialog(
            "Build the next version?",
            "A worker selects again as this set was requested, from the events that are there now. "
            "What was exported before counts as new.",
            "Build",
            BaseDialogForm,
        ),
    )
    def next_version(self, request, form, object_id):
        try:
            curated_set = requesting.request_next(self.get_object(request, object_id), by=request.user)
        except requesting.TooManyBuilding as error:
            messages.error(request, str(error))
            return go_to(object_id)
        messages.success(request, f"{curated_set} is being built.")
        return go_to(curated_set.pk)

    @action(
        description="Reopen",
        icon="edit_square",
        url_path="reopen",
        permissions=["curate"],
        dialog=dialog(
            "Reopen as a new draft?",
            "The draft gets a copy of every row that is not erased, with the decisions on it. This set stays as it is.",
            "Reopen",
            BaseDialogForm,
        ),
    )
    def reopen(self, request, form, object_id):
        try:
            curated_set = reopening.reopen(object_id, by=request.user)
        except reopening.NotDecided as error:
            messages.error(request, str(error))
            return go_to(object_id)
        messages.success(request, f"{curated_set} is a draft with the same rows.")
        return go_to(curated_set.pk)

    def _decide(self, request, form, object_id, decide, outcome):
        try:
            curated_set = decide(object_id, by=request.user, note=form.cleaned_data["note"])
        except approval.ReviewNotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{curated_set} {outcome}.")
        return go_to(object_id)

    @display(header=True, description="Set")
    def heading(self, curated_set):
        return [curated_set.title, curated_set.deployment_id]

    @display(description="Status", label={**STATUS_LABELS, "failed": "danger"})
    def status_label(self, curated_set):
        if curated_set.error:
            return "failed", "No examples"
        return curated_set.status, curated_set.get_status_display()

    @display(description="Examples")
    def contents(self, curated_set):
        others = [("queue", curated_set.queue_total), ("pairs", curated_set.pairs)]
        besides = [f"{name} {count:,}" for name, count in others if count]
        if not curated_set.counts:
            return "; ".join(besides) or "–"
        parts = (f"{strategy.label.lower()} {count:,}" for strategy, count in curated_set.by_strategy.items())
        return "; ".join([f"{curated_set.total:,} ({', '.join(parts)})", *besides])

    @display(description="Content")
    def shown_hash(self, curated_set):
        return short_hash(curated_set.content_hash)

    @display(description="Created")
    def created(self, curated_set):
        return format_html("{} {}", curated_set.created_by or "automatic", ago(curated_set.created_at))

    @display(description="Decided")
    def decided(self, curated_set):
        if curated_set.decided_by is None:
            return "–"
        return format_html("{} {}", curated_set.decided_by, ago(curated_set.decided_at))
