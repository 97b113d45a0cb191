"""Admin pages for erasing users, by the id that clients send or from one of their events."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from curation.admin.traffic import CuratableEventAdmin
from exports.choices import ErasureStatus
from exports.erasures import erasing, results
from feedback.console.record_admin import RecordAdmin
from feedback.console.user_form import UserForm

STATUS_LABELS = {
    ErasureStatus.REQUESTED: "warning",
    ErasureStatus.RUNNING: "info",
    ErasureStatus.COMPLETED: "success",
}
FILES = (
    "Export files with these rows are deleted."
    if settings.ERASURE_DELETES_FILES
    else "Export files with these rows are listed, to be deleted by hand."
)
CONSEQUENCES = (
    "This deletes the user's events and signals, other users' signals on those events, rejected items, and the user's "
    "rows in drafts and sets in review. In approved, rejected and superseded sets it blanks the user's rows. "
    f"{FILES} It cannot be undone."
)


def go_to(requested) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("admin:exports_erasure_change", args=[requested.pk])})


class ErasureAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "shown_events", "shown_signals", "shown_items", "shown_examples"]
    list_display_links = ["heading"]
    list_filter = ["status"]
    list_select_related = ["requested_by"]
    sortable_by = []
    actions_list = ["erase"]
    change_form_template = "exports/erasure.html"
    fields = []
    empty_text = "To erase a user, choose Erase a user or send their id to the API."
    empty_command = (
        'curl HOST/api/v1/erasures -H "Authorization: Bearer $CRUCIBLE_KEY" \\\n'
        '  -H "Content-Type: application/json" -d \'{"user_id": "ID OF THE USER"}\''
    )

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("requested_by")

    def page(self, request, requested):
        return {
            "erasure": requested,
            "status_type": STATUS_LABELS[requested.status],
            "results": results.of(requested),
        }

    def has_erase_permission(self, request, object_id=None):
        return request.user.has_perm(erasing.PERMISSION)

    @action(
        description="Erase a user",
        icon="person_remove",
        variant=ActionVariant.DANGER,
        permissions=["erase"],
        dialog={
            "title": "Erase a user",
            "description": CONSEQUENCES,
            "form_submit_text": "Erase",
            "form_class": UserForm,
        },
    )
    def erase(self, request, form):
        requested = erasing.request(form.cleaned_data["user_id"], by=request.user)
        messages.success(request, "The erasure is requested. Reload this page to see its progress.")
        return go_to(requested)

    @display(header=True, description="Erasure")
    def heading(self, requested):
        return [f"Erasure {requested.pk}", f"{requested.requested_by} · {requested.created_at:%Y-%m-%d %H:%M}"]

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, requested):
        return requested.status, requested.get_status_display()

    @display(description="Events")
    def shown_events(self, requested):
        return f"{requested.events:,}"

    @display(description="Signals")
    def shown_signals(self, requested):
        return f"{requested.signals:,}"

    @display(description="Rejected items")
    def shown_items(self, requested):
        return f"{requested.rejected_items:,}"

    @display(description="Examples")
    def shown_examples(self, requested):
        return f"{requested.examples:,}"


class ErasableEventAdmin(CuratableEventAdmin):
    """The page of an event, with the action to erase its user."""

    actions_detail = [*CuratableEventAdmin.actions_detail, "erase_user"]

    def possible_actions(self, request, event):
        """Erasing needs an event with a user."""
        return {*super().possible_actions(request, event)} - (set() if event.user_hash else {"erase_user"})

    def has_erase_user_permission(self, request, object_id=None):
        return request.user.has_perm(erasing.PERMISSION)

    @action(
        description="Erase this user",
        icon="person_remove",
        url_path="erase-user",
        permissions=["erase_user"],
        dialog={
            "title": "Erase the user of this event?",
            "description": f"{CONSEQUENCES} Data stored under a previous HASH_KEY can only be found by the user's id, "
            "on the Erasures page.",
            "form_submit_text": "Erase",
        },
    )
    def erase_user(self, request, form, object_id):
        event = self.get_object(request, object_id)
        if not event.user_hash:
            messages.error(request, "This event has no user.")
            return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_event_changelist")})
        requested = erasing.request_of([event.user_hash], by=request.user)
        messages.success(request, "The erasure is requested. Reload this page to see its progress.")
        return go_to(requested)
