"""The page that compares a set with another version."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from curation.choices import Decision, DiffChange, Outcome, PairSource, Strategy
from curation.models import CuratedSet
from curation.sets import diff
from curation.sets.comparing import RowFigures
from curation.sets.diff_rows import EXAMPLE, KINDS, PAIR

ROWS_PER_PAGE = 25
# Versions to choose from, the newest.
_MOST_VERSIONS = 100
_KINDS = {EXAMPLE: "Examples", PAIR: "Pairs"}
_LABELS = {EXAMPLE: dict(Strategy.choices), PAIR: dict(PairSource.choices)}
_REASONS = {
    **dict(Outcome.choices),
    "erased": "erased",
    "deleted": "whose event was deleted",
    "dropped": "dropped by reviewers",
}


def page(request: HttpRequest, curated_set: CuratedSet, context: dict) -> HttpResponse:
    """context: of every page of the console."""
    named = CuratedSet.objects.of(curated_set.deployment_id, curated_set.name).built()
    versions = [one for one in named.order_by("-version")[:_MOST_VERSIONS] if one.pk != curated_set.pk]
    against = _chosen(request.GET.get("against", ""), curated_set, versions)
    found = _found(request, curated_set, against) if against else {}
    context = {
        **context,
        "title": f"Changes in {curated_set}",
        "curated_set": curated_set,
        "versions": versions,
        "against": against,
        **found,
    }
    return TemplateResponse(request, "curation/diff.html", context)


def _chosen(wanted: str, curated_set: CuratedSet, versions: list[CuratedSet]) -> CuratedSet | None:
    """The version that was asked for, else the parent, else the newest before this one, else any."""
    earlier = [one for one in versions if one.version < curated_set.version]
    for matches in (
        [one for one in versions if str(one.pk) == wanted],
        [one for one in versions if one.pk == curated_set.parent_id],
        earlier or versions,
    ):
        if matches:
            return matches[0]
    return None


def _found(request: HttpRequest, curated_set: CuratedSet, against: CuratedSet) -> dict:
    found = diff.of(curated_set, against)
    change = request.GET.get("change", "")
    shown = change if change in DiffChange.values else next((row.change.value for row in found.rows), "removed")
    rows = Paginator([row for row in found.rows if row.change == shown], ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    totals = {one.value: sum(counts[one.value] for counts in found.counts.values()) for one in DiffChange}
    return {
        "parts": [(one.value, one.label, totals[one.value], one.value == shown) for one in DiffChange],
        "unchanged": sum(counts["unchanged"] for counts in found.counts.values()),
        "reasons": [(_REASONS.get(code, code.replace("_", " ")), n) for code, n in found.reasons[shown].items()],
        "shifts": [_shift(kind, found.before[kind], found.after[kind]) for kind in KINDS],
        "rows": rows,
        "page_rows": [(row, _LABELS[row.kind].get(row.label, row.label)) for row in rows.object_list],
    }


def _shift(kind: str, before: RowFigures, after: RowFigures) -> dict:
    """Lines of a table: a name, and the figure of both versions."""
    decisions = {"": "no decision", **{one.value: one.label.lower() for one in Decision}}
    groups = [
        ("", before.labels, after.labels, _LABELS[kind]),
        ("Decision: ", before.decisions, after.decisions, decisions),
        ("Model version: ", before.model_versions, after.model_versions, {"": "none"}),
    ]
    lines = [("Rows", before.rows, after.rows)]
    for prefix, older, newer, names in groups:
        lines += [
            (f"{prefix}{names.get(key, key)}", older.get(key, 0), newer.get(key, 0)) for key in {**older, **newer}
        ]
    return {
        "name": _KINDS[kind],
        "lines": lines,
        "mean": (before.mean_characters, after.mean_characters),
        "is_empty": not (before.rows or after.rows),
    }
