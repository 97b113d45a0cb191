from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from feedback.admin.filters import DeploymentFilter
from feedback.admin.scoring import score_page
from feedback.choices import MAX_WINDOW_EVENTS
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.human_scores import samples, submitting
from feedback.models import Deployment, RubricVersion

DRAW = "admin:feedback_scoringsample_draw"
CHANGE = "admin:feedback_scoringsample_change"
_SELECT = forms.Select(attrs={"class": "cf-select"})


def _number(**attributes) -> forms.NumberInput:
    return forms.NumberInput(attrs={"class": "cf-input", **attributes})


class DrawForm(forms.Form):
    deployment = forms.ModelChoiceField(Deployment.objects.order_by("pk"), widget=_SELECT)
    rubric = forms.ModelChoiceField(RubricVersion.objects.newest(), widget=_SELECT)
    size = forms.IntegerField(
        min_value=1, max_value=samples.MAX_SIZE, initial=50, label="Events", widget=_number(min=1, max=samples.MAX_SIZE)
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=samples.MAX_DAYS,
        initial=30,
        label="Of the last days",
        widget=_number(min=1, max=samples.MAX_DAYS),
        help_text=f"The draw reads the newest {MAX_WINDOW_EVENTS:,} events of this time.",
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        widget=_number(min=0),
        help_text="The same seed and events give the same sample. Empty: a random one.",
    )


class ScoringSampleAdmin(RecordAdmin):
    """Random samples of events, and how far people are with scoring them."""

    list_display = ["heading", "rubric", "drawn"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter]
    list_select_related = ["rubric_version", "created_by"]
    sortable_by = []
    actions_list = ["draw"]
    change_form_template = "feedback/scoring/sample.html"
    fields = []
    empty_text = (
        "A random sample of events, scored by people, shows how far a judge or the checks can be trusted."
        " Choose Draw a sample."
    )

    def get_urls(self):
        draw = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.draw_view))
        return [path("draw/", draw, name="feedback_scoringsample_draw"), *super().get_urls()]

    def has_draw_permission(self, request, object_id=None):
        return samples.may_draw(request.user)

    @action(description="Draw a sample", icon="casino", variant=ActionVariant.PRIMARY, permissions=["draw"])
    def draw(self, request):
        return HttpResponseRedirect(reverse(DRAW))

    def draw_view(self, request):
        """The form that draws a sample."""
        if not self.has_draw_permission(request):
            raise PermissionDenied("Drawing a sample needs the permission “Can add scoring sample”.")
        initial = {"deployment": request.GET.get("deployment_id")}
        form = DrawForm(request.POST or None, initial=initial, label_suffix="")
        if form.is_valid():
            given = form.cleaned_data
            wanted = {name: given[name] for name in ("size", "days", "seed")}
            try:
                sample = samples.draw(given["deployment"].pk, given["rubric"], by=request.user, **wanted)
            except samples.NothingToDraw as error:
                form.add_error("days", str(error))
            else:
                messages.success(request, f"{sample.events.count():,} events are drawn.")
                return HttpResponseRedirect(reverse(CHANGE, args=[sample.pk]))
        context = {**self.admin_site.each_context(request), "title": "Draw a random sample", "form": form}
        return TemplateResponse(request, "feedback/scoring/draw.html", context, status=400 if form.errors else 200)

    def page(self, request, sample):
        following = samples.next_event(sample, request.user) if submitting.may_score(request.user) else None
        return {
            "sample": sample,
            "progress": samples.progress(sample, request.user),
            "following": following and score_page.address(following, sample=sample.pk),
        }

    @display(header=True, description="Sample")
    def heading(self, sample):
        return [f"Sample {sample.pk}", sample.deployment_id]

    @display(description="Rubric")
    def rubric(self, sample):
        return sample.rubric_version.label

    @display(description="Drawn")
    def drawn(self, sample):
        return format_html("{} {}", sample.created_by or "a deleted account", ago(sample.created_at))
