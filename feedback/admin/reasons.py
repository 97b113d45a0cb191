from unfold.decorators import display

from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin


class RejectionReasonAdmin(RecordAdmin):
    list_display = ["sentence", "field_name", "items", "sender", "shown_deployment", "hour"]
    list_display_links = None
    list_filter = [DeploymentFilter, "kind"]
    list_select_related = ["key"]
    ordering = ["-hour_at", "-pk"]
    sortable_by = []
    empty_text = (
        "Why items were rejected when they arrived, counted by key, field and hour. An empty list is good news."
    )

    @display(header=True, description="Reason")
    def sentence(self, reason):
        return [reason.message, f"{reason.get_kind_display()} · {reason.code}"]

    @display(description="Field")
    def field_name(self, reason):
        return reason.field or "–"

    @display(description="Items")
    def items(self, reason):
        return f"{reason.count:,}"

    @display(description="API key")
    def sender(self, reason):
        if reason.key_id is None:
            return "a file"
        return str(reason.key) if reason.key else f"deleted key {reason.key_id}"

    @display(description="Deployment")
    def shown_deployment(self, reason):
        return reason.deployment_id or "not known"

    @display(description="Hour")
    def hour(self, reason):
        return ago(reason.hour_at)
