"""The page that asks for a set: a form, and on demand a preview of what it would select."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from curation.admin import carried, funnel, request_words
from curation.admin.curate_form import CurateForm
from curation.choices import Strategy
from curation.sets import previewing, requesting

PERMISSION = "curation.add_curatedset"


def page(request: HttpRequest, context: dict) -> HttpResponse:
    """context: of every page of the console."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = CurateForm(request.POST or None, initial=request.GET.dict(), label_suffix="")
    found = {}
    if form.is_valid():
        if "preview" not in request.POST:
            return _requested(request, form)
        found = _previewed(form)
    context = {
        **context,
        "title": "Curate",
        "form": form,
        "left_out": carried.names_of(request.GET.getlist(carried.LEFT_OUT)),
        "most_events": previewing.MOST_EVENTS,
        "most_seconds": previewing.MOST_SECONDS,
        **found,
    }
    return TemplateResponse(request, "curation/curate.html", context)


def _requested(request: HttpRequest, form: CurateForm) -> HttpResponse:
    try:
        curated_set = requesting.request(form.cleaned_data["deployment"].pk, by=request.user, **form.body)
    except requesting.TooManyBuilding as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:curation_curatedset_changelist"))
    messages.success(request, f"{curated_set} is being built.")
    return HttpResponseRedirect(reverse("admin:curation_curatedset_change", args=[curated_set.pk]))


def _previewed(form: CurateForm) -> dict:
    try:
        found = previewing.preview(form.cleaned_data["deployment"].pk, **form.body)
    except previewing.NoPreview as error:
        return {"no_preview": str(error)}
    names = found.curated_set.strategies
    return {
        "preview": found,
        "counts": [(Strategy(name).label, found.counts.get(name, 0), found.queued.get(name, 0)) for name in names],
        "total": sum(found.counts.values()),
        "queue_total": sum(found.queued.values()),
        "influence": request_words.influence(found.influence),
        "funnel": funnel.build(found.funnel, read=found.read, strategies=names),
    }
