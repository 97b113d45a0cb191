from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import display

from feedback.admin import event_lines, event_page, neighbours, session_page
from feedback.admin.filters import (
    ChecksFilter,
    DeploymentFilter,
    FlagFilter,
    LiveSignalFilter,
    ModelVersionFilter,
    OrderFilter,
    SignalTypeFilter,
    StateFilter,
    TimeFilter,
)
from feedback.admin.records import CURSOR_VAR, StoredAdmin
from feedback.admin.scoring import people_panel, score_page
from feedback.choices import Assessor, EventFileFormat, SignalType
from feedback.console.presentation import CHECKS_LABELS, ago, checks_label, excerpt, short_id
from feedback.console.record_admin import SEND_EVENT, SEND_SIGNAL
from feedback.event_files import responses
from feedback.human_scores import figures as figures_of_people
from feedback.judging import figures
from feedback.stores import pages
from feedback.stores.base import EventFilter, SignalFilter

SESSION, EXPORT = "admin:feedback_event_session", "admin:feedback_event_export"
PROSE = '<pre class="cf-prose">{}</pre>'


class EventAdmin(StoredAdmin):
    everything = EventFilter()
    list_columns = [
        *("id", "deployment_id", "model_version_id", "prompt", "content_dropped"),
        *("latency_ms", "quality_score", "occurred_at"),
    ]
    list_display = ["heading", "checks", "said", "version", "latency", "occurred"]
    list_display_links = ["heading"]
    list_filter = [
        DeploymentFilter,
        ModelVersionFilter,
        TimeFilter,
        ChecksFilter,
        LiveSignalFilter,
        FlagFilter,
        OrderFilter,
    ]
    search_help_text = "Exact id or external id"
    list_before_template = "feedback/event_files.html"
    change_form_template = "feedback/event.html"
    session_template = "feedback/session.html"
    fields = []
    empty_text = "Events appear here about a second after they are sent, masked and scored."
    empty_command = SEND_EVENT

    def get_urls(self):
        session = self.admin_site.admin_view(require_safe(self.session_view))
        export = self.admin_site.admin_view(require_safe(self.export_view))
        score = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.score_view))
        return [
            path("session/", session, name="feedback_event_session"),
            path("export/", export, name="feedback_event_export"),
            path("<uuid:object_id>/score/", score, name="feedback_event_score"),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        if changelist.result_list:
            query = changelist.get_query_string(remove=[CURSOR_VAR, OrderFilter.parameter_name])
            changelist.files = [
                (label, f"{reverse(EXPORT)}{query}{'&' if query != '?' else ''}format={name}")
                for name, label in EventFileFormat.choices
            ]
        return changelist

    def export_view(self, request):
        """The events that the filters of the list allow, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            file_format = EventFileFormat(request.GET.get("format", ""))
            where, _ = self.asked_for(request, request.GET.urlencode())
        except (ValueError, IncorrectLookupParameters) as error:
            raise BadRequest(str(error)) from error
        return responses.response(where, file_format, by=request.user.get_username(), method=request.method)

    def session_view(self, request):
        """The events of one session as one conversation."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = ("deployment_id", "session_hash", "event_id", "cursor")
        given = {name: request.GET.get(name, "") for name in names}
        if not given["deployment_id"] or not given["session_hash"]:
            raise Http404
        try:
            page = session_page.build(**given)
        except pages.InvalidCursor as error:
            raise BadRequest(str(error)) from error
        if page is None:
            raise Http404
        context = {**self.admin_site.each_context(request), "title": "Session", "opts": self.opts, "page": page}
        return TemplateResponse(request, self.session_template, context)

    def page(self, request, event):
        where, is_worst_first = self.where_of(request, request.GET.get("_changelist_filters", ""))
        row = self.row(request, event.pk)
        beside = neighbours.of(row, where, is_worst_first=is_worst_first)
        page = event_page.build(row, beside, event_page.Shown.of(request.GET))
        # A mean of people is stored with the first score, so without one there is nothing to read.
        is_scored = any(score.assessor == Assessor.PEOPLE for score in page.scores)
        people = figures_of_people.of_event(event.pk) if is_scored else []
        return {
            "page": page,
            "people": people_panel.build(people, request.user, is_asked="scores" in request.GET),
            "judgements": figures.of_event(event.pk) if request.user.has_perm("feedback.view_judgement") else [],
        }

    def score_view(self, request, object_id):
        """The page on which a person scores the answer."""
        return score_page.view(self, request, object_id)

    def complete(self, instances):
        found = event_lines.feedback_of([str(event.pk) for event in instances])
        for event in instances:
            event.feedback = found[str(event.pk)]

    @display(header=True, description="Prompt")
    def heading(self, event):
        empty = "(text not kept)" if event.content_dropped else "(empty prompt)"
        return [excerpt(event.prompt) or empty, f"{event.deployment_id} · {short_id(event.pk)}"]

    @display(label=CHECKS_LABELS)
    def checks(self, event):
        return checks_label(event.quality_score)

    @display(description="Feedback")
    def said(self, event):
        return event.feedback.as_html()

    @display(description="Model version")
    def version(self, event):
        return event.model_version_id or "–"

    @display(description="Latency")
    def latency(self, event):
        return "–" if event.latency_ms is None else f"{event.latency_ms:,.0f} ms"

    @display(description="Occurred")
    def occurred(self, event):
        return ago(event.occurred_at)


class SignalAdmin(StoredAdmin):
    everything = SignalFilter(state=None)
    list_columns = [
        *("id", "event_id", "external_id", "session_hash", "deployment_id", "type", "name", "value"),
        *("edited_response", "comment", "occurred_at", "waiting", "live", "retracted"),
    ]
    list_display = ["kind", "state", "content", "event", "deployment_id", "occurred"]
    list_filter = [DeploymentFilter, SignalTypeFilter, StateFilter, TimeFilter]
    search_help_text = "Exact id of a signal or of its event"
    readonly_fields = ["state", "event", "full_comment", "full_edit"]
    empty_text = "Thumbs, edits and reports from users appear here as soon as they are sent."
    empty_command = SEND_SIGNAL

    def get_fieldsets(self, request, obj=None):
        names = ["value", "comment", "edited_response", "metadata", "masked"]
        shown = {"comment": "full_comment", "edited_response": "full_edit"}
        said = [shown.get(name, name) for name in names if getattr(obj, name) not in (None, "", {})]
        facts = ["type", "name", "message_index", "state", "retracted", "event", "external_id", "session_hash"]
        facts = [*facts, "deployment_id", "occurred_at", "received_at"]
        origin = ["user_hash", "prompted", "key_prefix", "through_public_key", "batch_id"]
        return [(None, {"fields": facts}), ("Content", {"fields": said}), ("Origin", {"fields": origin})]

    @display(description="Signal", label={SignalType.THUMBS_UP: "success", SignalType.THUMBS_DOWN: "danger"})
    def kind(self, signal):
        return signal.type, signal.get_type_display()

    @display(label=event_page.STATES)
    def state(self, signal):
        about_session = signal.event_id is None and not signal.external_id
        return event_page.signal_state(
            waiting=signal.waiting, live=signal.live, retracted=signal.retracted, about_session=about_session
        )

    @display(description="Content")
    def content(self, signal):
        value = "" if signal.value is None else f"{signal.name} {signal.value}".strip()
        return excerpt(signal.edited_response or signal.comment or value, 70) or "–"

    @display(description="Comment")
    def full_comment(self, signal):
        return format_html(PROSE, signal.comment)

    @display(description="Edited response")
    def full_edit(self, signal):
        return format_html(PROSE, signal.edited_response)

    @display(description="Event")
    def event(self, signal):
        if signal.event_id is None:
            return signal.external_id or _session_link(signal)
        if signal.waiting:
            return short_id(signal.event_id)
        address = reverse("admin:feedback_event_change", args=[signal.event_id])
        return format_html('<a class="cf-link" href="{}">{}</a>', address, short_id(signal.event_id))

    @display(description="Occurred")
    def occurred(self, signal):
        return ago(signal.occurred_at)


def _session_link(signal):
    query = {"deployment_id": signal.deployment_id, "session_hash": signal.session_hash}
    address = reverse(SESSION, query=query)
    return format_html('<a class="cf-link" href="{}">session {}</a>', address, signal.session_hash[:8])
