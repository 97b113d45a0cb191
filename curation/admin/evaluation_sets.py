from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from curation.choices import MAX_NAME_CHARACTERS
from curation.decontamination import registering, uploads
from curation.serializers.evaluation_sets import EvaluationSetRequestSerializer
from curation.serializers.requests import first_messages
from feedback.console.presentation import ago, short_hash
from feedback.console.record_admin import RecordAdmin

LIST = "admin:curation_evaluationset_changelist"


class UploadForm(forms.Form):
    """`wanted` is the request, checked as the API checks it."""

    name = forms.CharField(
        max_length=MAX_NAME_CHARACTERS, widget=forms.TextInput(attrs={"class": "cf-input", "autocomplete": "off"})
    )
    file = forms.FileField(widget=forms.FileInput(attrs={"class": "cf-input"}))
    column = forms.CharField(
        required=False,
        label="Columns",
        widget=forms.TextInput(attrs={"class": "cf-input", "autocomplete": "off"}),
        help_text="Of the texts, separated by commas. Empty: the first usual one, such as prompt or question.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["file"].help_text = (
            "JSON Lines, JSON, CSV or Parquet; all but Parquet may end in .gz. At most"
            f" {filesizeformat(settings.INGEST_MAX_BODY_BYTES)}; the command register_evaluation_set takes larger ones."
        )
        self.wanted = {}

    def clean(self):
        columns = [part.strip() for part in self.cleaned_data.get("column", "").split(",") if part.strip()]
        request = EvaluationSetRequestSerializer(data={**self.cleaned_data, "column": columns})
        if not self.errors and not request.is_valid():
            for field, message in first_messages(request.errors):
                self.add_error(field.partition(".")[0], message)
        self.wanted = {} if self.errors else request.validated_data


class EvaluationSetAdmin(RecordAdmin):
    list_display = ["heading", "contents", "columns_shown", "shown_hash", "registered"]
    list_display_links = None
    list_select_related = ["created_by"]
    search_fields = ["name"]
    search_help_text = "Part of a set's name"
    sortable_by = []
    ordering = ["name"]
    actions_list = ["register"]
    actions_row = ["remove"]
    empty_text = "Texts of evaluation sets are kept out of curated sets. Choose Register, or use the shell."
    empty_command = "python manage.py register_evaluation_set NAME FILE_OR_DIRECTORY --column question"

    def get_queryset(self, request):
        return super().get_queryset(request).with_people()

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.upload_view))
        return [path("new/", view, name="curation_evaluationset_upload"), *super().get_urls()]

    def has_register_permission(self, request, object_id=None):
        return request.user.has_perm(registering.REGISTER_PERMISSION)

    def has_remove_permission(self, request, object_id=None):
        return request.user.has_perm(registering.DELETE_PERMISSION)

    @action(description="Register", icon="add", variant=ActionVariant.PRIMARY, permissions=["register"])
    def register(self, request):
        return HttpResponseRedirect(reverse("admin:curation_evaluationset_upload"))

    def upload_view(self, request):
        """The form that registers a file."""
        if not self.has_register_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, label_suffix="")
        if form.is_valid():
            try:
                found = uploads.register(by=request.user, **form.wanted)
            except uploads.NotRegistered as error:
                form.add_error(error.problem.field, error.problem.message)
            else:
                messages.success(request, f"{found} is registered: {found.texts:,} different texts.")
                return HttpResponseRedirect(reverse(LIST))
        context = {**self.admin_site.each_context(request), "title": "Register an evaluation set", "form": form}
        return TemplateResponse(request, "curation/register_evaluation_set.html", context)

    @action(
        description="Delete",
        icon="delete",
        permissions=["remove"],
        dialog={
            "title": "Delete this evaluation set?",
            "description": "Sets that are built from now on are no longer compared with it.",
            "form_submit_text": "Delete",
        },
    )
    def remove(self, request, form, object_id):
        evaluation_set = self.get_object(request, object_id)
        if evaluation_set is None or not registering.delete(evaluation_set.pk):
            raise Http404
        messages.success(request, f"{evaluation_set} is deleted.")
        return HttpResponse(headers={"HX-Redirect": reverse(LIST)})

    @display(header=True, description="Set")
    def heading(self, evaluation_set):
        return [evaluation_set.name, evaluation_set.source]

    @display(description="Texts")
    def contents(self, evaluation_set):
        skipped = f", {evaluation_set.rows_skipped:,} without text" if evaluation_set.rows_skipped else ""
        return f"{evaluation_set.texts:,} of {evaluation_set.rows:,} rows{skipped}"

    @display(description="Columns")
    def columns_shown(self, evaluation_set):
        return ", ".join(evaluation_set.columns) or "–"

    @display(description="Content")
    def shown_hash(self, evaluation_set):
        return short_hash(evaluation_set.content_hash)

    @display(description="Registered")
    def registered(self, evaluation_set):
        return format_html("{} {}", evaluation_set.created_by or "command", ago(evaluation_set.created_at))
