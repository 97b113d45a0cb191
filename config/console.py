from uuid import UUID

from django.urls import reverse
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from config import home_page
from feedback.models import Event


class ConsoleSite(UnfoldAdminSite):
    """The admin console."""

    site_header = site_title = "Crucible Feedback"
    index_title = "Overview"


def home(request, context):
    """Fill the home page; Unfold calls it."""
    page = home_page.build(request.user, request.GET.get("range", ""), request.GET.get("deployment", ""))
    origin = f"{request.scheme}://{request.get_host()}"
    return {**context, "page": page, "origin": origin}


def find_event(request, search_term):
    """An event by its exact id, for the command palette."""
    try:
        event_id = UUID(search_term.strip())
    except ValueError:
        return []
    if not request.user.has_perm("feedback.view_event") or not Event.objects.filter(pk=event_id).exists():
        return []
    address = reverse("admin:feedback_event_change", args=[event_id])
    return [SearchResult(title=str(event_id), description="Event", link=address, icon="forum")]
