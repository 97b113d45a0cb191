"""Shows a comparison and takes the verdict: every step is a POST that leads back to the page."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from curation.admin.comparing import page
from curation.choices import ComparisonVerdict
from curation.models import Comparison, CuratedSet
from curation.review.comparisons import deciding, leasing
from curation.review.comparisons.errors import NotComparable
from curation.review.rows import PERMISSION

SKIP, UNDO = "skip", "undo"


def respond(request: HttpRequest, curated_set: CuratedSet, context: dict) -> HttpResponse:
    """context: of every page of the console."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method == "POST":
        try:
            _take_step(request, curated_set, request.POST.get("step", ""))
        except NotComparable as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(request.path)
    shown = page.build(curated_set, request.user)
    return TemplateResponse(request, "curation/compare/page.html", {**context, "title": "Compare answers", **shown})


def _take_step(request: HttpRequest, curated_set: CuratedSet, step: str) -> None:
    if step == UNDO:
        if deciding.undo(curated_set, by=request.user) is None:
            minutes = deciding.UNDO.seconds // 60
            messages.warning(request, f"You have no verdict of the last {minutes} minutes to take back.")
    elif step == SKIP:
        leasing.skip(_comparison(request, curated_set), request.user)
    elif step in ComparisonVerdict.values:
        deciding.decide(_comparison(request, curated_set), ComparisonVerdict(step), by=request.user)


def _comparison(request: HttpRequest, curated_set: CuratedSet) -> Comparison:
    number = request.POST.get("comparison", "")
    found = Comparison.objects.of_set(curated_set.pk).with_rows().filter(pk=number if number.isdecimal() else 0)
    if (comparison := found.first()) is None:
        raise Http404
    return comparison
