"""The forms of the dialogs of prompts."""

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from feedback.admin.deployments import BoundedDecoder
from feedback.identifiers import PROMPT_LABEL
from feedback.models import Deployment, Prompt, PromptVersion
from feedback.prompts import drafts, rotation
from feedback.prompts.drafts import Draft

_OF_API = {"text": "text", "messages": "messages", "version": "version", "notes": "notes"}


def _line(**options):
    return forms.CharField(widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}), **options)


class VersionForm(BaseDialogForm):
    """Begins with the newest version of its prompt."""

    version = _line(max_length=64, help_text="As events will name it, such as v2-mentor. It cannot be changed later.")
    text = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="{{name}} is a variable, \\{{ is {{ itself.",
    )
    messages = forms.JSONField(
        required=False,
        decoder=BoundedDecoder,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text='Instead of a text, JSON: [{"role": "system", "content": "..."}]',
    )
    notes = forms.CharField(required=False, max_length=2_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))

    def __init__(self, request, object_id=None, *args, **options):
        newest = PromptVersion.objects.of_prompt(object_id).first() if object_id else None
        if newest:
            options["initial"] = {"text": newest.text, "messages": newest.messages, **(options.get("initial") or {})}
        super().__init__(request, object_id, *args, **options)
        self.fields["messages"].widget.attrs["placeholder"] = ""

    def clean(self):
        # A browser sends line ends as two characters.
        self.cleaned_data["text"] = self.cleaned_data.get("text", "").replace("\r\n", "\n")
        for error in drafts.problems(self.draft):
            field = error.field.partition(".")[0]
            self.add_error(field if field in _OF_API else None, f"{error.message}.")
        return self.cleaned_data

    @property
    def draft(self) -> Draft:
        given = self.cleaned_data
        return Draft(given.get("version", ""), given["text"], given.get("messages"), notes=given.get("notes", ""))


class PromptForm(VersionForm):
    """A new prompt with its first version."""

    deployment = forms.ModelChoiceField(
        Deployment.objects.listed(), empty_label="Select a deployment", widget=UnfoldAdminSelectWidget
    )
    name = _line(max_length=64, help_text="As applications ask for it, such as tips.")
    description = _line(max_length=drafts.MOST_DESCRIPTION, required=False)
    field_order = ["deployment", "name", "description", "version", "text", "messages", "notes"]

    def clean(self):
        if not PROMPT_LABEL.fullmatch(self.cleaned_data.get("name", "")):
            self.add_error("name", f"Not allowed: {drafts.LABEL_FORM}.")
        return super().clean()


class ServedForm(BaseDialogForm):
    """What the prompt serves, based on the revision that the dialog was opened with."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    default_version = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget, help_text="Served while there is no rotation."
    )
    rotation = _line(
        required=False,
        max_length=2_000,
        help_text="v1, v2 for equal parts, or v1=70, v2=30 in percent. Empty: no rotation.",
    )

    def __init__(self, request, object_id=None, *args, **options):
        super().__init__(request, object_id, *args, **options)
        prompt = Prompt.objects.get(pk=object_id)
        labels = prompt.versions.usable().labels()
        self.fields["default_version"].choices = [("", "None"), *((label, label) for label in labels)]
        stored = [rotation.Part(part["version"], part["weight"]) for part in prompt.rotation]
        self.initial = {
            "revision": prompt.revision,
            "default_version": prompt.default_version,
            "rotation": rotation.written(stored),
        }
        self.labels = set(labels)

    def clean_rotation(self):
        text = self.cleaned_data["rotation"].strip()
        if not text:
            return ()
        try:
            parts = rotation.parse(text)
        except rotation.InvalidRotation as error:
            raise forms.ValidationError(str(error)) from error
        if missing := [part.version for part in parts if part.version not in self.labels]:
            raise forms.ValidationError(f"There is no version {', '.join(missing)}, or it is archived.")
        return parts


class VersionChoiceForm(BaseDialogForm):
    """One of the versions of a prompt."""

    is_archived = False
    version = forms.ChoiceField(widget=UnfoldAdminSelectWidget)

    def __init__(self, request, object_id=None, *args, **options):
        super().__init__(request, object_id, *args, **options)
        versions = PromptVersion.objects.of_prompt(object_id)
        chosen = versions.archived() if self.is_archived else versions.usable()
        self.fields["version"].choices = [(label, label) for label in chosen.labels()]


class ArchivedChoiceForm(VersionChoiceForm):
    is_archived = True
