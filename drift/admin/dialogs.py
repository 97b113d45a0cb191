"""Forms of the dialogs."""

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from drift.choices import MAX_REASON_CHARACTERS
from feedback.models import Deployment


class DeploymentForm(BaseDialogForm):
    deployment = forms.ModelChoiceField(
        Deployment.objects.listed(), empty_label="Select a deployment", widget=UnfoldAdminSelectWidget
    )


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(max_length=MAX_REASON_CHARACTERS, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
