from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from exports.batches import downloads


class ApproveForm(BaseDialogForm):
    form_before_template = "exports/preview_place.html"

    def get_before_template_context(self, request, object_id=None):
        return {"batch_id": object_id}


class LinkForm(BaseDialogForm):
    hours = forms.IntegerField(
        initial=downloads.DEFAULT_LINK_HOURS,
        min_value=1,
        max_value=downloads.MOST_LINK_HOURS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="How long the link works.",
    )


class RejectForm(BaseDialogForm):
    note = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Why this must not leave, or what to change."
    )
