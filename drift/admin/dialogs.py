"""What the dialogs of several pages ask."""

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from feedback.models import Deployment


class DeploymentForm(BaseDialogForm):
    deployment = forms.ModelChoiceField(
        Deployment.objects.all(), empty_label="Select a deployment", widget=UnfoldAdminSelectWidget
    )


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(max_length=2_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
