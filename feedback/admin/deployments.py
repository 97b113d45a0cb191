import json
from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from feedback.access.viewing import may_view
from feedback.admin import archiving
from feedback.admin.changed_lists import ChangesOnlyForm
from feedback.admin.declared_scores import DeclaredScoreInline
from feedback.admin.filters import ArchivedFilter
from feedback.admin.masking_patterns import PatternInline
from feedback.admin.quality_profile import QualityProfileAdmin
from feedback.admin.reassessments import ReassessableDeploymentAdmin
from feedback.choices import ContentPolicy, FeedbackType
from feedback.console import deployment_figures, fairness_page
from feedback.console.list_filters import NamedFilters
from feedback.console.presentation import ago
from feedback.deployments import configuration
from feedback.deployments.rules import InvalidConfiguration, problems
from feedback.judging import figures
from feedback.models import Deployment
from feedback.rollups.fairness.computing import UnknownKey

POLICY_LABELS = {"masked": "success", "dropped": "info", "unmasked": "danger"}
POLICY_WORDS = {ContentPolicy.MASK: "masked", ContentPolicy.DROP: "dropped", ContentPolicy.OFF: "unmasked"}


class BoundedDecoder(json.JSONDecoder):
    """Rejects JSON that is nested too deeply like any other invalid JSON."""

    def decode(self, text, *args):
        try:
            return super().decode(text, *args)
        except RecursionError as error:
            raise json.JSONDecodeError("Nested too deeply", text, 0) from error


