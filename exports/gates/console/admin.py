"""Gates in the console, and what they add to the page of a golden set."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from curation.admin.golden import GoldenSetAdmin
from curation.models import GoldenSet
from exports.choices import GateStatus, GateVerdict
from exports.gates import consent, requesting, wording
from exports.gates.console import page
from exports.gates.requesting import GateNotAllowed, Model
from exports.models import GateRun, TrainingRun
from exports.querysets import UNFINISHED_GATES
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.endpoints.endpoints import InvalidEndpoints, endpoints
from feedback.models import Judge

STATUS_LABELS = {
    GateStatus.WAITING: "warning",
    GateStatus.RUNNING: "info",
    GateStatus.FAILED: "danger",
    GateVerdict.BETTER: "success",
    GateVerdict.WORSE: "danger",
}
_GATES_SHOWN = 10


def page_of(gate_id: int) -> str:
    return reverse("admin:exports_gaterun_change", args=[gate_id])


def gates_of(request, record: GoldenSet | TrainingRun) -> list[GateRun]:
    """The newest gates of a golden set or a training run, for a user who may view gates."""
    return list(record.gates.all()[:_GATES_SHOWN]) if request.user.has_perm("exports.view_gaterun") else []


class GateRunAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "models_shown", "difference_shown", "requested"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status", "verdict"]
    list_select_related = ["requested_by"]
    actions_detail = ["cancel"]
    change_form_template = "exports/gate.html"
    fields = []
    sortable_by = []
    empty_text = "Gates compare a candidate with the current model. Choose Compare models on the page of a golden set."
    empty_command = "python manage.py gate SET --candidate NAME --current NAME"

    def get_queryset(self, request):
        return super().get_queryset(request).with_progress()

    def get_urls(self):
        progressing = self.admin_site.admin_view(require_safe(self.progress_view))
        return [path("<int:gate_id>/progress/", progressing, name="exports_gaterun_progress"), *super().get_urls()]

    def progress_view(self, request, gate_id):
        """How many answers there are, which the page polls; at the end the page reloads."""
        gate = self.viewed(request, gate_id)
        if gate.status != GateStatus.RUNNING:
            return HttpResponse(headers={"HX-Refresh": "true"})
        shown = {"gate": gate, "sentence": wording.sentence(gate), "is_running": True}
        return TemplateResponse(request, "exports/gate_progress.html", shown)

    def page(self, request, gate):
        return {
            **page.build(gate, number=request.GET.get("page")),
            "status_type": STATUS_LABELS.get(gate.status, ""),
            "is_running": gate.status == GateStatus.RUNNING,
        }

    def possible_actions(self, request, gate):
        return {"cancel"} if gate.status in UNFINISHED_GATES else set()

    def has_cancel_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.PERMISSION)

    @action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        permissions=["cancel"],
        dialog={
            "title": "Cancel this gate?",
            "description": "No further question is asked, and there is no verdict.",
            "form_submit_text": "Cancel the gate",
        },
    )
    def cancel(self, request, form, object_id):
        if self.get_object(request, object_id) is None:
            raise Http404
        try:
            messages.success(request, f"{requesting.cancel(object_id, by=request.user)} is cancelled.")
        except requesting.AlreadyEnded as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": page_of(object_id)})

    @display(header=True, description="Gate")
    def heading(self, gate):
        return [gate.golden_name, gate.deployment_id]

    @display(description="Result", label=STATUS_LABELS)
    def status_label(self, gate):
        if gate.verdict:
            return gate.verdict, gate.get_verdict_display()
        return gate.status, gate.get_status_display()

    @display(description="Candidate against current model")
    def models_shown(self, gate):
        names = [
            version or endpoint or "uploaded"
            for version, endpoint in (
                (gate.candidate_version, gate.candidate_endpoint),
                (gate.current_version, gate.current_endpoint),
            )
        ]
        return " against ".join(names)

    @display(description="Difference")
    def difference_shown(self, gate):
        return "–" if gate.difference is None else f"{gate.difference:+.3f} ({gate.low:+.3f} to {gate.high:+.3f})"

    @display(description="Requested")
    def requested(self, gate):
        return format_html("{} {}", gate.requested_by, ago(gate.created_at))


def endpoint_choices() -> list[tuple[str, str]]:
    try:
        named = endpoints()
    except InvalidEndpoints:
        named = {}
    return [("", "Answers are uploaded"), *((name, name) for name in named)]


class GateForm(BaseDialogForm):
    candidate = forms.ChoiceField(choices=endpoint_choices, required=False, widget=UnfoldAdminSelectWidget)
    candidate_version = forms.CharField(
        label="Model version of the candidate", max_length=255, required=False, widget=UnfoldAdminTextInputWidget
    )
    current = forms.ChoiceField(
        label="Current model", choices=endpoint_choices, required=False, widget=UnfoldAdminSelectWidget
    )
    current_version = forms.CharField(
        label="Current model version", max_length=255, required=False, widget=UnfoldAdminTextInputWidget
    )
    judge = forms.ModelChoiceField(
        queryset=Judge.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Compares the answers if there are fewer than 50 references and it agrees enough with people.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["judge"].queryset = Judge.objects.at_work().select_related("rubric_version")


class GatedGoldenSetAdmin(GoldenSetAdmin):
    """The page of a golden set, with its gates and the consent to questions to endpoints."""

    change_form_template = "exports/golden_set.html"
    actions_detail = ["compare_models", "allow_endpoints", "forbid_endpoints", *GoldenSetAdmin.actions_detail]

    def page(self, request, golden_set):
        found = super().page(request, golden_set)
        return {**found, "gates": gates_of(request, golden_set), "consent": self._consent(request, golden_set)}

    def possible_actions(self, request, golden_set):
        unneeded = "allow_endpoints" if self._consent(request, golden_set) else "forbid_endpoints"
        return {*super().possible_actions(request, golden_set)} - {unneeded}

    def _consent(self, request, golden_set):
        """Read once per request."""
        if not hasattr(request, "gate_consent"):
            request.gate_consent = consent.of(golden_set.deployment_id)
        return request.gate_consent

    def has_gate_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.PERMISSION)

    def has_consent_permission(self, request, object_id=None):
        return request.user.has_perm(consent.PERMISSION)

    @action(
        description="Compare models",
        icon="balance",
        variant=ActionVariant.PRIMARY,
        url_path="gate",
        permissions=["gate"],
        dialog={
            "title": "Compare a candidate with the current model",
            "description": "Both answer the prompts of this set, and their answers are compared with the references.",
            "form_submit_text": "Compare",
            "form_class": GateForm,
        },
    )
    def compare_models(self, request, form, object_id):
        golden_set, chosen = self._golden_set(request, object_id), form.cleaned_data
        try:
            gate = requesting.request(
                golden_set=golden_set,
                candidate=Model(chosen["candidate"], chosen["candidate_version"]),
                current=Model(chosen["current"], chosen["current_version"]),
                judge=chosen["judge"],
                by=request.user,
            )
        except (GateNotAllowed, InvalidEndpoints, PermissionDenied) as error:
            messages.error(request, str(error))
            return _back(golden_set)
        messages.success(request, f"{gate} is requested.")
        return HttpResponse(headers={"HX-Redirect": page_of(gate.pk)})

    @action(
        description="Allow endpoints",
        icon="outgoing_mail",
        url_path="allow-endpoints",
        permissions=["consent"],
        dialog={
            "title": "May masked texts leave?",
            "description": "Gates of this deployment may send masked prompts to the endpoints of LLM_ENDPOINTS. "
            "Your name and the time are stored.",
            "form_submit_text": "Allow",
        },
    )
    def allow_endpoints(self, request, form, object_id):
        golden_set = self._golden_set(request, object_id)
        consent.accept(golden_set.deployment, by=request.user)
        messages.success(request, f"Gates of {golden_set.deployment_id} may ask endpoints.")
        return _back(golden_set)

    @action(
        description="Forbid endpoints",
        icon="block",
        url_path="forbid-endpoints",
        permissions=["consent"],
        dialog={
            "title": "Send nothing more to endpoints?",
            "description": "Running gates of this deployment fail, and later ones need uploaded answers.",
            "form_submit_text": "Forbid",
        },
    )
    def forbid_endpoints(self, request, form, object_id):
        golden_set = self._golden_set(request, object_id)
        consent.withdraw(golden_set.deployment, by=request.user)
        messages.success(request, f"Gates of {golden_set.deployment_id} ask no endpoints.")
        return _back(golden_set)

    def _golden_set(self, request, object_id):
        if (golden_set := self.get_object(request, object_id)) is None:
            raise Http404
        return golden_set


def _back(golden_set) -> HttpResponse:
    address = reverse("admin:curation_goldenset_change", args=[golden_set.pk])
    return HttpResponse(headers={"HX-Redirect": address})
