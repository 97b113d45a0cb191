from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from drift.admin.comparison_form import ComparisonForm
from drift.comparisons import lifecycle, stopping
from drift.models import ArmComparison
from drift.pages import comparison_charts, comparison_page
from drift.reading.references import UnknownSegment
from drift.windows.arms import InvalidArm, parse_arm
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago, excerpt
from feedback.console.record_admin import RecordAdmin
from feedback.models import Deployment

REPEAT = {
    "title": "Compare again?",
    "description": "A worker reads the events of these arms that are stored now and adds a comparison.",
    "form_class": BaseDialogForm,
    "form_submit_text": "Compare again",
}

STOP = {
    "title": "Stop watching this comparison?",
    "description": "Its last results stay. It cannot be watched again; compare again instead.",
    "form_class": BaseDialogForm,
    "form_submit_text": "Stop watching",
}


class ArmComparisonAdmin(RecordAdmin):
    list_display = ["shown_deployment", "arms_by_name", "state", "conclusion", "created"]
    list_filter = [DeploymentFilter, "status"]
    ordering = ["-created_at", "-id"]
    sortable_by = []
    actions_list = ["compare"]
    actions_detail = ["compare_again", "stop_watching"]
    change_form_template = "drift/comparison.html"
    fields = []
    empty_text = "No comparisons yet. A comparison says which version is better by an outcome, and how certain that is."
    empty_command = "python manage.py compare DEPLOYMENT VERSION VERSION"

    def get_queryset(self, request):
        queryset = super().get_queryset(request).with_user()
        is_list = request.resolver_match.url_name.endswith("_changelist")
        return queryset.summarized() if is_list else queryset

    def get_urls(self):
        new = self.admin_site.admin_view(self.new_view)
        return [path("new/", new, name="drift_armcomparison_new"), *super().get_urls()]

    def has_compare_permission(self, request, object_id=None):
        return request.user.has_perm("drift.add_armcomparison")

    def page(self, request, comparison):
        sees_events = request.user.has_perm("feedback.view_event")
        page = comparison_page.build(comparison, with_texts=sees_events)
        charts = comparison_charts.charts(comparison)
        return {"page": page, "sections": [(one, charts.get(one.name, [])) for one in page.outcomes]}

    def possible_actions(self, request, comparison):
        if not comparison.finished_at:
            return []
        return ["stop_watching"] if comparison.is_live else ["compare_again"]

    def new_view(self, request):
        """The form that asks for a comparison; first the deployment, if none is given."""
        if not self.has_compare_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Compare"}
        chosen = request.GET.get("deployment_id", "")
        if not chosen:
            deployments = Deployment.objects.order_by("pk").values_list("pk", flat=True)[:100]
            return TemplateResponse(request, "drift/compare.html", {**context, "deployments": deployments})
        deployment = get_object_or_404(Deployment, pk=chosen)
        form = ComparisonForm(deployment, request.POST or None, prompt_versions=request.GET.getlist("prompt_version"))
        if form.is_valid() and (found := self._requested(request, deployment.pk, form.body)):
            return HttpResponseRedirect(_page(found))
        context |= {"form": form, "deployment": deployment, "title": f"Compare in {deployment.pk}"}
        return TemplateResponse(request, "drift/compare.html", context)

    def _requested(self, request, deployment_id, body):
        try:
            return lifecycle.request(deployment_id, **body, by=request.user)
        except (InvalidArm, UnknownSegment, lifecycle.TooManyComparisons, lifecycle.TooManyLive) as error:
            messages.error(request, str(error))
            return None

    @action(description="Compare", icon="balance", variant=ActionVariant.PRIMARY, permissions=["compare"])
    def compare(self, request):
        return HttpResponseRedirect(reverse("admin:drift_armcomparison_new"))

    @action(
        description="Compare again",
        icon="refresh",
        variant=ActionVariant.PRIMARY,
        url_path="again",
        permissions=["compare"],
        dialog=REPEAT,
    )
    def compare_again(self, request, form, object_id):
        before = self.get_object(request, object_id)
        if before is None:
            raise Http404
        kept = {name: getattr(before, name) for name in ("outcomes", "segments", "test", "correction", "margin")}
        arms = [parse_arm(arm) for arm in before.arms]
        found = self._requested(request, before.deployment_id, {**kept, "arms": arms})
        return HttpResponse(headers={"HX-Redirect": _page(found or before)})

    @action(
        description="Stop watching",
        icon="stop_circle",
        url_path="stop",
        permissions=["compare"],
        dialog=STOP,
    )
    def stop_watching(self, request, form, object_id):
        comparison = self.get_object(request, object_id)
        if comparison is None:
            raise Http404
        try:
            stopping.stop(comparison)
            messages.success(request, "The comparison is watched no longer.")
        except stopping.NotLive as error:
            messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": _page(comparison)})

    @display(description="Deployment")
    def shown_deployment(self, comparison):
        return comparison.deployment_id

    @display(description="Arms")
    def arms_by_name(self, comparison):
        return excerpt(", ".join(comparison.names), 80)

    @display(description="Status", label=comparison_page.TONES)
    def state(self, comparison):
        return comparison.status, comparison.get_status_display()

    @display(description="Result")
    def conclusion(self, comparison):
        return excerpt(comparison_page.headline(comparison), 120)

    @display(description="Created")
    def created(self, comparison):
        return ago(comparison.created_at)


def _page(comparison: ArmComparison) -> str:
    return reverse("admin:drift_armcomparison_change", args=[comparison.pk])
