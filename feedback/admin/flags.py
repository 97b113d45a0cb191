"""The list and the pages of flags, where people review them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from feedback.access.viewing import may_view
from feedback.admin.filters import DeploymentFilter
from feedback.choices import FlagKind, FlagState
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.flagging import reviewing, shown
from feedback.models import RaisedFlag

STATE_LABELS = {FlagState.UNREVIEWED: "warning", FlagState.CONFIRMED: "danger", FlagState.DISMISSED: "success"}
KIND_LABELS = {FlagKind.INJECTION: "danger", FlagKind.LEAKAGE: "warning", FlagKind.ABUSE: "info"}
_DONE = {
    FlagState.CONFIRMED: "confirmed. Its event stays out of sets",
    FlagState.DISMISSED: "dismissed",
    FlagState.UNREVIEWED: "unreviewed again",
}


class RaisedFlagAdmin(RecordAdmin):
    list_display = ["heading", "kind_label", "passage", "state_label", "occurred", "reviewed"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "state", "kind", "field"]
    list_select_related = ["reviewed_by"]
    ordering = ["-occurred_at", "-id"]
    sortable_by = []
    actions = ["confirm_selected", "dismiss_selected"]
    actions_detail = ["confirm", "dismiss", "reopen"]
    change_form_template = "feedback/flag.html"
    fields = []
    empty_text = (
        "Injection, abuse and leaks of system messages appear here as texts are stored. Events from before are scanned "
        "by the command."
    )
    empty_command = "python manage.py scan_flags DEPLOYMENT"

    def get_urls(self):
        review = self.admin_site.admin_view(require_POST(self.review_view))
        return [path("review/", review, name="feedback_raisedflag_review"), *super().get_urls()]

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        flags = list(changelist.result_list)
        passages = shown.shown(flags) if may_view(request.user, "feedback.event") else []
        for one in passages:
            one.flag.passage_shown = one
        changelist.result_list = flags
        return changelist

    def page(self, request, flag):
        passage = shown.shown([flag])[0] if may_view(request.user, "feedback.event") else shown.ShownFlag(flag)
        return {
            "flag": flag,
            "passage": passage,
            "state_type": STATE_LABELS[flag.state],
            "kind_type": KIND_LABELS[flag.kind],
        }

    # A named method, because Unfold looks up a dotted permission in the database before there are tables.
    def has_review_permission(self, request, object_id=None):
        return request.user.has_perm(reviewing.PERMISSION)

    def possible_actions(self, request, flag):
        return {"confirm", "dismiss"} if flag.state == FlagState.UNREVIEWED else {"reopen"}

    @action(
        description="Confirm",
        icon="gpp_bad",
        variant=ActionVariant.DANGER,
        url_path="confirm",
        permissions=["review"],
        dialog={
            "title": "Confirm this flag?",
            "description": "Its event stays out of sets. Rows that sets have of it are left out of exports.",
            "form_submit_text": "Confirm",
        },
    )
    def confirm(self, request, form, object_id):
        return self._review(request, object_id, FlagState.CONFIRMED)

    @action(
        description="Dismiss",
        icon="check",
        variant=ActionVariant.PRIMARY,
        url_path="dismiss",
        permissions=["review"],
        dialog={
            "title": "Dismiss this flag?",
            "description": "Its event may be in sets, unless it has another flag.",
            "form_submit_text": "Dismiss",
        },
    )
    def dismiss(self, request, form, object_id):
        return self._review(request, object_id, FlagState.DISMISSED)

    @action(
        description="Review again",
        icon="undo",
        url_path="reopen",
        permissions=["review"],
        dialog={
            "title": "Review this flag again?",
            "description": "The decision is taken back. Until the next one the event is in no new set.",
            "form_submit_text": "Review again",
        },
    )
    def reopen(self, request, form, object_id):
        return self._review(request, object_id, FlagState.UNREVIEWED)

    # Without a dialog: an action on selected rows runs on POST only.
    @action(description="Confirm selected flags", permissions=["review"])
    def confirm_selected(self, request, queryset):
        self._review_selected(request, queryset, FlagState.CONFIRMED)

    @action(description="Dismiss selected flags", permissions=["review"])
    def dismiss_selected(self, request, queryset):
        self._review_selected(request, queryset, FlagState.DISMISSED)

    def review_view(self, request):
        """Decides on a flag from the page of its event."""
        if not self.has_review_permission(request):
            raise PermissionDenied
        flag = RaisedFlag.objects.filter(pk=_number(request.POST.get("flag", ""))).first()
        if flag is None or request.POST.get("state") not in FlagState.values:
            raise Http404
        self._decide(request, flag.pk, FlagState(request.POST["state"]))
        return HttpResponseRedirect(reverse("admin:feedback_event_change", args=[flag.event_id]))

    def _review(self, request, object_id, state):
        self._decide(request, object_id, state)
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_raisedflag_change", args=[object_id])})

    def _decide(self, request, flag_id, state):
        try:
            flag = reviewing.review(flag_id, state, by=request.user)
        except (reviewing.WrongState, RaisedFlag.DoesNotExist) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"The flag {flag.name} is {_DONE[state]}.")

    def _review_selected(self, request, queryset, state):
        keys = list(queryset.values_list("pk", flat=True))
        changed = reviewing.review_many(keys, state, by=request.user)
        messages.success(request, f"{changed:,} of {len(keys):,} flags {_DONE[state].split('.')[0]}.")

    @display(header=True, description="Flag")
    def heading(self, flag):
        return [flag.name.replace("_", " "), f"{flag.deployment_id} · {flag.get_field_display().lower()}"]

    @display(description="Kind", label=KIND_LABELS)
    def kind_label(self, flag):
        return flag.kind, flag.get_kind_display()

    @display(description="Text")
    def passage(self, flag):
        one = getattr(flag, "passage_shown", None)
        if one is None or not one.marked:
            return "–"
        return format_html("{}<mark>{}</mark>{}", one.before[-30:], one.marked[:80], one.after[:30])

    @display(description="State", label=STATE_LABELS)
    def state_label(self, flag):
        return flag.state, flag.get_state_display()

    @display(description="Occurred")
    def occurred(self, flag):
        return ago(flag.occurred_at)

    @display(description="Reviewed")
    def reviewed(self, flag):
        return format_html("{} {}", flag.reviewed_by, ago(flag.reviewed_at)) if flag.reviewed_by else "–"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
