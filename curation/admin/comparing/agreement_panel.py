"""How much the reviewers of a set agree, in words and as a table: a page, and a part of the page of the set."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from curation.admin.comparing.page import describe_positions
from curation.choices import AgreementNote
from curation.models import CuratedSet
from curation.querysets import REVIEWABLE
from curation.review import agreement
from curation.review.agreement import Coefficient
from curation.review.comparisons import positions
from curation.review.rows import PERMISSION
from feedback.statistics.agreement import PercentAgreement


@dataclass(frozen=True)
class ReviewerLine:
    """A reviewer in a line of the table."""

    name: str
    verdicts: int
    with_others: str
    with_adjudication: str


@dataclass(frozen=True)
class CriterionLine:
    """A criterion or flag of the set's rubric in a line of the table."""

    title: str
    rows: int
    percent: str
    kappa: str
    alpha: str


def respond(request: HttpRequest, curated_set: CuratedSet, context: dict) -> HttpResponse:
    """A part for htmx, else a page. context: of every page of the console."""
    part, page = "curation/agreement/panel.html", "curation/agreement/page.html"
    may_compare = curated_set.status in REVIEWABLE and request.user.has_perm(PERMISSION)
    shown = {
        **context,
        "title": f"Agreement on {curated_set}",
        "curated_set": curated_set,
        "may_compare": may_compare,
        **build(curated_set),
    }
    return TemplateResponse(request, part if "HX-Request" in request.headers else page, shown)


def build(curated_set: CuratedSet) -> dict:
    """The context of the panel."""
    found, compared = agreement.of_set(curated_set), positions.of_set(curated_set.pk)
    return {
        "rows": found.rows,
        "percent": describe_percent(found.percent, fewest=1),
        "kappa": describe_coefficient(found.kappa, found.rows),
        "alpha": describe_coefficient(found.alpha, found.rows),
        "reviewers": [
            ReviewerLine(
                one.reviewer,
                one.verdicts,
                describe_percent(one.with_others),
                describe_percent(one.with_adjudication),
            )
            for one in found.reviewers
        ],
        "criteria": [
            CriterionLine(
                one.title,
                one.rows,
                describe_percent(one.percent),
                describe_coefficient(one.kappa, one.rows),
                describe_coefficient(one.alpha, one.rows),
            )
            for one in agreement.of_criteria(curated_set)
        ],
        "compared": compared,
        "positions": describe_positions(compared),
    }


def describe_percent(found: PercentAgreement, *, fewest: int = agreement.FEWEST_PAIRS) -> str:
    """Such as "80 % of 120"."""
    if found.pairs < fewest:
        return f"not enough data, {found.pairs:,} of {fewest}"
    return f"{100 * found.share:.0f} % of {found.pairs:,}"


def describe_coefficient(found: Coefficient, rows: int) -> str:
    """Such as "0.60 (95 % interval 0.42 to 0.77)"."""
    if found.note == AgreementNote.NOT_ENOUGH_DATA:
        return f"not enough data, {rows:,} of {agreement.FEWEST_ROWS} rows with two verdicts"
    if found.value is None:
        return AgreementNote(found.note).label.lower()
    if found.low is None or found.high is None:
        note = f" ({AgreementNote(found.note).label.lower()})" if found.note else ""
        return f"{found.value:.2f}{note}"
    return f"{found.value:.2f} (95 % interval {found.low:.2f} to {found.high:.2f})"
