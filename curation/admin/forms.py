from django import forms
from django.conf import settings
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from curation.choices import MAX_LIMIT, MAX_NAME_CHARACTERS
from feedback.models import Deployment


class NoteForm(BaseDialogForm):
    note = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


class ReasonForm(BaseDialogForm):
    note = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Why this set must not be used for training."
    )


class CurateForm(BaseDialogForm):
    deployment = forms.ModelChoiceField(
        Deployment.objects.listed(), empty_label="Select a deployment", widget=UnfoldAdminSelectWidget
    )
    name = forms.CharField(
        max_length=MAX_NAME_CHARACTERS,
        initial="curated",
        widget=UnfoldAdminTextInputWidget,
        help_text="Reusing a name creates its next version.",
    )
    limit = forms.IntegerField(
        min_value=1,
        max_value=MAX_LIMIT,
        initial=lambda: settings.CURATION_LIMIT,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Examples in total.",
    )


def dialog(title: str, description: str, submit: str, form: type[BaseDialogForm]) -> dict:
    return {"title": title, "description": description, "form_submit_text": submit, "form_class": form}
