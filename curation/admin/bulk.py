"""The page that decides on many rows of a set: a filter, the rows that it finds, and the decision on as many."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from curation.choices import Decision, PairSource, SetPart, Split, Strategy
from curation.models import CuratedSet
from curation.review import bulk, golden, reasons, rows
from curation.serializers.decisions import MAX_NOTE_CHARACTERS, BulkDecisionSerializer
from curation.serializers.golden import MarkRowsSerializer
from curation.serializers.requests import first_messages
from feedback.console.presentation import excerpt

_WHERE = ("part", "strategy", "pair_source", "min_p_good", "max_p_good", "text", "split", "undecided")
_SHOWN = 5
_GOLDEN = "golden"


def _choice(choices, **options) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.Select(attrs={"class": "cf-select"}), **options)


def _text(**options) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "cf-input", "autocomplete": "off"})
    return forms.CharField(required=False, widget=widget, **options)


class DecideRowsForm(forms.Form):
    """`wanted` is the request, checked as the API checks it."""

    part = _choice(SetPart.choices, label="List")
    strategy = _choice([("", "Any"), *Strategy.choices], required=False, help_text="Of examples and of the queue.")
    pair_source = _choice([("", "Any"), *PairSource.choices], required=False, label="Source", help_text="Of pairs.")
    min_p_good = _text(label="Lowest p_good", help_text="From 0 to 1. Leaves out rows without evidence.")
    max_p_good = _text(label="Highest p_good", help_text="From 0 to 1. Leaves out rows without evidence.")
    text = _text(label="Text of the reason", help_text="Part of the reason of a row, or of why it waits.")
    split = _choice([("", "Any"), *Split.choices], required=False)
    undecided = forms.BooleanField(required=False, initial=True, label="Only rows without a decision of a person")
    decision = _choice([(Decision.KEEP, "Keep"), (Decision.DROP, "Drop"), (_GOLDEN, "Mark as golden")])
    reason = _choice([], required=False, label="Reason to drop them")
    golden_set = _text(
        help_text="Only to mark rows as golden: they need an answer that a person wrote, and are dropped from training."
    )
    note = _text(max_length=MAX_NOTE_CHARACTERS)

    def __init__(self, *args, **options):
        super().__init__(*args, label_suffix="", **options)
        self.fields["reason"].choices = [("", "None"), *((one.code, one.name) for one in reasons.in_order())]
        self.wanted: dict[str, Any] = {}

    def clean(self):
        given = {name: value for name, value in self.cleaned_data.items() if value != ""}
        where = {name: given.pop(name) for name in _WHERE if name in given}
        names = ("golden_set",) if self.is_golden else ("decision", "reason", "note")
        body = {"where": where, "dry_run": True, **{name: given[name] for name in names if name in given}}
        request = MarkRowsSerializer(data=body) if self.is_golden else BulkDecisionSerializer(data=body)
        if not self.errors and not request.is_valid():
            for field, message in first_messages(request.errors):
                self.add_error(field.rpartition(".")[2], message)
        if not self.errors:
            self.wanted = {name: request.validated_data[name] for name in ("where", *names)}

    @property
    def is_golden(self) -> bool:
        return self.cleaned_data.get("decision") == _GOLDEN

    @property
    def filters(self):
        return [self[name] for name in _WHERE if name != "undecided"]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is asked for, as it is shown."""
        return [
            (self[name].label, _shown(self[name].field, value)) for name, value in self.cleaned_data.items() if value
        ]


def _shown(field: forms.Field, value: Any) -> str:
    return "yes" if value is True else str(dict(getattr(field, "choices", ())).get(value, value))


def page(request: HttpRequest, curated_set: CuratedSet, context: dict) -> HttpResponse:
    """context: of every page of the console. The form counts first; what it found is decided on from there."""
    form = DecideRowsForm(request.POST or None, initial={"undecided": True, **request.GET.dict()})
    found = {}
    try:
        if form.is_valid():
            if "expected" in request.POST:
                return _decided(request, curated_set, form)
            found = _counted(request, curated_set, form)
        else:
            rows.check_permission(request.user)
            rows.check_undecided(curated_set)
    except rows.NotDecidable as error:
        messages.error(request, str(error))
        return _to(curated_set)
    context = {**context, "title": "Decide on many rows", "curated_set": curated_set, "form": form, **found}
    return TemplateResponse(request, "curation/decide_rows.html", context)


def _counted(request: HttpRequest, curated_set: CuratedSet, form: DecideRowsForm) -> dict[str, Any]:
    where = form.wanted["where"]
    count = (golden if form.is_golden else bulk).count(curated_set, where, by=request.user)
    found = golden.rows_of(curated_set, where) if form.is_golden else where.rows_of(curated_set)
    prompts = found.in_order().values_list("prompt", flat=True)[:_SHOWN]
    return {
        "count": count,
        "is_too_many": count > bulk.MOST_ROWS,
        "most_rows": bulk.MOST_ROWS,
        "prompts": [excerpt(prompt) or "(empty prompt)" for prompt in prompts],
        "verb": "Mark" if form.is_golden else Decision(form.wanted["decision"]).label,
    }


def _decided(request: HttpRequest, curated_set: CuratedSet, form: DecideRowsForm) -> HttpResponse:
    given = request.POST["expected"]
    expected = int(given) if given.isdecimal() else -1
    where, by = form.wanted.pop("where"), request.user
    if form.is_golden:
        golden.mark(curated_set.pk, where, name=form.wanted["golden_set"], expected=expected, by=by)
        verb = f"in the golden set {form.wanted['golden_set']}, and out of training"
    else:
        bulk.decide(curated_set.pk, where, by=by, expected=expected, **form.wanted)
        verb = "kept" if form.wanted["decision"] == Decision.KEEP else "dropped"
    messages.success(request, f"{expected:,} {'row is' if expected == 1 else 'rows are'} {verb}.")
    return _to(curated_set)


def _to(curated_set: CuratedSet) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:curation_curatedset_change", args=[curated_set.pk]))
