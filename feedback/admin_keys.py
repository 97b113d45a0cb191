from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from feedback import keys
from feedback.choices import Scope
from feedback.models import ApiKey
from feedback.presentation import ago

SCOPE_HELP = {
    Scope.INGEST: "Send events: POST events",
    Scope.SIGNALS: "Send signals: POST signals",
    Scope.READ: "Read events, quality, drift, sets and exports",
    Scope.OPERATE: "Operate: run drift, curate, decide, export, erase",
}
REVOKE = {
    "title": "Revoke this API key?",
    "description": "Requests with this key are refused from now on. This cannot be undone.",
    "form_submit_text": "Revoke",
}


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPE_HELP.items()),
        initial=[Scope.INGEST, Scope.SIGNALS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Choose as little as the client needs.",
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes"]


class ApiKeyAdmin(ModelAdmin):
    """Keys are made and revoked, never changed; the text of a key is on the page that answers its making, once."""

    form = ApiKeyForm
    list_display = ["name", "shown_prefix", "shown_scopes", "user", "state", "created"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    search_help_text = "Part of a name, start or user"
    actions_row = ["revoke"]
    actions_detail = ["revoke"]
    empty_text = "A client needs a key to send events or signals."

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset if request.user.is_superuser else queryset.filter(user_id=request.user.pk)

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["name", "scopes"]})]
        return [(None, {"fields": ["name", "shown_prefix", "shown_scopes", "user", "created_at", "revoked_at"]})]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else ["shown_prefix", "shown_scopes", "created_at", "revoked_at"]

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
        usable = self.get_queryset(request).unrevoked().filter(pk=object_id).exists()
        return super().get_actions_detail(request, object_id) if usable else []

    def save_model(self, request, obj, form, change):
        made, request.key_secret = keys.create(request.user, obj.name, obj.scopes)
        obj.pk, obj.prefix, obj.created_at = made.pk, made.prefix, made.created_at

    def response_add(self, request, obj, post_url_continue=None):
        # Answered directly: a redirect would have to keep the secret somewhere in between.
        context = {
            **self.admin_site.each_context(request),
            "title": "API key created",
            "opts": self.opts,
            "key": obj,
            "secret": request.key_secret,
            "origin": f"{request.scheme}://{request.get_host()}",
        }
        return TemplateResponse(request, "console/key_created.html", context)

    @action(description="Revoke", icon="key_off", variant=ActionVariant.DANGER, permissions=["revoke"], dialog=REVOKE)
    def revoke(self, request, form, object_id):
        key = get_object_or_404(self.get_queryset(request), pk=object_id)
        if keys.revoke(key):
            messages.success(request, f"{key} is revoked.")
        else:
            messages.warning(request, f"{key} was revoked before.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_apikey_changelist")})

    @display(description="Begins with")
    def shown_prefix(self, key):
        return f"{key.prefix}…"

    @display(description="Scopes")
    def shown_scopes(self, key):
        return ", ".join(key.scopes)

    @display(label={"usable": "success", "revoked": "danger", "user inactive": "warning"})
    def state(self, key):
        if key.revoked_at:
            return "revoked"
        return "usable" if key.user.is_active else "user inactive"

    @display(description="Created", ordering="created_at")
    def created(self, key):
        return ago(key.created_at)
