"""Pages of alerts: channels, and the result of each message."""

from django import forms
from django.contrib import messages
from django.contrib.postgres.forms import SimpleArrayField
from django.http import Http404, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
)

from drift.alerts import channels, outbox
from drift.choices import ChannelKind, DeliveryStatus, TriggerName
from drift.models import AlertChannel
from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago, excerpt
from feedback.console.record_admin import RecordAdmin

STATUSES = {DeliveryStatus.WAITING: "info", DeliveryStatus.DELIVERED: "success", DeliveryStatus.FAILED: "danger"}
SEND_TEST = {
    "title": "Send a test message?",
    "description": "Sends a message marked as a test to this channel, even if the channel is off.",
    "form_submit_text": "Send a test",
}
SEND_AGAIN = {
    "title": "Send this message again?",
    "description": "Retries a failed message under the same number.",
    "form_submit_text": "Send again",
}
WEBHOOK_FIELDS, MAIL_FIELDS = ("url", "new_secret"), ("addresses",)


class AlertChannelForm(forms.ModelForm):
    new_secret = forms.CharField(
        label="Secret",
        max_length=255,
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Signs every message; the receiver needs it too. Not shown again; empty keeps the current one.",
    )
    addresses = SimpleArrayField(
        forms.EmailField(),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "ml@example.org, oncall@example.org"}),
        help_text="Separated by commas.",
    )
    deployments = SimpleArrayField(
        forms.CharField(max_length=255),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "helpdesk, shop"}),
        help_text="Separated by commas. Leave empty for all deployments.",
    )
    triggers = forms.MultipleChoiceField(
        choices=TriggerName.choices,
        initial=TriggerName.values,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = AlertChannel
        fields = ["name", "kind", "is_enabled", "url", "addresses", "deployments", "triggers"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A field counts as changed if it differs from the page as it was loaded, not from what was saved since.
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "new_secret"

    def clean(self):
        given = super().clean()
        self.instance.secret = given.get("new_secret") or self.instance.secret
        if not self.errors:
            facts = {name: given[name] for name in ("url", "addresses", "deployments")}
            for error in channels.problems(given["kind"], secret=self.instance.secret, **facts):
                self.add_error("new_secret" if error.field == "secret" else error.field, error.message)
        return given


class AlertChannelAdmin(NamedFilters, ModelAdmin):
    """Channels are switched off, not deleted: the history of messages refers to them."""

    form = AlertChannelForm
    list_display = ["heading", "on", "notified_about", "last_message"]
    list_before_template = "drift/trigger_links.html"
    fieldsets = [
        (None, {"fields": ["name", "kind", "is_enabled", *WEBHOOK_FIELDS, *MAIL_FIELDS]}),
        ("Notified about", {"fields": ["triggers", "deployments"]}),
    ]
    conditional_fields = {
        **dict.fromkeys(WEBHOOK_FIELDS, "kind == 'webhook'"),
        **dict.fromkeys(MAIL_FIELDS, "kind == 'email'"),
    }
    change_form_outer_before_template = "drift/channel_messages.html"
    actions_row = ["send_test"]
    actions_detail = ["send_test"]
    sortable_by = []
    warn_unsaved_form = True
    empty_text = (
        "No channels yet. A channel is a webhook or a list of e-mail addresses that is notified when a trigger fires."
    )

    def has_delete_permission(self, request, obj=None):
        return False

    def has_test_permission(self, request, object_id=None):
        return request.user.has_perm("drift.change_alertchannel")

    def get_queryset(self, request):
        return super().get_queryset(request).with_last_status()

    def save_model(self, request, obj, form, change):
        changed = ["secret" if name == "new_secret" else name for name in form.changed_data]
        obj.save(update_fields=changed if change else None)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["messages_of_channel"] = outbox.newest_of_channel(obj) if obj else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @action(
        description="Send a test", icon="send", variant=ActionVariant.PRIMARY, permissions=["test"], dialog=SEND_TEST
    )
    def send_test(self, request, form, object_id):
        channel = self.get_object(request, object_id)
        if channel is None:
            raise Http404
        outbox.send_test(channel)
        messages.success(request, f"Test message to {channel} queued. The result appears on this page.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_alertchannel_change", args=[channel.pk])})

    @display(header=True, description="Channel")
    def heading(self, channel):
        target = channel.url if channel.kind == ChannelKind.WEBHOOK else ", ".join(channel.addresses)
        return [channel.name, excerpt(target, 60)]

    @display(description="State", label={"on": "success", "off": ""})
    def on(self, channel):
        return "on" if channel.is_enabled else "off"

    @display(header=True, description="Notified about")
    def notified_about(self, channel):
        labels = [TriggerName(name).label for name in TriggerName if name in channel.triggers]
        triggers = "all triggers" if len(labels) == len(TriggerName) else ", ".join(labels)
        return [triggers, excerpt(", ".join(channel.deployments), 60) or "all deployments"]

    @display(description="Last message", label=STATUSES)
    def last_message(self, channel):
        return (channel.last_status, DeliveryStatus(channel.last_status).label) if channel.last_status else ("", "none")


class AlertDeliveryAdmin(RecordAdmin):
    list_display = ["number", "shown_status", "to", "about", "attempts", "outcome", "created"]
    list_filter = ["status", "channel"]
    list_select_related = ["channel", "firing"]
    list_before_template = "drift/trigger_links.html"
    ordering = ["-id"]
    sortable_by = []
    actions_row = ["send_again"]
    empty_text = (
        "No messages yet. Each firing and each test creates one message per channel, listed here with its result."
    )

    def has_send_permission(self, request, object_id=None):
        return request.user.has_perm("drift.change_alertdelivery")

    @action(description="Send again", icon="replay", permissions=["send"], dialog=SEND_AGAIN)
    def send_again(self, request, form, object_id):
        delivery = self.get_object(request, object_id)
        if delivery is None:
            raise Http404
        if outbox.send_again(delivery.pk):
            messages.success(request, f"{delivery} is queued again.")
        else:
            messages.warning(request, f"{delivery} has not failed, so it was not sent again.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:drift_alertdelivery_changelist")})

    @display(description="Message")
    def number(self, delivery):
        return delivery.pk

    @display(description="Status", label=STATUSES)
    def shown_status(self, delivery):
        return delivery.status, delivery.get_status_display()

    @display(description="Channel")
    def to(self, delivery):
        return delivery.channel.name

    @display(description="About")
    def about(self, delivery):
        return delivery.about

    @display(description="Result")
    def outcome(self, delivery):
        return delivery.error or (f"HTTP {delivery.http_status}" if delivery.http_status else "–")

    @display(description="Created")
    def created(self, delivery):
        return ago(delivery.created_at)
