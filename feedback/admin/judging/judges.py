"""Judges in the console: their form, what they used today, and the consent to ask their endpoints."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from feedback.admin.deployments import BoundedDecoder
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.endpoints.endpoints import InvalidEndpoints, endpoints
from feedback.judging import budget, configuring, consent
from feedback.judging.configuring import CHANGEABLE, JudgeNotAllowed
from feedback.models import Deployment, Judge

_JUDGEMENTS_SHOWN = 10
STATE_LABELS = {"at work": "success", "paused": "danger", "disabled": "", "by files": "info", "no consent": "warning"}


def endpoint_choices() -> list[tuple[str, str]]:
    try:
        return [(name, f"{name} ({one.model})") for name, one in endpoints().items()]
    except InvalidEndpoints:
        return []


class JudgeForm(forms.ModelForm):
    endpoints = forms.MultipleChoiceField(
        choices=endpoint_choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Of LLM_ENDPOINTS, asked in its order: put the cheapest first. None: judgements come from files.",
    )
    weights = forms.JSONField(
        required=False,
        initial=dict,
        decoder=BoundedDecoder,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text='Weights of endpoints where they are not 1, as in {"large": 2}.',
    )

    class Meta:
        model = Judge
        fields = ["deployment", "name", "rubric_version", *CHANGEABLE]

    def clean_endpoints(self):
        """Those of before in their order, which the API may have chosen, then new ones."""
        chosen, before = self.cleaned_data["endpoints"], self.instance.endpoints
        return [*(name for name in before if name in chosen), *(name for name in chosen if name not in before)]

    def clean_weights(self):
        return self.cleaned_data["weights"] or {}

    def clean(self):
        if self.errors:
            return
        deployment = self.cleaned_data.get("deployment")
        if deployment and Judge.objects.of_deployment(deployment.pk).filter(name=self.cleaned_data["name"]).exists():
            self.add_error("name", f"{deployment.pk} has a judge of this name already.")
        facts = {name: getattr(self.instance, name) for name in ("name", *CHANGEABLE)} | self.cleaned_data
        facts.pop("deployment", None)
        facts.pop("rubric_version", None)
        for error in configuring.problems(Judge(**facts)):
            self.add_error(error.field if error.field in self.fields else None, error.message)


class JudgeAdmin(RecordAdmin):
    """Judges are disabled, not deleted: their scores refer to them."""

    form = JudgeForm
    list_display = ["heading", "state", "rubric", "used", "run"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "is_enabled"]
    list_select_related = ["rubric_version", "deployment__judge_consent"]
    sortable_by = []
    fieldsets = [
        (None, {"fields": ["deployment", "name", "rubric_version", "endpoints"]}),
        ("Events", {"fields": ["sampling", "sampling_rate", ("max_per_run", "lookback_days")]}),
        ("Budget", {"fields": [("daily_tokens", "daily_usd"), "max_answer_tokens"]}),
        ("Voting", {"fields": ["strategy", "execution_mode", "weights", ("min_agreement", "min_confidence")]}),
        ("Slow calls", {"fields": ["hedging_strategy", ("delay_ms", "percentile"), "budget_percent"]}),
    ]
    actions_detail = ["enable", "disable", "accept_texts", "withdraw_texts"]
    change_form_outer_before_template = "feedback/judging/judge.html"
    empty_text = (
        "A judge is a model that scores events by a rubric. Add one for a deployment, then accept that its masked "
        "texts leave."
    )
    empty_command = "python manage.py judge DEPLOYMENT"

    def has_add_permission(self, request):
        return request.user.has_perm(configuring.ADD_PERMISSION)

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm(configuring.CHANGE_PERMISSION)

    def has_switch_permission(self, request, object_id=None):
        return request.user.has_perm(configuring.CHANGE_PERMISSION)

    def has_consent_permission(self, request, object_id=None):
        return request.user.has_perm(consent.PERMISSION)

    def get_readonly_fields(self, request, obj=None):
        return ["deployment", "name", "rubric_version"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "deployment":
            kwargs["queryset"] = Deployment.objects.listed()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def find(self, request, object_id, from_field=None):
        judge = super().find(request, object_id, from_field)
        if judge is not None:
            judge.consent = consent.of(judge.deployment_id)
        return judge

    def page(self, request, judge):
        used = budget.today(judge)
        may_see = request.user.has_perm("feedback.view_judgement")
        newest = judge.judgements.newest_first()[:_JUDGEMENTS_SHOWN] if may_see else []
        return {
            "judge": judge,
            "judge_state": state_of(judge, judge.consent is not None),
            "state_type": STATE_LABELS[state_of(judge, judge.consent is not None)],
            "used": used,
            "is_used_up": budget.is_used_up(judge, used),
            "judgements": list(newest),
        }

    def possible_actions(self, request, judge):
        switch = "disable" if judge.is_enabled and judge.paused_at is None else "enable"
        return {switch, "withdraw_texts" if judge.consent else "accept_texts"}

    def save_model(self, request, obj, form, change):
        facts = {name: form.cleaned_data[name] for name in CHANGEABLE}
        if change:
            changed = {name: value for name, value in facts.items() if name in form.changed_data}
            if changed:
                configuring.change(obj, changed, by=request.user)
            return
        made = form.cleaned_data
        added = configuring.create(made["deployment"], made["name"], made["rubric_version"], facts, by=request.user)
        obj.pk, obj._state.adding = added.pk, False

    @action(
        description="Enable",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        url_path="enable",
        permissions=["switch"],
        dialog={
            "title": "Let this judge score events?",
            "description": "It asks its endpoints every few minutes, within its budget of the day.",
            "form_submit_text": "Enable",
        },
    )
    def enable(self, request, form, object_id):
        judge = self._judge(request, object_id)
        try:
            configuring.enable(judge, by=request.user)
            messages.success(request, f"{judge.name} is enabled.")
        except JudgeNotAllowed as error:
            messages.error(request, str(error))
        return _back(judge)

    @action(
        description="Disable",
        icon="pause",
        url_path="disable",
        permissions=["switch"],
        dialog={
            "title": "Stop this judge?",
            "description": "It asks nothing more; what it scored stays.",
            "form_submit_text": "Disable",
        },
    )
    def disable(self, request, form, object_id):
        judge = self._judge(request, object_id)
        configuring.disable(judge, by=request.user)
        messages.success(request, f"{judge.name} is disabled.")
        return _back(judge)

    @action(
        description="Accept that texts leave",
        icon="outgoing_mail",
        url_path="accept-texts",
        permissions=["consent"],
        dialog={
            "title": "May masked texts leave?",
            "description": "Judges of this deployment may send masked prompts and answers to the endpoints of "
            "LLM_ENDPOINTS. Your name and the time are stored.",
            "form_submit_text": "Accept",
        },
    )
    def accept_texts(self, request, form, object_id):
        judge = self._judge(request, object_id)
        consent.accept(judge.deployment, by=request.user)
        messages.success(request, f"Judges of {judge.deployment_id} may ask endpoints.")
        return _back(judge)

    @action(
        description="Let no texts leave",
        icon="block",
        url_path="withdraw-texts",
        permissions=["consent"],
        dialog={
            "title": "Send nothing more to endpoints?",
            "description": "All judges of this deployment stop at once, also those that are running.",
            "form_submit_text": "Withdraw",
        },
    )
    def withdraw_texts(self, request, form, object_id):
        judge = self._judge(request, object_id)
        consent.withdraw(judge.deployment, by=request.user)
        messages.success(request, f"Judges of {judge.deployment_id} ask no endpoints.")
        return _back(judge)

    def _judge(self, request, object_id):
        if (judge := self.get_object(request, object_id)) is None:
            raise Http404
        return judge

    @display(header=True, description="Judge")
    def heading(self, judge):
        return [judge.name, judge.deployment_id]

    @display(description="State", label=STATE_LABELS)
    def state(self, judge):
        return state_of(judge, hasattr(judge.deployment, "judge_consent"))

    @display(description="Rubric")
    def rubric(self, judge):
        return judge.rubric_version.label

    @display(description="Tokens a day")
    def used(self, judge):
        return f"{judge.daily_tokens:,}" if judge.endpoints else "–"

    @display(description="Last run")
    def run(self, judge):
        return ago(judge.last_run_at) if judge.last_run_at else "–"


def state_of(judge: Judge, has_consent: bool) -> str:
    if not judge.endpoints:
        return "by files"
    if not judge.is_enabled:
        return "disabled"
    if judge.paused_at:
        return "paused"
    return "at work" if has_consent else "no consent"


def _back(judge) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_judge_change", args=[judge.pk])})
