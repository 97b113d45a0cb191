from django.contrib import admin
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.views import ChangeList

from feedback import event_page
from feedback.admin_deployments import DeploymentAdmin
from feedback.admin_filters import (
    DeploymentFilter,
    ModelVersionFilter,
    QualityFilter,
    RangeFilter,
    SignalFilter,
    StateFilter,
)
from feedback.admin_keys import ApiKeyAdmin
from feedback.admin_ledger import IngestBatchAdmin, RejectedItemAdmin
from feedback.choices import SignalType
from feedback.console import SEND_EVENT, RecordAdmin
from feedback.models import ApiKey, Deployment, Event, IngestBatch, RejectedItem, Signal
from feedback.presentation import QUALITY_LABELS, ago, excerpt, quality_label, short_id

admin.site.register(ApiKey, ApiKeyAdmin)
admin.site.register(Deployment, DeploymentAdmin)
admin.site.register(IngestBatch, IngestBatchAdmin)
admin.site.register(RejectedItem, RejectedItemAdmin)
SEND_SIGNAL = """curl HOST/api/v1/signals -H "Authorization: Bearer $CRUCIBLE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"event_id": "ID OF AN EVENT", "type": "thumbs_up"}'"""


class FilteredEvents(ChangeList):
    """The rows that a list's filters let through, without reading a page of them."""

    def get_results(self, request):
        self.result_list = self.queryset.none()


@admin.register(Event)
class EventAdmin(RecordAdmin):
    list_display = ["heading", "quality", "version", "latency", "occurred"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, ModelVersionFilter, RangeFilter, QualityFilter, SignalFilter]
    search_fields = ["id"]
    search_help_text = "Exact id or external id"
    ordering = ["-occurred_at", "-id"]
    sortable_by = []
    change_form_template = "console/event.html"
    fields = []
    empty_text = "Events appear here a second after they are sent, masked and scored."
    empty_command = SEND_EVENT

    def get_queryset(self, request):
        unused = ("messages", "response", "metadata", "masked", "tags")
        queryset = super().get_queryset(request)
        return queryset.defer(*unused) if request.resolver_match.url_name.endswith("_changelist") else queryset

    def get_search_results(self, request, queryset, search_term):
        return (queryset.with_exact_id(search_term.strip()) if search_term.strip() else queryset), False

    def get_changelist(self, request, **kwargs):
        return FilteredEvents if getattr(request, "wants_no_rows", False) else ChangeList

    def change_view(self, request, object_id, form_url="", extra_context=None):
        event = self.get_object(request, object_id)
        page = event_page.build(event, self._among(request)) if event and self.has_view_permission(request) else None
        return super().change_view(request, object_id, form_url, {"page": page, **(extra_context or {})})

    def get_object(self, request, object_id, from_field=None):
        """The event, read once per request."""
        if getattr(request, "event", None) is None:
            request.event = super().get_object(request, object_id, from_field)
        return request.event

    def _among(self, request):
        """The events of the list this page was opened from."""
        list_request = request.__class__.__new__(request.__class__)
        list_request.__dict__ = {**request.__dict__, "wants_no_rows": True}
        list_request.GET = QueryDict(request.GET.get("_changelist_filters", ""))
        return self.get_changelist_instance(list_request).queryset

    @display(header=True, description="Prompt")
    def heading(self, event):
        empty = "(text not kept)" if event.content_dropped else "(empty prompt)"
        return [excerpt(event.prompt) or empty, f"{event.deployment_id} · {short_id(event.pk)}"]

    @display(label=QUALITY_LABELS)
    def quality(self, event):
        return quality_label(event.quality_score)

    @display(description="Model version")
    def version(self, event):
        return event.model_version_id or "–"

    @display(description="Latency")
    def latency(self, event):
        return "–" if event.latency_ms is None else f"{event.latency_ms:,.0f} ms"

    @display(description="Occurred")
    def occurred(self, event):
        return ago(event.occurred_at)


@admin.register(Signal)
class SignalAdmin(RecordAdmin):
    list_display = ["kind", "state", "content", "event", "deployment_id", "occurred"]
    list_filter = [DeploymentFilter, "type", StateFilter, RangeFilter]
    search_fields = ["id"]
    search_help_text = "Exact id of a signal or of its event"
    ordering = ["-occurred_at", "-id"]
    sortable_by = []
    readonly_fields = ["state", "event"]
    empty_text = "Thumbs, edits and reports of users appear here as soon as they are sent."
    empty_command = SEND_SIGNAL

    def get_search_results(self, request, queryset, search_term):
        return (queryset.with_exact_id(search_term.strip()) if search_term.strip() else queryset), False

    def get_fieldsets(self, request, obj=None):
        content = ["value", "comment", "edited_response", "metadata", "masked"]
        said = [name for name in content if getattr(obj, name) not in (None, "", {})]
        facts = ["type", "state", "event", "external_id", "deployment_id", "occurred_at", "received_at"]
        origin = ["user_hash", "batch_id"]
        return [(None, {"fields": facts}), ("Content", {"fields": said}), ("Origin", {"fields": origin})]

    @display(
        description="Signal", label={SignalType.THUMBS_UP: "success", SignalType.THUMBS_DOWN: "danger"}, ordering="type"
    )
    def kind(self, signal):
        return signal.type, signal.get_type_display()

    @display(label=event_page.STATES)
    def state(self, signal):
        return event_page.signal_state(signal)

    @display(description="Content")
    def content(self, signal):
        value = "" if signal.value is None else str(signal.value)
        return excerpt(signal.edited_response or signal.comment or value, 70) or "–"

    @display(description="Event")
    def event(self, signal):
        if signal.event_id is None:
            return signal.external_id
        if signal.waiting:
            return short_id(signal.event_id)
        address = reverse("admin:feedback_event_change", args=[signal.event_id])
        return format_html('<a class="cf-link" href="{}">{}</a>', address, short_id(signal.event_id))

    @display(description="Occurred")
    def occurred(self, signal):
        return ago(signal.occurred_at)
