"""The page of a deployment where its quality profile is chosen."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from feedback.deployments import quality_profiles
from feedback.deployments.quality_profiles import DescribedProfile
from feedback.deployments.rules import InvalidConfiguration
from feedback.quality.own_checks import own_checks
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.choosing import MAX_BOUND, MAX_WEIGHT, Choice

WEIGHT = "weight_"
_SHIPPED = list(dict.fromkeys(check.name for profile in PROFILES.values() for check in profile.checks))


class QualityProfileForm(forms.Form):
    """A weight for each check: empty means that it does not run."""

    base = forms.ChoiceField(
        choices=[(name, name) for name in PROFILES],
        widget=UnfoldAdminSelectWidget,
        help_text="crucible has four checks, without caps, and repeats the numbers of CrucibleFeedback.",
    )
    min_length = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_BOUND,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="A shorter response counts as too short. Empty: that of the installation.",
    )
    max_length = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_BOUND,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="A longer response counts as too long. Empty: that of the installation.",
    )
    ignored_caps = forms.MultipleChoiceField(
        choices=[(rule.cap.name, f"{rule.cap.name} ({rule.cap.at:g})") for rule in PROFILES["default"].caps],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="These faults no longer limit the total.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in (*_SHIPPED, *own_checks()):
            self.fields[WEIGHT + name] = forms.FloatField(
                label=f"Weight of {name}" if name in _SHIPPED else f"Weight of {name} (own check)",
                required=False,
                min_value=0,
                max_value=MAX_WEIGHT,
                widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
                help_text="" if name in _SHIPPED else "Named in QUALITY_CHECKS.",
            )

    def choice(self) -> Choice:
        """What was entered; a check that the base lacks is left out."""
        given = self.cleaned_data
        base = [check.name for check in PROFILES[given["base"]].checks]
        weights = {name: given[WEIGHT + name] for name in (*base, *own_checks())}
        caps = {rule.cap.name for rule in PROFILES[given["base"]].caps}
        return Choice(
            base=given["base"],
            weights={name: weight for name, weight in weights.items() if weight is not None},
            excluded=tuple(name for name in base if weights[name] is None),
            ignored_caps=tuple(name for name in given["ignored_caps"] if name in caps),
            min_length=given["min_length"],
            max_length=given["max_length"],
        )


def initial(profile: DescribedProfile) -> dict:
    """The values of the form for a profile."""
    choice = profile.choice
    shown = {check.name: check.weight for check in profile.checks}
    # What only the other base has, as that base weighs it, should the base be changed.
    other = {name: PROFILES["default"].weights.get(name, 0) for name in _SHIPPED if name not in shown}
    return {
        "base": choice.base,
        "min_length": choice.min_length,
        "max_length": choice.max_length,
        "ignored_caps": list(choice.ignored_caps),
        **{WEIGHT + name: _plain(weight) for name, weight in (other | shown).items()},
    }


def _plain(weight: float | None) -> str:
    return "" if weight is None else f"{weight:g}"


class QualityProfileAdmin(ModelAdmin):
    """The page of a deployment, with its quality profile."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.quality_profile_view))
        own = path("<path:object_id>/quality-profile/", view, name="feedback_deployment_quality_profile")
        return [own, *super().get_urls()]

    def has_quality_profile_permission(self, request, object_id=None):
        return request.user.has_perm(quality_profiles.PERMISSION)

    def quality_profile_view(self, request, object_id):
        """The form of how the deployment's answers are scored."""
        if not self.has_quality_profile_permission(request):
            raise PermissionDenied
        deployment = self.get_object(request, unquote(object_id))
        if deployment is None:
            raise Http404
        profile = quality_profiles.describe(deployment)
        form = QualityProfileForm(request.POST or None, initial=initial(profile), label_suffix="")
        if form.is_valid() and _is_saved(deployment.pk, form, by=request.user):
            messages.success(request, f"The quality profile of {deployment} is saved. Events from now on follow it.")
            return HttpResponseRedirect(request.path)
        page = {"title": f"Quality profile of {deployment}", "form": form, "profile": profile, "deployment": deployment}
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "feedback/quality_profile.html", context)


def _is_saved(deployment_id: str, form: QualityProfileForm, *, by) -> bool:
    """Whether the profile is saved; else the form shows why it is not."""
    try:
        quality_profiles.choose(deployment_id, form.choice(), by=by)
    except InvalidConfiguration as error:
        for problem in error.errors:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return form.is_valid()
