"""The page on which a person scores one answer, without sight of any other score."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin

from feedback.admin import event_page, turns
from feedback.admin.readable import Page
from feedback.console import rubric_form
from feedback.human_scores import samples, submitting
from feedback.models import HumanScore, RubricVersion, ScoringSample
from feedback.rubrics import versions
from feedback.rubrics.scoring import InvalidAnswers
from feedback.stores.schema import Row

PAGE = "admin:feedback_event_score"
EVENT = "admin:feedback_event_change"


def view(admin: ModelAdmin, request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Show the conversation and the form; with POST, store the answers and lead to what follows."""
    row = admin.row(request, str(event_id))
    if not admin.has_view_permission(request) or not submitting.may_score(request.user):
        raise PermissionDenied("Scoring answers needs the permission “Can add human score”.")
    if row is None:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    sample = _sample(asked, row)
    rubric = _rubric(asked, request.user, sample)
    own = HumanScore.objects.of_event(row["id"]).by_rubric(rubric).by_person(request.user).first()
    if request.method != "POST":
        form = rubric_form.form_of(rubric, own.answers if own else None)
        return _show(admin, request, row, form, own, sample, note=own.note if own else "")
    answers, note = rubric_form.answers_in(rubric, request.POST), request.POST.get("note", "")
    try:
        submitting.submit(row["id"], rubric, answers, by=request.user, note=note[: submitting.MAX_NOTE])
    except InvalidAnswers as error:
        form = rubric_form.form_of(rubric, answers, error.errors)
        return _show(admin, request, row, form, own, sample, note=note, status=400)
    except submitting.UnknownEvent as error:
        raise Http404 from error
    messages.success(request, "Your score is stored.")
    return HttpResponseRedirect(_following(row, request.user, sample))


def address(event_id, **query: str | int) -> str:
    page = reverse(PAGE, args=[event_id])
    return f"{page}?{urlencode(query)}" if query else page


def _show(
    admin: ModelAdmin,
    request,
    row: Row,
    form,
    own: HumanScore | None,
    sample: ScoringSample | None,
    *,
    note: str,
    status: int = 200,
) -> HttpResponse:
    turn = turns.read([row["id"]])[row["id"]]
    shown = event_page.Shown.of(request.GET)
    context = {
        **admin.admin_site.each_context(request),
        "title": "Score an answer",
        "event": row,
        # Without what the checks say of calls.
        "conversation": event_page.conversation(turn, shown, Page(), []) if turn.is_kept else None,
        "form": form,
        "rubrics": RubricVersion.objects.newest(),
        "own": own,
        "note": note,
        "sample": sample,
        "progress": samples.progress(sample, request.user) if sample else None,
    }
    return TemplateResponse(request, "feedback/scoring/score.html", context, status=status)


def _sample(asked: Mapping[str, str], row: Row) -> ScoringSample | None:
    number = asked.get("sample", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    found = ScoringSample.objects.select_related("rubric_version").filter(pk=number).first()
    return found if found and found.deployment_id == row["deployment_id"] else None


def _rubric(asked: Mapping[str, str], user: User, sample: ScoringSample | None) -> RubricVersion:
    """The one that is asked for, that of the sample, or the one that the user scored by last. Raises Http404."""
    if sample:
        return sample.rubric_version
    if label := asked.get("rubric"):
        try:
            return versions.find(label)
        except versions.UnknownRubric as error:
            raise Http404 from error
    last = HumanScore.objects.by_person(user).select_related("rubric_version").order_by("-pk").first()
    found = last.rubric_version if last else RubricVersion.objects.newest().first()
    if found is None:
        raise Http404("There is no rubric.")
    return found


def _following(row: Row, user: User, sample: ScoringSample | None) -> str:
    """The next event of the sample, or the page of this one, which now shows everyone's scores."""
    if sample is None:
        return f"{reverse(EVENT, args=[row['id']])}#people"
    following = samples.next_event(sample, user)
    if following is None:
        return reverse("admin:feedback_scoringsample_change", args=[sample.pk])
    return address(following, sample=sample.pk)
