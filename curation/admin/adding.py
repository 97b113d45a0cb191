"""The page that adds events to a draft: those of a list, of a session, or one; and the outcome of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from curation.choices import AddOutcome
from curation.models import CuratedSet
from curation.review import adding
from feedback.console.presentation import excerpt
from feedback.stores import pages
from feedback.stores.base import EventFilter

SHOWN = 100
_SETS = 50
_EXCERPT = 160
_LABELS = {
    AddOutcome.ADDED: "success",
    AddOutcome.CONTAMINATED: "danger",
    AddOutcome.NOT_ALLOWED: "danger",
    AddOutcome.FLAGGED: "danger",
}


@dataclass(frozen=True)
class Line:
    """The outcome of one event."""

    event_id: str
    prompt: str
    label: str
    label_type: str
    detail: str
    row: int | None


class AddForm(forms.Form):
    """Which of some events are added to which draft."""

    events = forms.MultipleChoiceField(error_messages={"required": "Choose at least one event."})

    def __init__(self, *args, prompts: dict[str, str], deployments: Sequence[str], **options):
        super().__init__(*args, label_suffix="", **options)
        drafts = CuratedSet.objects.drafts().filter(deployment_id__in=deployments).newest_first()
        shown = drafts.filter(pk__in=drafts.values("pk")[:_SETS])
        widget = forms.Select(attrs={"class": "cf-select"})
        self.fields["curated_set"] = forms.ModelChoiceField(shown, label="Draft", empty_label=None, widget=widget)
        self.fields["events"].choices = list(prompts.items())
        self.has_drafts = shown.exists()


def page(request: HttpRequest, where: EventFilter, context: dict) -> HttpResponse:
    """where: the events to choose from, of which the newest are shown. context: of every page of the console."""
    found = pages.read(where, ["id", "deployment_id", "prompt", "occurred_at"], limit=SHOWN + 1, characters=_EXCERPT)
    shown = found[:SHOWN]
    prompts = {str(row["id"]): excerpt(row["prompt"], _EXCERPT) or "(empty prompt)" for row in shown}
    deployments = sorted({row["deployment_id"] for row in shown})
    form = AddForm(request.POST or None, prompts=prompts, deployments=deployments)
    result: dict[str, Any] = {}
    if form.is_valid():
        try:
            result = _added(request, form, prompts)
        except adding.NotADraft as error:
            messages.error(request, str(error))
    context = {
        **context,
        "title": "Add to a set",
        "form": form,
        "events": list(prompts.items()),
        "chosen": request.POST.getlist("events") if request.method == "POST" else list(prompts),
        "is_partial": len(found) > SHOWN,
        "shown": SHOWN,
        **result,
    }
    return TemplateResponse(request, "curation/add_rows.html", context)


def _added(request: HttpRequest, form: AddForm, prompts: dict[str, str]) -> dict[str, Any]:
    curated_set = form.cleaned_data["curated_set"]
    results = adding.add(curated_set.pk, form.cleaned_data["events"], by=request.user)
    lines = [
        Line(one.event_id, prompts[one.event_id], one.outcome.label, _LABELS.get(one.outcome, ""), one.detail, one.row)
        for one in results
    ]
    added = sum(one.outcome == AddOutcome.ADDED for one in results)
    return {"curated_set": curated_set, "lines": lines, "added": added}
