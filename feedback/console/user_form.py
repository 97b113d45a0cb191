"""The form of dialogs that name a user."""

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from feedback.serializers.people import MAX_PERSON_CHARACTERS


class UserForm(BaseDialogForm):
    user_id = forms.CharField(
        label="User id",
        max_length=MAX_PERSON_CHARACTERS,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="The user_id that your application sends. Only its hashes are stored.",
    )
