from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget


class NoteForm(BaseDialogForm):
    note = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


class ReasonForm(BaseDialogForm):
    note = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Why this set must not be used for training."
    )


def dialog(title: str, description: str, submit: str, form: type[BaseDialogForm]) -> dict:
    return {"title": title, "description": description, "form_submit_text": submit, "form_class": form}
