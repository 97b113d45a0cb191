"""What the admin pages of all apps share."""

from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

SEND_EVENT = """curl HOST/api/v1/events -H "Authorization: Bearer $CRUCIBLE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"deployment_id": "helpdesk", "prompt": "How do I reset my password?",
       "response": "Open Settings, choose Security and follow the link."}'"""


class RecordAdmin(ModelAdmin):
    """Rows that people read and domain functions write: nothing is added, changed or deleted by form.

    An empty page shows `empty_text` and, ready to copy, the command `empty_command` that fills it; HOST in the command
    becomes the address of this console.
    """

    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50
    empty_text = ""
    empty_command = ""

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
