"""Adds to the pages of events and deployments what curation knows about them."""

from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import action

from curation.admin import adding, approving, carried
from curation.admin.curating import PERMISSION
from curation.choices import Strategy
from curation.models import CuratedSet
from curation.review import policies, rows
from curation.sets import why
from feedback.admin.deployments import DeploymentAdmin
from feedback.admin.filters import OrderFilter
from feedback.admin.records import CURSOR_VAR
from feedback.admin.stored import EventAdmin
from feedback.stores.base import EventFilter

ADD = "admin:feedback_event_add_to_set"

_INCLUDED = {"examples": "It is an example of", "queue": "It waits in the queue of", None: "It is not in"}


class CuratableEventAdmin(EventAdmin):
    """Lists of events lead to a set of them; the page of an event says why it is in a set, or is not."""

    list_before_template = "curation/curate_these.html"
    change_form_template = "curation/event.html"
    session_template = "curation/session.html"

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        if request.user.has_perm(PERMISSION) and changelist.result_list:
            changelist.curate = carried.query_of(changelist.where, is_worst_first=changelist.is_worst_first)
        if request.user.has_perm(rows.PERMISSION) and changelist.result_list:
            query = changelist.get_query_string(remove=[CURSOR_VAR, OrderFilter.parameter_name])
            changelist.add_to_set = reverse(ADD) + query
        return changelist

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.why_view))
        add = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.add_to_set_view))
        return [
            path("<uuid:event_id>/why/", view, name="feedback_event_why"),
            path("add-to-set/", add, name="feedback_event_add_to_set"),
            *super().get_urls(),
        ]

    def add_to_set_view(self, request):
        """The page that adds events to a draft: those of a list, of a session, or one."""
        if not (self.has_view_permission(request) and request.user.has_perm(rows.PERMISSION)):
            raise PermissionDenied
        return adding.page(request, self._events_to_add(request), self.admin_site.each_context(request))

    def _events_to_add(self, request) -> EventFilter:
        try:
            if "event_id" in request.GET:
                return EventFilter(ids=[UUID(request.GET["event_id"])])
            if "session_hash" in request.GET:
                deployment_id = request.GET.get("deployment_id", "")
                return EventFilter(deployment_id=deployment_id, session_hash=request.GET["session_hash"])
            return self.asked_for(request, request.GET.urlencode())[0]
        except (ValueError, IncorrectLookupParameters) as error:
            raise BadRequest(str(error)) from error

    def why_view(self, request, event_id):
        """Why an event is in the newest set of its deployment, or is not: a panel that its page loads."""
        if not (self.has_view_permission(request) and request.user.has_perm("curation.view_curatedset")):
            raise PermissionDenied
        return TemplateResponse(request, "curation/why.html", {"why": _why(event_id)})


def _why(event_id: UUID) -> dict | None:
    """In words; None while no set of the deployment is built."""
    found = why.explain(event_id, CuratedSet.objects.all())
    if found is None:
        return None
    return {
        "curated_set": CuratedSet.objects.get(pk=found.curated_set),
        "included": _INCLUDED[found.included],
        "reasons": [
            (Strategy(reason.strategy).label if reason.strategy else "Gates", reason.sentence)
            for reason in found.reasons
        ],
    }


class CuratableDeploymentAdmin(DeploymentAdmin):
    """The page of a deployment, with the way to a set of its events."""

    actions_detail = [*DeploymentAdmin.actions_detail, "curate", "approval_policy"]

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.policy_view))
        name = "feedback_deployment_policy"
        return [path("<path:object_id>/approval-policy/form/", view, name=name), *super().get_urls()]

    def policy_view(self, request, object_id):
        """The form of the policy that an approval must meet."""
        context = self.admin_site.each_context(request)
        return approving.policy_page(request, self.get_object(request, unquote(object_id)), context)

    def has_policy_permission(self, request, object_id=None):
        return request.user.has_perm(policies.PERMISSION)

    @action(description="Approval policy", icon="rule", url_path="approval-policy", permissions=["policy"])
    def approval_policy(self, request, object_id):
        return HttpResponseRedirect(reverse("admin:feedback_deployment_policy", args=[quote(object_id)]))

    def has_curate_permission(self, request, object_id=None):
        return request.user.has_perm(PERMISSION)

    @action(description="Curate", icon="fact_check", url_path="curate", permissions=["curate"])
    def curate(self, request, object_id):
        address = reverse("admin:curation_curatedset_new", query={"deployment": object_id})
        return HttpResponseRedirect(address)
