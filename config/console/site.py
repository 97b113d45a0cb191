from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.paginator import InvalidPage
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from config.console import home_page, new_versions, system_page
from config.console.ids import with_known_ids
from config.console.login import TOO_MANY, WINDOW_SECONDS, LoginForm
from feedback.console import masking_page
from feedback.masking import InvalidPattern
from feedback.stores import event_store
from feedback.stores.base import EventFilter


class ConsoleSite(UnfoldAdminSite):
    """The admin console."""

    login_form = LoginForm
    site_header = site_title = "Crucible Feedback"
    index_title = "Overview"

    def extra_urls(self):
        masking = require_http_methods(["GET", "HEAD", "POST"])(self.masking)
        return [
            path("system/", self.admin_view(require_safe(self.system)), name="system"),
            path("new-versions/", self.admin_view(require_safe(self.new_versions)), name="new_versions"),
            path("masking/", self.admin_view(sensitive_post_parameters("text")(masking)), name="masking"),
        ]

    def admin_view(self, view, cacheable=False):
        return super().admin_view(with_known_ids(view), cacheable)

    def login(self, request, extra_context=None):
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is not None and form.is_bound and form.has_error(NON_FIELD_ERRORS, TOO_MANY):
            response.status_code = 429
            response["Retry-After"] = str(WINDOW_SECONDS)
        return response

    def search(self, request, extra_context=None):
        try:
            return super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404 from error

    def new_versions(self, request):
        """A panel that the overview loads: versions that trainings made, each beside the one before it."""
        found = new_versions.build(request.user, request.GET.get("deployment", ""))
        return TemplateResponse(request, "console/new_versions.html", {"comparisons": found})

    def system(self, request):
        """The page for operators."""
        if not request.user.has_perm("feedback.view_ingestbatch"):
            raise PermissionDenied
        context = {
            **self.each_context(request),
            "title": "System",
            "page": system_page.build(request.user),
            "origin": _origin(request),
        }
        return TemplateResponse(request, "console/system.html", context)

    def masking(self, request):
        """Preview how a text is masked."""
        form = masking_page.TryTextForm(request.POST or None, user=request.user)
        page = None
        if form.is_valid():
            try:
                page = masking_page.build(form.cleaned_data["text"], form.cleaned_data["deployment"])
            except InvalidPattern as error:
                form.add_error("deployment", str(error))
        context = {**self.each_context(request), "title": "Masking preview", "form": form, "page": page}
        return TemplateResponse(request, "feedback/masking.html", context)


def home(request, context):
    """Build the home page's context; called by Unfold."""
    page = home_page.build(request.user, request.GET.get("range", ""), request.GET.get("deployment", ""))
    return {**context, "page": page, "origin": _origin(request)}


def _origin(request):
    return f"{request.scheme}://{request.get_host()}"


def find_event(request, search_term):
    """Find an event by its exact id, for the command palette."""
    try:
        event_id = UUID(search_term.strip())
    except ValueError:
        return []
    if not request.user.has_perm("feedback.view_event"):
        return []
    if not event_store().count(EventFilter(ids=[event_id]), at_most=1):
        return []
    address = reverse("admin:feedback_event_change", args=[event_id])
    return [SearchResult(title=str(event_id), description="Event", link=address, icon="forum")]
