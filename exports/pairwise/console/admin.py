"""Pairwise runs in the console: the verdicts of a judge in both orders, and its biases."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from curation.models import CuratedSet
from exports.choices import GateStatus, PairwiseSource, PairwiseStatus
from exports.models import GateRun
from exports.pairwise import requesting
from exports.pairwise.console import page
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.models import Judge

STATUS_LABELS = {PairwiseStatus.RUNNING: "info", PairwiseStatus.FAILED: "danger", PairwiseStatus.COMPLETED: "success"}
_OFFERED = 100


class PairwiseForm(BaseDialogForm):
    judge = forms.ModelChoiceField(
        queryset=Judge.objects.none(), widget=UnfoldAdminSelectWidget, help_text="One with endpoints, at work."
    )
    source = forms.ChoiceField(
        label="Pairs", widget=UnfoldAdminSelectWidget, help_text="Of the judge's deployment; the newest are offered."
    )
    most = forms.IntegerField(
        label="Pairs at most",
        min_value=1,
        max_value=requesting.MOST_PAIRS,
        initial=100,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["judge"].queryset = Judge.objects.at_work().select_related("rubric_version")
        self.fields["source"].choices = [*_gates(), *_sets()]

    def clean_source(self):
        kind, record_id = self.cleaned_data["source"].split()
        model = GateRun if kind == PairwiseSource.GATE else CuratedSet
        found = model.objects.filter(pk=record_id).first()
        if found is None:
            raise forms.ValidationError("It was deleted.")
        return PairwiseSource(kind), found


def _gates():
    for gate in GateRun.objects.filter(status=GateStatus.COMPLETED, n__gt=0)[:_OFFERED]:
        yield f"{PairwiseSource.GATE} {gate.pk}", f"{gate.deployment_id}: {gate} on {gate.golden_name}"


def _sets():
    for one in CuratedSet.objects.order_by("-pk")[:_OFFERED]:
        yield f"{PairwiseSource.COMPARISONS} {one.pk}", f"{one.deployment_id}: comparisons of {one.name}"
        yield f"{PairwiseSource.PAIRS} {one.pk}", f"{one.deployment_id}: pairs of {one.name}"


class PairwiseRunAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "pairs", "first_shown", "inconsistent", "requested"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status", "source", "judge_name"]
    list_select_related = ["requested_by"]
    actions_list = ["compare"]
    actions_detail = ["cancel"]
    change_form_template = "exports/pairwise_run.html"
    fields = []
    sortable_by = []
    empty_text = "A judge compares two answers to a prompt in both orders. Choose Compare pairs."

    def page(self, request, run):
        return {**page.build(run), "status_type": STATUS_LABELS.get(run.status, "")}

    def possible_actions(self, request, run):
        return {"cancel"} if run.status == PairwiseStatus.RUNNING else set()

    def has_compare_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.PERMISSION)

    has_cancel_permission = has_compare_permission

    @action(
        description="Compare pairs",
        icon="compare",
        permissions=["compare"],
        dialog={
            "title": "Have a judge compare pairs of answers",
            "description": "Each pair is asked about in both orders. Masked texts are sent to the judge's endpoints.",
            "form_submit_text": "Compare",
            "form_class": PairwiseForm,
        },
    )
    def compare(self, request, form):
        kind, source = form.cleaned_data["source"]
        address = reverse("admin:exports_pairwiserun_changelist")
        try:
            run = requesting.request(
                form.cleaned_data["judge"], source, kind=kind, most=form.cleaned_data["most"], by=request.user
            )
            address = reverse("admin:exports_pairwiserun_change", args=[run.pk])
            messages.success(request, f"{run} is requested.")
        except (requesting.PairwiseNotAllowed, PermissionDenied) as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": address})

    @action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        permissions=["cancel"],
        dialog={
            "title": "Cancel this run?",
            "description": "No further pair is asked about.",
            "form_submit_text": "Cancel the run",
        },
    )
    def cancel(self, request, form, object_id):
        if self.get_object(request, object_id) is None:
            raise Http404
        try:
            messages.success(request, f"{requesting.cancel(object_id, by=request.user)} is cancelled.")
        except requesting.PairwiseNotAllowed as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": reverse("admin:exports_pairwiserun_change", args=[object_id])})

    @display(header=True, description="Judge")
    def heading(self, run):
        return [run.judge_name, f"{run.deployment_id}, {run.get_source_display().lower()}"]

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, run):
        return run.status, run.get_status_display()

    @display(description="Pairs")
    def pairs(self, run):
        return f"{run.figures['n']:,}" if run.figures else "–"

    @display(description="Prefers the first shown")
    def first_shown(self, run):
        return page.share(run.figures["position"]["first"]) if run.figures else "–"

    @display(description="Different in the other order")
    def inconsistent(self, run):
        return page.share(run.figures["inconsistent"]) if run.figures else "–"

    @display(description="Requested")
    def requested(self, run):
        return format_html("{} {}", run.requested_by, ago(run.created_at))
