from collections.abc import Sequence

import orjson
from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from feedback import exact_json
from feedback.admin.filters import DeploymentFilter
from feedback.choices import ItemKind
from feedback.console.presentation import ago, excerpt, short_id
from feedback.console.record_admin import SEND_EVENT, RecordAdmin
from feedback.ingestion import replay
from feedback.ingestion.stream import BacklogFull, StreamUnavailable
from feedback.models import IngestBatch, RejectedItem
from feedback.scores import waiting
from feedback.stores import schema

# Columns whose values travel as JSON text.
JSON_TEXTS = ("messages", "metadata", "masked", "value")
EMPTY = (None, "", "{}", [])
_SHOWN: dict[ItemKind, Sequence[str]] = {
    ItemKind.EVENT: [*schema.EVENT.names, waiting.SCORES],
    ItemKind.SIGNAL: schema.SIGNAL.names,
    ItemKind.SCORE: waiting.COLUMNS,
}
REPLAYED_AT_ONCE = 5_000
REPLAY = {
    "title": "Replay this item?",
    "description": "It is sent again as a new request. Fix the cause of the rejection first.",
    "form_submit_text": "Replay",
}
REPLAY_ALL = {
    "title": "Replay all rejected items?",
    "description": f"The oldest {REPLAYED_AT_ONCE:,} rejected items not yet replayed are sent again as new requests. "
    "Fix the cause of the rejections first.",
    "form_submit_text": "Replay all",
}


class IngestBatchAdmin(RecordAdmin):
    list_display = [
        "request_id",
        "deployment_id",
        "accepted",
        "stored",
        "duplicate",
        "sampled_out",
        "rejected",
        "invalid",
        "received",
    ]
    list_filter = [DeploymentFilter]
    ordering = ["-pk"]
    sortable_by = []
    empty_text = (
        "Each accepted request has one row per deployment: how many items were stored, and why others were not."
    )
    empty_command = SEND_EVENT

    @display(description="Request")
    def request_id(self, batch):
        return short_id(batch.batch_id)

    @display(description="Received")
    def received(self, batch):
        return ago(batch.received_at)


class ReplayFilter(SimpleListFilter):
    title = "replay"
    parameter_name = "replay"

    def lookups(self, request, model_admin):
        return [("waiting", "Not replayed"), ("replayed", "Replayed")]

    def queryset(self, request, queryset):
        states = {"waiting": queryset.not_replayed, "replayed": queryset.replayed}
        return states[self.value()]() if self.value() in states else queryset


class RejectedItemAdmin(RecordAdmin):
    list_display = ["item", "field_name", "reason_start", "deployment_id", "state", "when"]
    list_display_links = ["item"]
    list_filter = [DeploymentFilter, "kind", ReplayFilter]
    list_disable_select_all = True
    ordering = ["-pk"]
    sortable_by = []
    actions = ["replay_selected"]
    actions_list = ["replay_all"]
    actions_detail = ["replay_item"]
    empty_text = "Accepted items that the database rejected are kept here with the reason. An empty list is good news."

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.defer("payload") if request.resolver_match.url_name.endswith("_changelist") else queryset

    def get_fieldsets(self, request, obj=None):
        why = ["field_name", "reason", "state", "outcome"]
        facts = ["kind", "item_id", "deployment_id", "batch_id", "rejected_at", "user_hash"]
        return [("Why", {"fields": why}), ("Item", {"fields": facts}), ("What was sent, masked", {"fields": ["sent"]})]

    def possible_actions(self, request, rejected):
        return self.actions_detail if rejected.replayed_at is None else []

    # A named method, because Unfold looks up a dotted permission in the database before there are tables.
    def has_replay_permission(self, request, object_id=None):
        return request.user.has_perm("feedback.change_rejecteditem")

    @action(description="Replay", icon="replay", variant=ActionVariant.PRIMARY, permissions=["replay"], dialog=REPLAY)
    def replay_item(self, request, form, object_id):
        self._replay(request, [object_id])
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_rejecteditem_change", args=[object_id])})

    @action(description="Replay all", icon="replay", permissions=["replay"], dialog=REPLAY_ALL)
    def replay_all(self, request, form):
        oldest = RejectedItem.objects.not_replayed().order_by("pk").values_list("pk", flat=True)
        self._replay(request, list(oldest[:REPLAYED_AT_ONCE]))
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_rejecteditem_changelist")})

    # Without a dialog: an action on selected rows runs on POST only.
    @action(description="Replay selected items", permissions=["replay"])
    def replay_selected(self, request, queryset):
        self._replay(request, list(queryset.values_list("pk", flat=True)))

    def _replay(self, request, item_ids):
        try:
            replayed = replay.replay(item_ids)
        except (BacklogFull, StreamUnavailable) as error:
            messages.error(request, f"Some items were not replayed: {error} Try again later.")
            return
        if replayed:
            messages.success(request, f"{replayed:,} of {len(item_ids):,} replayed; the writer stores them next.")
        else:
            messages.warning(request, "Nothing to replay: already replayed.")

    @display(header=True, description="Item")
    def item(self, rejected):
        return [rejected.get_kind_display(), short_id(rejected.item_id)]

    @display(description="Field")
    def field_name(self, rejected):
        return rejected.field or "–"

    @display(description="Reason")
    def reason_start(self, rejected):
        return excerpt(rejected.reason, 120)

    @display(description="State", label={"rejected": "danger", "replayed": ""})
    def state(self, rejected):
        return "replayed" if rejected.replayed_at else "rejected"

    @display(description="Replay")
    def outcome(self, rejected):
        if rejected.replayed_at is None:
            return "Not replayed."
        again = RejectedItem.objects.filter(batch_id=rejected.replay_batch_id, item_id=rejected.item_id).first()
        if again:
            page = reverse("admin:feedback_rejecteditem_change", args=[again.pk])
            return format_html('{}, <a class="cf-link" href="{}">rejected again</a>', ago(rejected.replayed_at), page)
        is_written = IngestBatch.objects.filter(batch_id=rejected.replay_batch_id).exists()
        return format_html("{}, {}", ago(rejected.replayed_at), "written" if is_written else "waiting for a writer")

    @display(description="Content")
    def sent(self, rejected):
        columns = _SHOWN[ItemKind(rejected.kind)]
        return format_html('<pre class="cf-prose cf-code">{}</pre>', _readable(rejected.payload, columns))

    @display(description="Rejected")
    def when(self, rejected):
        return ago(rejected.rejected_at)


def _readable(payload: dict, columns: Sequence[str]) -> str:
    """The payload as indented JSON, with nested JSON texts decoded."""
    said = {name: payload[name] for name in columns if payload.get(name) not in EMPTY}
    opened = {name: exact_json.decode(said[name]) for name in JSON_TEXTS if isinstance(said.get(name), str)}
    return exact_json.dump(said | opened, options=orjson.OPT_INDENT_2).decode()
