"""What an approval releases, and the form of the policy that an approval must meet."""

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from curation.admin.forms import NoteForm
from curation.admin.reviewing.views import may_review
from curation.choices import MOST_SAMPLED, ApprovalRule, PairSource, Strategy
from curation.models import ApprovalPolicy, CuratedSet
from curation.querysets import REVIEWABLE
from curation.review import approval, policies, releasing
from feedback.models import Deployment

# Of the rows of a sample that no one has read yet.
_SHOWN_ROWS = 10


class ApproveForm(NoteForm):
    form_before_template = "curation/release_loading.html"

    def get_before_template_context(self, request, object_id=None):
        return {"set_id": object_id}


class _ShareField(forms.FloatField):
    def __init__(self, **options):
        widget = UnfoldAdminDecimalFieldWidget(attrs={"step": "any"})
        super().__init__(min_value=0, max_value=1, widget=widget, **options)


class PolicyForm(forms.Form):
    rule = forms.ChoiceField(label="Approve on", choices=ApprovalRule.choices, widget=UnfoldAdminSelectWidget)
    sample_size = forms.IntegerField(
        label="Sample size", min_value=1, max_value=MOST_SAMPLED, widget=UnfoldAdminIntegerFieldWidget
    )
    max_bad_share = _ShareField(
        label="Highest share of bad rows",
        help_text="0 to 1. The upper end of the 95 % interval of the sample must not exceed it.",
    )
    min_p_good = _ShareField(label="Lowest p_good", help_text="0 to 1. Examples below it need a decision.")


def build(curated_set: CuratedSet, *, by: User) -> dict | None:
    """What an approval by this user would release, in words; None for a set that cannot be approved."""
    if not is_reviewable(curated_set):
        return None
    release, missing = approval.dry_run(curated_set, by=by)
    unread = [row for row in release.rows if not row.decision][:_SHOWN_ROWS]
    return {
        "policy": words(release.policy),
        "missing": missing,
        "leaving": [
            *((Strategy(name).label, n) for name, n in release.examples.items()),
            *((f"Pairs: {PairSource(name).label.lower()}", n) for name, n in release.pairs.items()),
        ],
        "staying": [("Queue", sum(release.queue.values())), ("Dropped", release.dropped)],
        "undecided": sum(release.undecided.values()),
        "sample": release.sample,
        "unread": [(row.id, _address(curated_set, row, by)) for row in unread],
    }


def _address(curated_set: CuratedSet, row: releasing.SampledRow, by: User) -> str:
    """The page to decide on a row, for a user who may."""
    if may_review(by):
        return reverse("admin:curation_curatedset_review_row", args=[curated_set.pk, row.id])
    return reverse(f"admin:curation_curated{row.kind}_change", args=[row.id])


def is_reviewable(curated_set: CuratedSet) -> bool:
    """Whether a set waits for a decision and has rows that an approval would release."""
    return curated_set.status in REVIEWABLE and bool(curated_set.content_hash)


def words(policy: ApprovalPolicy) -> str:
    """A policy as a sentence."""
    if policy.rule == ApprovalRule.SAMPLE:
        return (
            f"{policy.sample_size:,} rows drawn at random must be read, and the 95 % interval of bad ones may end at "
            f"{policy.max_bad_share * 100:g} % at most."
        )
    if policy.rule == ApprovalRule.BELOW:
        return f"Examples with p_good below {policy.min_p_good:g}, or without one, need a decision."
    if policy.rule == ApprovalRule.ROWS:
        return "Every row that leaves needs a decision."
    return "The decision on the set is enough."


def release_page(request: HttpRequest, curated_set: CuratedSet, context: dict) -> HttpResponse:
    """What an approval would release: a part for htmx, else a page. context: of every page of the console."""
    template = "curation/release.html" if "HX-Request" in request.headers else "curation/release_page.html"
    page = {"title": f"Approval of {curated_set}", "curated_set": curated_set}
    return TemplateResponse(request, template, {**context, **page, "release": build(curated_set, by=request.user)})


def policy_page(request: HttpRequest, deployment: Deployment | None, context: dict) -> HttpResponse:
    """The form of the policy of a deployment. context: of every page of the console."""
    if not request.user.has_perm(policies.PERMISSION):
        raise PermissionDenied
    if deployment is None:
        raise Http404
    policy = releasing.policy_of(deployment.pk)
    initial = {name: getattr(policy, name) for name in policies.FIELDS}
    form = PolicyForm(request.POST or None, initial=initial, label_suffix="")
    back = reverse("admin:feedback_deployment_change", args=[deployment.pk])
    if form.is_valid():
        policies.choose(deployment.pk, by=request.user, **form.cleaned_data)
        messages.success(request, f"The approval policy of {deployment.pk} is saved.")
        return HttpResponseRedirect(back)
    context = {**context, "title": f"Approval policy of {deployment.pk}", "form": form, "policy": policy, "back": back}
    return TemplateResponse(request, "curation/approval_policy.html", context)
