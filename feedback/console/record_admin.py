"""What the admin pages of all apps share."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.http import Http404
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from feedback.console.list_filters import NamedFilters

SEND_EVENT = """curl HOST/api/v1/events -H "Authorization: Bearer $CRUCIBLE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"deployment_id": "helpdesk", "prompt": "How do I reset my password?",
       "response": "Open Settings, choose Security and follow the link."}'"""

SEND_SIGNAL = """curl HOST/api/v1/signals -H "Authorization: Bearer $CRUCIBLE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"event_id": "ID OF AN EVENT", "type": "thumbs_up"}'"""


class RecordAdmin(NamedFilters, ModelAdmin):
    """Read-only rows, written by domain functions: nothing is added, changed or deleted by form.

    `page` is what the template of a record's page shows, `possible_actions` which of `actions_detail` it offers.
    An empty list shows `empty_text` and, ready to copy, the command `empty_command` that fills it; HOST in the command
    becomes the address of this console.
    """

    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50
    empty_text = ""
    empty_command = ""

    def page(self, request, record) -> dict:
        """The context of the record's page, for a user who may view it."""
        return {}

    def possible_actions(self, request, record) -> Collection[str]:
        """The actions that the state of the record allows; permissions are checked besides."""
        return self.actions_detail

    def find(self, request, object_id, from_field=None):
        """The record of this id, or None."""
        return super().get_object(request, object_id, from_field)

    def get_object(self, request, object_id, from_field=None):
        """The record, read once per request."""
        key = self.opts.label, str(object_id)
        records = request.__dict__.setdefault("console_records", {})
        if records.get(key) is None:
            records[key] = self.find(request, object_id, from_field)
        return records[key]

    def viewed(self, request, object_id):
        """The record, for a part of its page. Raises PermissionDenied for a user who may not view it, and Http404."""
        record = self.get_object(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        if record is None:
            raise Http404
        return record

    def change_view(self, request, object_id, form_url="", extra_context=None):
        record = self.get_object(request, object_id)
        may_view = record is not None and self.has_view_permission(request, record)
        page = self.page(request, record) if may_view else {}
        return super().change_view(request, object_id, form_url, {**page, **(extra_context or {})})

    def get_actions_detail(self, request, object_id):
        actions = super().get_actions_detail(request, object_id)
        record = self.get_object(request, object_id) if actions else None
        if record is None:
            return []
        names = {self.get_unfold_action(name).action_name for name in self.possible_actions(request, record)}
        return [action for action in actions if action.action_name in names]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        changelist.empty_command = self.empty_command.replace("HOST", f"{request.scheme}://{request.get_host()}")
        return changelist