class DocumentField(forms.JSONField):
    """A JSON object, or empty."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def __init__(self, **options):
        super().__init__(required=False, decoder=BoundedDecoder, **options)

    def prepare_value(self, value):
        return "" if value is None else super().prepare_value(value)


class DeploymentForm(ChangesOnlyForm):
    signal_weights = DocumentField(
        help_text='Weights from -1 to 1 where they differ from the defaults, such as {"copy": 0, "label=resolved": 1}. '
        "Ratings have a strength from 0 to 1. States of feedback and evidence are computed again.",
    )
    drift_detection = DocumentField()
    retraining_trigger = DocumentField()
    options = DocumentField()
    feedback_types = forms.MultipleChoiceField(
        choices=FeedbackType.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Signals of other types are rejected.",
    )
    segment_keys = SimpleArrayField(
        forms.CharField(max_length=64),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="At most three metadata keys, separated by commas, such as plan, country. Metrics are split by "
        "their values, for events received from now on. Choose keys that name groups, not people.",
    )

    class Meta:
        model = Deployment
        fields = [
            "enabled",
            "sampling_rate",
            "feedback_types",
            "rating_minimum",
            "rating_maximum",
            "signal_weights",
            "audit_rate",
            "segment_keys",
            "content_policy",
            "keep_reasoning",
            "training_allowed",
            "retention_days",
            "storage",
            "drift_detection",
            "retraining_trigger",
            "options",
        ]

    def clean(self):
        for error in problems(self.cleaned_data):
            # A weight is an error of its key, in a field of all of them.
            field, _, key = error.field.partition(".")
            is_named = not key or error.message.startswith(f"{key} ")
            self.add_error(field, error.message if is_named else f"{key}: {error.message}")


class DeploymentAdmin(NamedFilters, QualityProfileAdmin, ReassessableDeploymentAdmin):
    form = DeploymentForm
    inlines = [DeclaredScoreInline, PatternInline]
    list_display = ["id", "state", "texts", "traffic", "created"]
    list_filter = [ArchivedFilter]
    actions_detail = ["reassess", "archive", "restore"]
    archive, restore = archiving.archive, archiving.restore
    search_fields = ["id"]
    search_help_text = "Part of a deployment id"
    readonly_fields = ["id", "created_at"]
    radio_fields = {"content_policy": admin.VERTICAL}
    fieldsets = [
        ("Collection", {"fields": ["id", "created_at", "enabled", "sampling_rate", "feedback_types", "segment_keys"]}),
        ("Feedback", {"fields": [("rating_minimum", "rating_maximum"), "signal_weights", "audit_rate"]}),
        (
            "Privacy",
            {
                "fields": ["content_policy", "keep_reasoning", "training_allowed", "retention_days"],
                "description": "Masking patterns are at the end of this page; Masking preview shows their effect.",
            },
        ),
        (
            "Recorded",
            {
                "fields": ["storage", "drift_detection", "retraining_trigger", "options"],
                "description": "Stored and returned as the deployment's Feedback.Config. Fields with an effect: "
                "enabled, method, threshold, window_size and alert_on_drift of drift_detection; enabled, "
                "min_feedback_count, accuracy_threshold and check_interval_hours of retraining_trigger. The trigger "
                "settings override them. Other fields have no effect.",
            },
        ),
    ]
    warn_unsaved_form = True
    list_before_template = "feedback/unmasked.html"
    change_form_outer_before_template = "feedback/deployment.html"
    empty_text = (
        "A deployment appears with its first event or its configuration. The overview shows how to send an event."
    )

    def get_urls(self):
        fairness = self.admin_site.admin_view(require_safe(self.fairness_view))
        return [path("<path:object_id>/fairness/", fairness, name="feedback_deployment_fairness"), *super().get_urls()]

    def fairness_view(self, request, object_id):
        """The groups of a deployment beside each other."""
        if not (self.has_view_permission(request) and may_view(request.user, "feedback.event")):
            raise PermissionDenied
        deployment = Deployment.objects.filter(pk=unquote(object_id)).first()
        days = request.GET.get("days", "30")
        if deployment is None or days not in map(str, fairness_page.DAYS):
            raise Http404
        try:
            page = fairness_page.build(deployment, by=request.GET.get("by") or None, days=int(days))
        except UnknownKey as error:
            raise Http404 from error
        context = {**self.admin_site.each_context(request), "title": f"Groups of {deployment}", "page": page}
        return TemplateResponse(request, "feedback/fairness.html", context)

    def get_object(self, request, object_id, from_field=None):
        """The deployment, read once per request."""
        found = request.__dict__.setdefault("console_deployments", {})
        if found.get(object_id) is None:
            found[object_id] = super().get_object(request, object_id, from_field)
        return found[object_id]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_archive_permission(self, request, object_id=None):
        return request.user.has_perm("feedback.change_deployment")

    def get_actions_detail(self, request, object_id):
        deployment = self.get_object(request, object_id)
        hidden = "archive" if deployment and deployment.archived else "restore"
        return [one for one in super().get_actions_detail(request, object_id) if not one.action_name.endswith(hidden)]

    def changelist_view(self, request, extra_context=None):
        unmasked = Deployment.objects.listed().unmasked().values_list("pk", flat=True)
        return super().changelist_view(request, {"unmasked": unmasked, **(extra_context or {})})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except InvalidConfiguration as error:
            # Another user changed the deployment after this form was checked.
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        # As stored: the instance has what was sent, errors included.
        stored = Deployment.objects.with_recounts().with_repeats().filter(pk=obj.pk).first() if obj else None
        is_unmasked = stored is not None and stored.content_policy == ContentPolicy.OFF
        context["unmasked"] = [stored.pk] if stored and is_unmasked else []
        context["figures"] = deployment_figures.build(request.user, stored) if stored else None
        since = timezone.now() - timedelta(days=30)
        context["judges"] = figures.of_deployment(stored.pk, since=since) if stored and context["figures"] else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request, obj, form, change):
        """Written in save_related, together with the patterns."""

    def save_related(self, request, form, formsets, change):
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        scores, patterns = (formset.changes() for formset in formsets)
        configuration.change(form.instance.pk, values, by=request.user, patterns=patterns, scores=scores)

    def construct_change_message(self, request, form, formsets, add=False):
        return []

    def log_change(self, request, obj, message):
        """Logged where the change is made, as those over the API are."""

    @display(description="State", label={"enabled": "success", "disabled": "danger"}, ordering="enabled")
    def state(self, deployment):
        if deployment.archived:
            return "archived"
        return "enabled" if deployment.enabled else "disabled"

    @display(description="Texts", label=POLICY_LABELS, ordering="content_policy")
    def texts(self, deployment):
        return POLICY_WORDS[deployment.content_policy]

    @display(description="Traffic")
    def traffic(self, deployment):
        return format_html(
            '<a class="cf-link" href="{0}?deployment={2}">Overview</a> · '
            '<a class="cf-link" href="{1}?deployment_id={2}">Events</a>',
            reverse("admin:index"),
            reverse("admin:feedback_event_changelist"),
            deployment.pk,
        )

    @display(description="Created", ordering="created_at")
    def created(self, deployment):
        return ago(deployment.created_at)
