from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from curation.review import golden
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin

ROWS_PER_PAGE = 25
_USES_SHOWN = 20


class GoldenSetAdmin(RecordAdmin):
    """Golden sets with their rows and uses. Rows are marked on the page of a curated set."""

    list_display = ["heading", "rows_shown", "uses_shown", "created"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter]
    list_select_related = ["created_by"]
    search_fields = ["name"]
    search_help_text = "Part of a set's name"
    sortable_by = []
    actions_detail = ["remove"]
    change_form_template = "curation/golden_set.html"
    fields = []
    empty_text = (
        "Golden sets hold rows whose answer a person wrote, for evaluation alone. Mark rows with “Decide on many rows”"
        " on the page of a curated set."
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def page(self, request, golden_set):
        paginator = Paginator(golden_set.rows.order_by("pk").defer("messages", "tools"), ROWS_PER_PAGE)
        paginator.count = golden_set.row_count
        return {
            "golden_set": golden_set,
            "rows": paginator.get_page(request.GET.get("page")),
            "uses": golden_set.used.select_related("by")[:_USES_SHOWN],
        }

    def has_remove_permission(self, request, object_id=None):
        return request.user.has_perm(golden.DELETE_PERMISSION)

    @action(
        description="Delete",
        icon="delete",
        variant=ActionVariant.DANGER,
        url_path="remove",
        permissions=["remove"],
        dialog={
            "title": "Delete this golden set?",
            "description": "Its rows and uses are deleted. Sets that are built from now on may have its prompts.",
            "form_submit_text": "Delete",
        },
    )
    def remove(self, request, form, object_id):
        golden_set = self.get_object(request, object_id)
        if golden_set is None or not golden.delete(golden_set.pk, by=request.user):
            raise Http404
        messages.success(request, f"{golden_set} is deleted.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:curation_goldenset_changelist")})

    @display(header=True, description="Set")
    def heading(self, golden_set):
        return [golden_set.name, golden_set.deployment_id]

    @display(description="Rows")
    def rows_shown(self, golden_set):
        return f"{golden_set.row_count:,}"

    @display(description="Uses")
    def uses_shown(self, golden_set):
        return f"{golden_set.use_count:,}"

    @display(description="Created")
    def created(self, golden_set):
        return format_html("{} {}", golden_set.created_by, ago(golden_set.created_at))
