from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from feedback.console import rubric_form
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.field_errors import FieldError
from feedback.models import RubricVersion
from feedback.rubrics import documents, scoring, versions
from feedback.rubrics.definition import Definition, InvalidRubric
from feedback.rubrics.scoring import InvalidAnswers

ADD_PERMISSION = "feedback.add_rubricversion"
NEW = "admin:feedback_rubricversion_new"
_START = """name = ""
title = ""
description = ""
prompt = \"\"\"
\"\"\"
formula = ""

[[criteria]]
name = ""
title = ""
description = "1: … 5: …"
minimum = 1
maximum = 5
weight = 1

[[flags]]
name = ""
title = ""
description = ""
"""


class RubricDocumentForm(forms.Form):
    document = forms.CharField(
        max_length=60_000,
        strip=False,
        label="Rubric (TOML)",
        widget=forms.Textarea(attrs={"class": "cf-textarea cf-code", "rows": 28, "spellcheck": "false"}),
    )

    def clean_document(self) -> Definition:
        try:
            return documents.from_toml(self.cleaned_data["document"].replace("\r\n", "\n"))
        except InvalidRubric as error:
            raise forms.ValidationError([_sentence(one) for one in error.errors]) from error


class RubricVersionAdmin(RecordAdmin):
    """Rubrics in all their versions; a new version begins as a copy of one."""

    list_display = ["heading", "asks", "uses", "created"]
    list_display_links = ["heading"]
    list_select_related = ["created_by"]
    search_fields = ["name", "title"]
    search_help_text = "Part of a rubric's name"
    sortable_by = []
    actions_list = ["new"]
    actions_detail = ["new_version"]
    change_form_template = "feedback/scoring/rubric.html"
    fields = []
    empty_text = "Rubrics say what people and judges are asked about an answer."

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(score_count=Count("human_scores"))

    def get_urls(self):
        form = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.new_view))
        file = self.admin_site.admin_view(require_safe(self.file_view))
        return [
            path("new/", form, name="feedback_rubricversion_new"),
            path("<int:object_id>/rubric.toml", file, name="feedback_rubricversion_file"),
            *super().get_urls(),
        ]

    def has_write_permission(self, request, object_id=None):
        return request.user.has_perm(ADD_PERMISSION)

    @action(description="New rubric", icon="add", variant=ActionVariant.PRIMARY, permissions=["write"])
    def new(self, request):
        return HttpResponseRedirect(reverse(NEW))

    @action(description="New version", icon="content_copy", url_path="new-version", permissions=["write"])
    def new_version(self, request, object_id):
        return HttpResponseRedirect(f"{reverse(NEW)}?from={int(object_id)}")

    def new_view(self, request):
        """The form that creates a rubric, or the next version of one; “Try” shows it without storing it."""
        if not self.has_write_permission(request):
            raise PermissionDenied("Creating a rubric needs the permission “Can add rubric”.")
        form = RubricDocumentForm(request.POST or None, initial={"document": self._start(request)}, label_suffix="")
        tried = None
        if form.is_valid():
            definition = form.cleaned_data["document"]
            if "try" in request.POST:
                tried = _tried(definition, request.POST)
            else:
                try:
                    rubric = versions.create(documents.as_document(definition), by=request.user)
                except versions.SameRubric as error:
                    form.add_error("document", str(error))
                else:
                    messages.success(request, f"{rubric.label} is created.")
                    return HttpResponseRedirect(reverse("admin:feedback_rubricversion_change", args=[rubric.pk]))
        context = {**self.admin_site.each_context(request), "title": "New rubric", "form": form, "tried": tried}
        return TemplateResponse(
            request, "feedback/scoring/new_rubric.html", context, status=400 if form.errors else 200
        )

    def _start(self, request) -> str:
        """The document to begin with: that of the version to copy, or an empty one."""
        number = request.GET.get("from", "")
        is_number = number.isascii() and number.isdecimal() and len(number) < 10
        rubric = RubricVersion.objects.filter(pk=number).first() if is_number else None
        return documents.as_toml(rubric) if rubric else _START

    def file_view(self, request, object_id):
        """The version as a TOML document."""
        rubric = self.viewed(request, object_id)
        headers = {"Content-Disposition": f'attachment; filename="{rubric.label}.toml"'}
        return HttpResponse(documents.as_toml(rubric), content_type="application/toml; charset=utf-8", headers=headers)

    def page(self, request, rubric):
        answers = rubric_form.answers_in(rubric, request.GET)
        is_tried = "try" in request.GET
        return {
            "rubric": rubric,
            "composite": scoring.composite_of(rubric),
            "others": RubricVersion.objects.named(rubric.name).exclude(pk=rubric.pk).newest_first(),
            "tried": _scored(rubric, answers) if is_tried else None,
            "form": rubric_form.form_of(rubric, answers if is_tried else None),
            "may_write": self.has_write_permission(request),
        }

    @display(header=True, description="Rubric")
    def heading(self, rubric):
        return [rubric.title, rubric.label]

    @display(description="Asks")
    def asks(self, rubric):
        return ", ".join(entry["title"] for entry in (*rubric.criteria, *rubric.flags))

    @display(description="Scores of people")
    def uses(self, rubric):
        return f"{rubric.score_count:,}"

    @display(description="Created")
    def created(self, rubric):
        by = "shipped" if rubric.is_shipped else rubric.created_by or "a deleted account"
        return format_html("{} {}", by, ago(rubric.created_at))


def _tried(definition: Definition, posted) -> dict:
    """What the form shows of a rubric that is not stored: its range, its questions and the composite of answers."""
    answers = rubric_form.answers_in(definition, posted)
    has_answers = not rubric_form.is_empty(definition, posted)
    return {
        "composite": scoring.composite_of(definition),
        "form": rubric_form.form_of(definition, answers if has_answers else None),
        "scored": _scored(definition, answers) if has_answers else None,
    }


def _scored(rubric: scoring.Rubric, answers: dict) -> dict:
    try:
        return {"score": scoring.score(rubric, answers), "problems": []}
    except InvalidAnswers as error:
        return {"score": None, "problems": [_sentence(one) for one in error.errors]}


def _sentence(error: FieldError) -> str:
    return f"{error.field}: {error.message}" if error.field else error.message
