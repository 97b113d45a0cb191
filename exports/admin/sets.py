from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from curation.admin.sets import CuratedSetAdmin
from curation.querysets import EXPORTABLE
from exports.admin.batches import page_of
from exports.batches import requesting
from exports.batches.encodings import FORMAT_CHOICES, PRODUCT_CHOICES
from exports.batches.options import InvalidOption
from exports.choices import Profile, Reasoning, Turns
from exports.models import TriggeredSet

OPTIONS = ("format", "product", "profile", "reasoning", "turns", "only_new")


class ExportForm(BaseDialogForm):
    format = forms.ChoiceField(choices=FORMAT_CHOICES, widget=UnfoldAdminSelectWidget)
    product = forms.ChoiceField(
        choices=[("", "What the format holds"), *PRODUCT_CHOICES], required=False, widget=UnfoldAdminSelectWidget
    )
    profile = forms.ChoiceField(
        choices=Profile.choices, widget=UnfoldAdminSelectWidget, help_text="How conversations are formatted."
    )
    reasoning = forms.ChoiceField(
        choices=Reasoning.choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Whether the reasoning of assistant messages is kept, and under which key.",
    )
    turns = forms.ChoiceField(
        choices=Turns.choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="What sft has a model learn.",
    )
    only_new = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Leave out rows that left in a published export of the same product.",
    )


class ExportableSetAdmin(CuratedSetAdmin):
    """The page of a curated set, with the Export action."""

    actions_detail = [*CuratedSetAdmin.actions_detail, "export"]

    def page(self, request, curated_set):
        found = super().page(request, curated_set)
        started = TriggeredSet.objects.filter(curated_set=curated_set).select_related("firing").first()
        return {**found, "asked": [*found["asked"], ("Started by", started.firing)]} if started else found

    def possible_actions(self, request, curated_set):
        steps = super().possible_actions(request, curated_set)
        return steps | {"export"} if curated_set.status in EXPORTABLE else steps

    def has_export_permission(self, request, object_id=None):
        return request.user.has_perm("exports.add_exportbatch")

    @action(
        description="Export",
        icon="outbox",
        variant=ActionVariant.PRIMARY,
        url_path="export",
        permissions=["export"],
        dialog={
            "title": "Export this set",
            "description": "The export is written once it is approved.",
            "form_submit_text": "Request",
            "form_class": ExportForm,
        },
    )
    def export(self, request, form, object_id):
        try:
            wanted = {name: form.cleaned_data[name] for name in OPTIONS if form.cleaned_data[name]}
            batch, is_new = requesting.request(object_id, by=request.user, **wanted)
        except (requesting.ExportNotAllowed, InvalidOption) as error:
            messages.error(request, str(error))
            return HttpResponse(headers={"HX-Redirect": reverse("admin:curation_curatedset_change", args=[object_id])})
        if is_new:
            messages.success(request, f"{batch} is requested.")
        else:
            messages.info(request, f"{batch} was already requested. This is the existing export.")
        return HttpResponse(headers={"HX-Redirect": page_of(batch.pk)})
