from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from feedback.access import keys
from feedback.choices import KeyState, Scope
from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago, excerpt
from feedback.console.record_admin import SEND_SIGNAL
from feedback.models import ApiKey

SCOPE_HELP = {
    Scope.INGEST: "Send events: POST events",
    Scope.SIGNALS: "Send signals: POST signals",
    Scope.READ: "Read events, quality, drift, sets and exports",
    Scope.OPERATE: "Operate: run drift, curate, decide, export, erase",
}
STATES = {
    KeyState.USABLE.label: "success",
    KeyState.REVOKED.label: "danger",
    KeyState.EXPIRED.label: "danger",
    KeyState.USER_INACTIVE.label: "warning",
}
SHOWN_DEPLOYMENTS = 2
LIST_DEPLOYMENTS = 'curl HOST/api/v1/deployments -H "Authorization: Bearer $CRUCIBLE_KEY"'
MOMENTS = ["created_at", "last_used_at", "expires_at", "revoked_at"]
DEPLOYMENTS = ["deployments", "may_create_deployments"]
SHOWN = ["shown_prefix", "kind", "shown_scopes", "shown_deployments", "may_create_deployments", "state", *MOMENTS]
REVOKE = {
    "title": "Revoke this API key?",
    "description": "Requests with this key are rejected from now on. This cannot be undone.",
    "form_submit_text": "Revoke",
}


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPE_HELP.items()),
        initial=[Scope.INGEST, Scope.SIGNALS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Choose only what the client needs.",
    )
    deployments = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "helpdesk, shop"}),
        help_text="Deployments that the key may read and send to, separated by commas. Empty: all deployments.",
    )
    is_public = forms.BooleanField(
        required=False,
        label="Public",
        widget=UnfoldBooleanSwitchWidget,
        help_text="For the code of web pages, where anyone can read it. A public key may only send signals.",
    )
    expires_days = forms.IntegerField(
        required=False,
        label="Expires after days",
        min_value=1,
        max_value=keys.MAX_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Empty: never. A key can be revoked at any time.",
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "deployments", "may_create_deployments", "is_public"]
        widgets = {"may_create_deployments": UnfoldBooleanSwitchWidget}

    def clean_deployments(self):
        return self.cleaned_data["deployments"].replace(",", " ").split()

    def clean(self):
        given = super().clean()
        if not self.errors:
            try:
                keys.check(**{name: given[name] for name in ("scopes", "deployments", "is_public")})
            except keys.InvalidKey as error:
                self.add_error(error.field, str(error))
        return given


class ApiKeyAdmin(NamedFilters, ModelAdmin):
    """Keys are created and revoked, never changed; the text of a key is shown once, on the page after its creation."""

    form = ApiKeyForm
    list_display = ["heading", "kind", "rights", "user", "state", "last_used", "expires"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    search_help_text = "Name, first characters or user"
    actions_row = ["revoke"]
    actions_detail = ["revoke"]
    empty_text = "A client needs a key to send events or signals."

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset if request.user.is_superuser else queryset.filter(user_id=request.user.pk)

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["name", "is_public", "scopes", *DEPLOYMENTS, "expires_days"]})]
        rights = ["shown_prefix", "kind", "shown_scopes", "shown_deployments", "may_create_deployments", "user"]
        return [(None, {"fields": ["name", *rights, "state", *MOMENTS]})]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else SHOWN

    def add_view(self, request, form_url="", extra_context=None):
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**only_save, **(extra_context or {})})

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_revoke_permission(self, request, object_id=None):
        return request.user.has_perm("feedback.change_apikey")

    def get_actions_detail(self, request, object_id):
        key = self.get_object(request, object_id)
        return super().get_actions_detail(request, object_id) if key and key.revoked_at is None else []

    def save_model(self, request, obj, form, change):
        made, request.key_secret = keys.create(
            request.user,
            obj.name,
            obj.scopes,
            deployments=obj.deployments,
            is_public=obj.is_public,
            may_create_deployments=obj.may_create_deployments,
            expires_at=keys.expiry(form.cleaned_data["expires_days"]),
        )
        obj.pk, obj.prefix, obj.created_at = made.pk, made.prefix, made.created_at

    def response_add(self, request, obj, post_url_continue=None):
        # Answered directly: a redirect would have to keep the secret somewhere in between.
        origin = f"{request.scheme}://{request.get_host()}"
        examples = ((Scope.SIGNALS, SEND_SIGNAL), (Scope.READ, LIST_DEPLOYMENTS))
        example = next((command for scope, command in examples if scope in obj.scopes), "")
        context = {
            **self.admin_site.each_context(request),
            "title": "API key created",
            "opts": self.opts,
            "key": obj,
            "secret": request.key_secret,
            "deployment": next(iter(obj.deployments), ""),
            "origin": origin,
            "command": example.replace("HOST", origin).replace("$CRUCIBLE_KEY", request.key_secret),
        }
        return TemplateResponse(request, "feedback/key_created.html", context)

    @action(description="Revoke", icon="key_off", variant=ActionVariant.DANGER, permissions=["revoke"], dialog=REVOKE)
    def revoke(self, request, form, object_id):
        key = get_object_or_404(self.get_queryset(request), pk=object_id)
        if keys.revoke(key):
            messages.success(request, f"{key} is revoked.")
        else:
            messages.warning(request, f"{key} was already revoked.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_apikey_changelist")})

    @display(description="Begins with")
    def shown_prefix(self, key):
        return f"{key.prefix}…"

    @display(description="Scopes")
    def shown_scopes(self, key):
        return ", ".join(key.scopes)

    @display(description="Deployments")
    def shown_deployments(self, key):
        return ", ".join(key.deployments) or "every deployment"

    @display(header=True, description="Key", ordering="name")
    def heading(self, key):
        return [key.name, self.shown_prefix(key)]

    @display(description="Kind", label={"public": "info"}, ordering="is_public")
    def kind(self, key):
        return "public" if key.is_public else "secret"

    @display(header=True, description="May")
    def rights(self, key):
        first = ", ".join(excerpt(name, 30) for name in key.deployments[:SHOWN_DEPLOYMENTS])
        more = len(key.deployments) - SHOWN_DEPLOYMENTS
        deployments = f"{first} and {more} more" if more > 0 else first or "every deployment"
        return [self.shown_scopes(key), deployments]

    @display(description="State", label=STATES)
    def state(self, key):
        return keys.state(key).label

    @display(description="Last used", ordering="last_used_at")
    def last_used(self, key):
        return ago(key.last_used_at) if key.last_used_at else "never"

    @display(description="Expires", ordering="expires_at")
    def expires(self, key):
        if key.expires_at is None:
            return "never"
        day, minute = f"{key.expires_at:%Y-%m-%d}", f"{key.expires_at:%H:%M}"
        return format_html('<time class="cf-time" datetime="{0}" title="{0} {1} UTC">{0}</time>', day, minute)
