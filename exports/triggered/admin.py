"""The page that has the firings of a trigger start curated sets."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods
from unfold.decorators import action, display

from curation.admin.curate_form import CurateForm, initial_of
from drift.admin.trigger_rules import TriggerRuleAdmin
from exports.models import TriggeredRequest, TriggeredSet
from exports.triggered import requests

FIRINGS_SHOWN = 20


class TriggeredForm(CurateForm):
    """The form of a set for the deployment of the trigger."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        del self.fields["deployment"]


class CuratingTriggerRuleAdmin(TriggerRuleAdmin):
    """The settings of a trigger, with the curated set that a firing starts."""

    list_display = [*TriggerRuleAdmin.list_display, "starts"]
    list_select_related = [*TriggerRuleAdmin.list_select_related, "triggered_request"]
    actions_detail = ["curate"]

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.curate_view))
        return [path("<int:rule_id>/curated-set/", view, name="drift_triggerrule_curated_set"), *super().get_urls()]

    def has_curate_permission(self, request, object_id=None):
        return request.user.has_perms(requests.PERMISSIONS)

    @action(description="Start a curated set", icon="fact_check", url_path="curate", permissions=["curate"])
    def curate(self, request, object_id):
        return HttpResponseRedirect(reverse("admin:drift_triggerrule_curated_set", args=[object_id]))

    def curate_view(self, request, rule_id):
        """The request of the sets that firings start, and what the last firings started."""
        if not self.has_curate_permission(request):
            raise PermissionDenied
        rule = self.get_object(request, rule_id)
        if rule is None:
            raise Http404
        kept = TriggeredRequest.objects.filter(rule=rule).select_related("changed_by").first()
        if "remove" in request.POST:
            requests.remove(rule, by=request.user)
            messages.success(request, f"Firings of {rule} start no curated set.")
            return HttpResponseRedirect(request.path)
        initial = initial_of(kept.request) if kept else {"name": rule.name, "only_new": True}
        form = TriggeredForm(request.POST or None, initial=initial, label_suffix="")
        if form.is_valid():
            requests.keep(rule, form.body, by=request.user)
            messages.success(request, f"Each firing of {rule} starts a curated set from now on.")
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Curated set: {rule}",
            "rule": rule,
            "kept": kept,
            "form": form,
            "started": TriggeredSet.objects.of_rule(rule)[:FIRINGS_SHOWN],
        }
        return TemplateResponse(request, "exports/triggered_set.html", context)

    @display(description="A firing starts")
    def starts(self, rule):
        wanted = getattr(rule, "triggered_request", None)
        return f"set {wanted.request['name']}" if wanted else "–"
