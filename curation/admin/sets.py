from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.datasets import BaseDataset
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from curation.admin.forms import CurateForm, NoteForm, ReasonForm, dialog
from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedExample
from curation.querysets import REVIEWABLE
from curation.review import approval
from curation.sets import requesting, withdrawn
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago, excerpt, short_hash, short_id
from feedback.console.record_admin import RecordAdmin

STATUS_LABELS = {
    CuratedSetStatus.BUILDING: "info",
    CuratedSetStatus.IN_REVIEW: "warning",
    CuratedSetStatus.APPROVED: "success",
    CuratedSetStatus.REJECTED: "danger",
}
STRATEGY_LABELS = {
    Strategy.USER_EDIT: "success",
    Strategy.HIGH_QUALITY: "success",
    Strategy.HARD_EXAMPLE: "danger",
    Strategy.DIVERSE: "info",
}
VIEW_SETS = "curation.view_curatedset"


def go_to(curated_set_id) -> HttpResponse:
    """The response of a dialog: redirect to the page of this set."""
    return HttpResponse(headers={"HX-Redirect": reverse("admin:curation_curatedset_change", args=[curated_set_id])})


class CuratedExampleAdmin(RecordAdmin):
    list_display = ["heading", "strategy_label", "shown_score", "answer", "reason", "event"]
    list_display_links = ["heading"]
    list_per_page = 25
    paginator = Paginator
    sortable_by = []
    ordering = ["position"]
    change_form_template = "curation/curated_example.html"
    fields = []
    empty_text = "Examples appear here when the set is built."

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("curated_set")

    def changelist_view(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("admin:curation_curatedset_changelist"))

    def has_module_permission(self, request):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(VIEW_SETS)

    @display(header=True, description="Prompt")
    def heading(self, example):
        return [excerpt(example.prompt), example.model_version_id or "no version"]

    @display(description="Strategy", label=STRATEGY_LABELS)
    def strategy_label(self, example):
        return example.strategy, example.get_strategy_display()

    @display(description="Score")
    def shown_score(self, example):
        return f"{example.score:.2f}"

    @display(description="Answer")
    def answer(self, example):
        return excerpt(example.edited_response or example.response) or "(empty)"

    @display(description="Event")
    def event(self, example):
        address = reverse("admin:feedback_event_change", args=[example.event_id])
        return format_html('<a class="cf-link" href="{}">{}</a>', address, short_id(example.event_id))


class ExamplesOfSetAdmin(CuratedExampleAdmin):
    def get_queryset(self, request):
        return super().get_queryset(request).filter(curated_set_id=self.extra_context["object"])


class Examples(BaseDataset):
    model = CuratedExample
    model_admin = ExamplesOfSetAdmin


class CuratedSetAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "contents", "shown_hash", "created", "decided"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status"]
    list_select_related = ["created_by", "decided_by"]
    search_fields = ["name"]
    search_help_text = "Part of a set's name"
    sortable_by = []
    actions_list = ["curate"]
    actions_detail = ["submit", "approve", "reject"]
    change_form_template = "curation/curated_set.html"
    change_form_datasets = [Examples]
    fields = []
    empty_text = "A curated set is a selection of training examples to review. Choose Curate, or use the shell."
    empty_command = "python manage.py curate DEPLOYMENT"

    def get_queryset(self, request):
        return super().get_queryset(request).with_people()

    def page(self, request, curated_set):
        return {
            "curated_set": curated_set,
            "status_type": STATUS_LABELS.get(curated_set.status, ""),
            "counts": [(strategy.label, count) for strategy, count in curated_set.by_strategy.items()],
            "strategies": ", ".join(Strategy(key).label for key in curated_set.strategies),
            "withdrawn": withdrawn.count(curated_set),
            "decisions": curated_set.decisions.select_related("by"),
        }

    # Named methods, because Unfold looks up a dotted permission in the database before there are tables.
    def has_curate_permission(self, request):
        return request.user.has_perm("curation.add_curatedset")

    def has_submit_permission(self, request, object_id=None):
        return request.user.has_perm(approval.SUBMIT_PERMISSION)

    def has_decide_permission(self, request, object_id=None):
        return request.user.has_perm(approval.APPROVE_PERMISSION)

    def possible_actions(self, request, curated_set):
        if not curated_set.content_hash or curated_set.status not in REVIEWABLE:
            return set()
        steps = {"reject"}
        if curated_set.status == CuratedSetStatus.DRAFT:
            steps.add("submit")
        if not approval.needs_another_user(curated_set, by=request.user):
            steps.add("approve")
        return steps

    @action(
        description="Curate",
        icon="add",
        variant=ActionVariant.PRIMARY,
        permissions=["curate"],
        dialog=dialog(
            "Curate a deployment",
            "A worker reads the newest events and signals and builds a draft.",
            "Curate",
            CurateForm,
        ),
    )
    def curate(self, request, form):
        wanted = form.cleaned_data
        try:
            curated_set = requesting.request(
                wanted["deployment"].pk, name=wanted["name"], limit=wanted["limit"], by=request.user
            )
        except requesting.TooManyBuilding as error:
            messages.error(request, str(error))
            return HttpResponse(headers={"HX-Redirect": reverse("admin:curation_curatedset_changelist")})
        messages.success(request, f"{curated_set} is being built. Reload this page to see its examples.")
        return go_to(curated_set.pk)

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
        dialog=dialog("Approve this set", "It can then be exported and can no longer be changed.", "Approve", NoteForm),
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
        return [f"{curated_set.name} v{curated_set.version}", curated_set.deployment_id]

    @display(description="Status", label={**STATUS_LABELS, "failed": "danger"})
    def status_label(self, curated_set):
        if curated_set.error:
            return "failed", "No examples"
        return curated_set.status, curated_set.get_status_display()

    @display(description="Examples")
    def contents(self, curated_set):
        parts = (f"{strategy.label.lower()} {count:,}" for strategy, count in curated_set.by_strategy.items())
        return f"{curated_set.total:,} ({', '.join(parts)})" if curated_set.counts else "–"

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
