"""The agreement of judges with people in the console, and what judges may decide because of it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from feedback.console import agreement_figures
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.judging.agreement import choosing
from feedback.models import Deployment, RubricVersion

LIST = "admin:feedback_judgestanding_changelist"
HOLDS_LABELS = {"holds": "success", "low": "warning", "none": ""}
_SWITCH = [("", "As it is"), ("yes", "Yes"), ("no", "No")]
_CHOSEN = {"": None, "yes": True, "no": False}


class StandingForm(BaseDialogForm):
    least_kappa = forms.FloatField(
        label="Least kappa",
        min_value=0,
        max_value=1,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="What the lower end of the interval must reach. Empty: as it is.",
    )
    is_gold = forms.ChoiceField(label="Gold", choices=_SWITCH, required=False, widget=UnfoldAdminSelectWidget)
    used_by_triggers = forms.ChoiceField(
        label="Used by triggers", choices=_SWITCH, required=False, widget=UnfoldAdminSelectWidget
    )


class PeopleGoldForm(BaseDialogForm):
    deployment = forms.ModelChoiceField(queryset=Deployment.objects.all(), widget=UnfoldAdminSelectWidget)
    rubric = forms.ModelChoiceField(queryset=RubricVersion.objects.all(), widget=UnfoldAdminSelectWidget)
    is_gold = forms.BooleanField(label="Gold", required=False, widget=UnfoldBooleanWidget)


class JudgeStandingAdmin(RecordAdmin):
    list_display = ["heading", "kappa_shown", "events", "state", "decides", "measured"]
    list_display_links = ["heading"]
    list_filter = ["judge__deployment", "holds"]
    list_select_related = ["judge__rubric_version"]
    actions_list = ["people_as_gold"]
    actions_detail = ["choose"]
    change_form_template = "feedback/judge_agreement.html"
    fields = []
    sortable_by = []
    empty_text = "A judge appears here once it has scored events; people score them on the pages of events."

    def page(self, request, standing):
        return agreement_figures.build(standing)

    def has_choose_permission(self, request, object_id=None):
        return request.user.has_perm(choosing.PERMISSION)

    def has_people_permission(self, request, object_id=None):
        return request.user.has_perm(choosing.PEOPLE_PERMISSION)

    @action(
        description="Choose what it decides",
        icon="tune",
        url_path="choose",
        permissions=["choose"],
        dialog={
            "title": "What may this judge decide?",
            "description": "Choices have effect only while the agreement with people reaches the least kappa.",
            "form_submit_text": "Save",
            "form_class": StandingForm,
        },
    )
    def choose(self, request, form, object_id):
        standing = self.get_object(request, object_id)
        if standing is None:
            raise Http404
        chosen = form.cleaned_data
        try:
            choosing.choose(
                standing.judge,
                least_kappa=chosen["least_kappa"],
                is_gold=_CHOSEN[chosen["is_gold"]],
                used_by_triggers=_CHOSEN[chosen["used_by_triggers"]],
                by=request.user,
            )
            messages.success(request, "Saved. The judge is compared with people again.")
        except PermissionDenied as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_judgestanding_change", args=[standing.pk])})

    @action(
        description="People as gold",
        icon="groups",
        permissions=["people"],
        dialog={
            "title": "Are people's scores by a rubric gold?",
            "description": "The evidence of every event that people scored by it is computed again.",
            "form_submit_text": "Save",
            "form_class": PeopleGoldForm,
        },
    )
    def people_as_gold(self, request, form):
        chosen = form.cleaned_data
        choosing.choose_people(chosen["deployment"], chosen["rubric"], is_gold=chosen["is_gold"], by=request.user)
        are = "are" if chosen["is_gold"] else "are not"
        messages.success(request, f"People's scores by {chosen['rubric']} {are} gold in {chosen['deployment']}.")
        return HttpResponse(headers={"HX-Redirect": reverse(LIST)})

    @display(header=True, description="Judge")
    def heading(self, standing):
        return [standing.judge.name, f"{standing.judge.deployment_id}, {standing.judge.rubric_version.label}"]

    @display(description="Kappa")
    def kappa_shown(self, standing):
        return agreement_figures.kappa(standing)

    @display(description="Events")
    def events(self, standing):
        return f"{standing.n:,}"

    @display(description="Agreement", label=HOLDS_LABELS)
    def state(self, standing):
        if standing.kappa is None:
            return "none", "Not enough data"
        return ("holds", "Enough") if standing.holds else ("low", "Too low")

    @display(description="Decides")
    def decides(self, standing):
        return agreement_figures.decides(standing)

    @display(description="Measured")
    def measured(self, standing):
        return ago(standing.measured_at)
