"""The pages of a set on which reviewers compare answers, and that show how much they agree."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from curation.admin.comparing import agreement_panel, view
from feedback.console.record_admin import RecordAdmin

_Respond = Callable[[HttpRequest, object, dict], HttpResponse]


def addresses(admin: RecordAdmin) -> list[URLPattern]:
    """For the admin of sets."""
    compare = require_http_methods(["GET", "HEAD", "POST"])(_of_set(admin, view.respond))
    agreement = require_safe(_of_set(admin, agreement_panel.respond))
    wrap = admin.admin_site.admin_view
    return [
        path("<int:set_id>/compare/", wrap(compare), name="curation_curatedset_compare"),
        path("<int:set_id>/agreement/", wrap(agreement), name="curation_curatedset_agreement"),
    ]


def _of_set(admin: RecordAdmin, respond: _Respond) -> Callable[..., HttpResponse]:
    """A view of one set, for users who may view sets."""

    def found(request: HttpRequest, set_id: int) -> HttpResponse:
        if not admin.has_view_permission(request):
            raise PermissionDenied
        curated_set = admin.get_object(request, set_id)
        if curated_set is None:
            raise Http404
        return respond(request, curated_set, admin.admin_site.each_context(request))

    return found
