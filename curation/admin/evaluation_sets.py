from django.utils.html import format_html
from unfold.decorators import display

from feedback.console.presentation import ago, short_hash
from feedback.console.record_admin import RecordAdmin


class EvaluationSetAdmin(RecordAdmin):
    list_display = ["heading", "contents", "columns_shown", "shown_hash", "registered"]
    list_display_links = None
    list_select_related = ["created_by"]
    search_fields = ["name"]
    search_help_text = "Part of a set's name"
    sortable_by = []
    ordering = ["name"]
    empty_text = "Texts of evaluation sets are kept out of curated sets. Register them over the API or in the shell."
    empty_command = "python manage.py register_evaluation_set NAME FILE_OR_DIRECTORY --column question"

    def get_queryset(self, request):
        return super().get_queryset(request).with_people()

    @display(header=True, description="Set")
    def heading(self, evaluation_set):
        return [evaluation_set.name, evaluation_set.source]

    @display(description="Texts")
    def contents(self, evaluation_set):
        skipped = f", {evaluation_set.rows_skipped:,} without text" if evaluation_set.rows_skipped else ""
        return f"{evaluation_set.texts:,} of {evaluation_set.rows:,} rows{skipped}"

    @display(description="Columns")
    def columns_shown(self, evaluation_set):
        return ", ".join(evaluation_set.columns) or "–"

    @display(description="Content")
    def shown_hash(self, evaluation_set):
        return short_hash(evaluation_set.content_hash)

    @display(description="Registered")
    def registered(self, evaluation_set):
        return format_html("{} {}", evaluation_set.created_by or "command", ago(evaluation_set.created_at))
