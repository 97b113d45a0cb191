"""The review of a set row by row: its overview, and the page of one row, which moves on to the next."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from curation.admin.reviewing import asking, item
from curation.admin.reviewing.forms import ReviewersForm, VerdictForm, WhichForm
from curation.admin.rows import VIEW_SETS
from curation.choices import Decision
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.querysets import REVIEWABLE
from curation.review import configuring, leasing, progress, questions, reasons, rows, verdicts
from curation.review.rows import NotDecidable, Row
from feedback.rubrics.scoring import InvalidAnswers

UNANSWERED = "Answer the questions of the rubric first."
NONE_LEFT = "No row is left for you: all are decided, or other reviewers have them."


def may_review(user) -> bool:
    """Whether a user reviews rows, or decides between reviewers."""
    return user.has_perm(rows.PERMISSION) or verdicts.may_adjudicate(user)


@dataclass(frozen=True)
class ReviewPages:
    """The pages, on the admin site whose context every page has."""

    site: object

    def urls(self) -> list[URLPattern]:
        return [
            self._path("<int:set_id>/review/", self.overview, ["GET", "HEAD"], "curation_curatedset_review"),
            self._path("<int:set_id>/review/next/", self.start, ["POST"], "curation_curatedset_review_next"),
            self._path("<int:set_id>/review/reviewers/", self.configure, ["POST"], "curation_curatedset_reviewers"),
            self._path(
                "<int:set_id>/review/<int:row_id>/", self.row, ["GET", "HEAD", "POST"], "curation_curatedset_review_row"
            ),
        ]

    def _path(self, route: str, view: Callable, methods: list[str], name: str) -> URLPattern:
        return path(route, self.site.admin_view(require_http_methods(methods)(view)), name=name)

    def overview(self, request: HttpRequest, set_id: int) -> HttpResponse:
        """Progress, rows in dispute, and the start of a review."""
        curated_set = _find(request, set_id)
        return self._overview(request, curated_set, _reviewers_form(curated_set))

    def start(self, request: HttpRequest, set_id: int) -> HttpResponse:
        """Reserve a row and show it: the one that the reviewer has already, or the next."""
        curated_set = _find(request, set_id)
        which = WhichForm(request.POST)
        try:
            row = leasing.resume(curated_set, by=request.user) or leasing.take(
                curated_set, by=request.user, **which.wanted
            )
        except NotDecidable as error:
            return _back(request, curated_set, str(error))
        if row is None:
            return _back(request, curated_set, NONE_LEFT)
        return HttpResponseRedirect(item.address(set_id, row, which.query))

    def configure(self, request: HttpRequest, set_id: int) -> HttpResponse:
        """Change how many reviewers rows get."""
        curated_set = _find(request, set_id)
        form = ReviewersForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self._overview(request, curated_set, form, status=400)
        try:
            configuring.configure(
                set_id,
                by=request.user,
                reviews_per_row=form.cleaned_data["reviews_per_row"],
                overlap_share=form.cleaned_data["overlap_percent"] / 100,
                rubric=form.cleaned_data["rubric"],
                rubric_required=form.cleaned_data["rubric_required"],
            )
        except NotDecidable as error:
            return _back(request, curated_set, str(error))
        messages.success(request, "Saved.")
        return HttpResponseRedirect(reverse("admin:curation_curatedset_review", args=[set_id]))

    def row(self, request: HttpRequest, set_id: int, row_id: int) -> HttpResponse:
        """Show a row; with POST, take a step with it and show the row that follows."""
        curated_set = _find(request, set_id)
        row = _row(curated_set, row_id)
        which = WhichForm(request.POST if request.method == "POST" else request.GET)
        if request.method != "POST":
            return self._show(request, curated_set, row, which)
        form = VerdictForm(request.POST)
        if not form.is_valid():
            error = next(iter(form.errors.values()))[0]
            return self._show(request, curated_set, row, which, problem=error, status=400, typed=request.POST)
        try:
            following, done = _step(curated_set, row, form, which, request)
        except InvalidAnswers as error:
            return self._show(
                request, curated_set, row, which, problem=UNANSWERED, status=400, typed=request.POST, refused=error
            )
        except rows.UnchangedAnswer as error:
            return self._show(request, curated_set, row, which, problem=str(error), status=400, typed=request.POST)
        except (leasing.Reserved, leasing.AlreadyDecided) as error:
            following = leasing.take(curated_set, by=request.user, **which.wanted)
            return self._moved(request, curated_set, following, which, problem=str(error))
        except NotDecidable as error:
            return self._moved(request, curated_set, row, which, problem=str(error))
        return self._moved(request, curated_set, following, which, done=done)

    def _moved(
        self,
        request: HttpRequest,
        curated_set: CuratedSet,
        row: Row | None,
        which: WhichForm,
        *,
        done: str = "",
        problem: str = "",
    ) -> HttpResponse:
        """Show the row that follows a step: in the place of the last one, or, without JavaScript, on its own page."""
        if row is None:
            return _back(request, curated_set, problem or NONE_LEFT)
        if request.headers.get("HX-Request"):
            return self._show(
                request, curated_set, row, which, done=done, problem=problem, status=409 if problem else 200
            )
        if problem:
            messages.error(request, problem)
        elif done:
            messages.success(request, done)
        return HttpResponseRedirect(item.address(curated_set.pk, row, which.query))

    def _show(
        self,
        request: HttpRequest,
        curated_set: CuratedSet,
        row: Row,
        which: WhichForm,
        *,
        done: str = "",
        problem: str = "",
        status: int = 200,
        typed=None,
        refused: InvalidAnswers | None = None,
    ) -> HttpResponse:
        address = item.address(curated_set.pk, row, which.query)
        context = {
            **item.build(curated_set, row),
            "curated_set": curated_set,
            "standing": item.standing(curated_set, row, request.user),
            "left": progress.left(curated_set, by=request.user),
            "reasons": reasons.in_order(),
            "questions": asking.form(curated_set, row, request.user, typed, refused),
            "which": which.wanted,
            "address": address,
            "may_requeue": verdicts.may_adjudicate(request.user),
            "done": done,
            "problem": problem,
            "typed": typed,
        }
        if request.headers.get("HX-Request"):
            headers = {"HX-Replace-Url": address}
            return TemplateResponse(request, "curation/review/card.html", context, status=status, headers=headers)
        context = {**self.site.each_context(request), "title": f"Review {curated_set}", **context}
        return TemplateResponse(request, "curation/review/row.html", context, status=status)

    def _overview(
        self, request: HttpRequest, curated_set: CuratedSet, reviewers_form: ReviewersForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.site.each_context(request),
            "title": f"Review {curated_set}",
            "curated_set": curated_set,
            "may_start": curated_set.status in REVIEWABLE and request.user.has_perm(rows.PERMISSION),
            "may_configure": curated_set.status in REVIEWABLE and verdicts.may_adjudicate(request.user),
            "which": WhichForm(initial=request.GET.dict(), label_suffix=""),
            "reviewers_form": reviewers_form,
            "progress": progress.of_rows(curated_set),
            "reviewers": progress.of_reviewers(curated_set),
            "disputed": progress.disputed(curated_set) if verdicts.may_adjudicate(request.user) else [],
        }
        return TemplateResponse(request, "curation/review/overview.html", context, status=status)


def _step(
    curated_set: CuratedSet, row: Row, form: VerdictForm, which: WhichForm, request: HttpRequest
) -> tuple[Row | None, str]:
    """Take one step; return the row to show next, None if none is left, and what was done."""
    step, user = form.cleaned_data["step"], request.user
    if step == "open":
        leasing.open_row(row, by=user)
        return row, ""
    if step == "requeue":
        verdicts.requeue(row, by=user)
        return row, "The row is back for review."
    if step == "undo":
        undone = verdicts.undo(curated_set, by=user)
        return undone.example or undone.pair, "Your last verdict is taken back."
    if step in ("next", "previous"):
        found = leasing.neighbour(row, by=user, before=step == "previous")
        if found is None and step == "previous":
            leasing.open_row(row, by=user)
            return row, "This is the first row that you had."
        return found or leasing.take(curated_set, by=user, **which.wanted), ""
    if step == "skip":
        leasing.leave(row, by=user, is_skipped=True)
        return leasing.take(curated_set, by=user, **which.wanted), "Skipped."
    answers = asking.answers(curated_set, row, request.POST)
    try:
        verdicts.submit(row, by=user, **form.verdict)
    except (leasing.Reserved, leasing.AlreadyDecided, PermissionDenied):
        if not (verdicts.may_adjudicate(user) and verdicts.is_disputed(curated_set, row)):
            raise
        verdicts.adjudicate(row, by=user, **form.verdict)
        return next(iter(progress.disputed(curated_set)), None), "Decided."
    done = f"{Decision(step).label}: submitted."
    if answers is not None and not questions.keep(curated_set, row, answers, by=user):
        done += " The event is deleted, so your answers to the rubric are not kept."
    return leasing.take(curated_set, by=user, **which.wanted), done


def _find(request: HttpRequest, set_id: int) -> CuratedSet:
    """The set. Raises PermissionDenied for a user who may not see it or review nothing of it."""
    if not (request.user.has_perm(VIEW_SETS) and may_review(request.user)):
        raise PermissionDenied("Reviewing rows needs the permission “Can decide on rows of curated sets”.")
    curated_set = CuratedSet.objects.filter(pk=set_id).select_related("rubric_version").first()
    if curated_set is None:
        raise Http404
    return curated_set


def _row(curated_set: CuratedSet, row_id: int) -> Row:
    for kind in (CuratedExample, CuratedPair):
        if row := kind.objects.filter(curated_set=curated_set, pk=row_id).first():
            row.curated_set = curated_set
            return row
    raise Http404


def _back(request: HttpRequest, curated_set: CuratedSet, message: str) -> HttpResponse:
    """Lead to the overview with a message."""
    messages.info(request, message)
    overview = reverse("admin:curation_curatedset_review", args=[curated_set.pk])
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": overview})
    return HttpResponseRedirect(overview)


def _reviewers_form(curated_set: CuratedSet) -> ReviewersForm:
    initial = {
        "reviews_per_row": curated_set.reviews_per_row,
        "overlap_percent": f"{100 * curated_set.overlap_share:g}",
        "rubric": curated_set.rubric_version.label if curated_set.rubric_version else "",
        "rubric_required": curated_set.rubric_required,
    }
    return ReviewersForm(initial=initial, label_suffix="")
