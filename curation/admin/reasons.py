from unfold.admin import ModelAdmin
from unfold.decorators import display

from curation.review import reasons
from feedback.console.list_filters import NamedFilters


class DropReasonAdmin(NamedFilters, ModelAdmin):
    """The reasons to drop a row, to be changed by those who may. A code stays, because decisions name it."""

    list_display = ["heading", "key", "about"]
    sortable_by = []
    fields = ["key", "name", "code", "is_about_the_answer"]
    warn_unsaved_form = True
    empty_text = "No reasons. Rows are dropped without one, and count as bad answers."

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(header=True, description="Reason")
    def heading(self, reason):
        return [reason.name, reason.code]

    @display(description="Says of the answer", label={"bad": "danger", "right": "success", "nothing": ""})
    def about(self, reason):
        return {0.0: "bad", 1.0: "right", None: "nothing"}[reasons.says(reason)]
