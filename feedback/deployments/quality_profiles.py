"""How a deployment's answers are scored: which checks run, how much each counts, and what was chosen before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from feedback.deployments import check_failures
from feedback.deployments.rules import InvalidConfiguration
from feedback.field_errors import FieldError
from feedback.models import Deployment, QualityChoice
from feedback.quality import chosen
from feedback.quality.own_checks import own_checks
from feedback.quality.profiles import PROFILES, choosing
from feedback.quality.profiles.base import Profile
from feedback.quality.profiles.choosing import STANDARD, Choice

PERMISSION = "feedback.change_deployment"
SHOWN_CHOICES = 10


@dataclass(frozen=True)
class DescribedCheck:
    """A check as a deployment has it. default_weight: in the base, None for one that it does not have."""

    name: str
    version: str
    is_own: bool
    runs: bool
    weight: float | None
    default_weight: float | None


@dataclass(frozen=True)
class DescribedCap:
    name: str
    check: str
    at: float
    applies: bool


@dataclass(frozen=True)
class FormerChoice:
    version: str
    chosen_by: str
    chosen_at: datetime


@dataclass(frozen=True)
class DescribedProfile:
    """The profile of a deployment. failures: of own checks in the last days; history: the newest choices first."""

    choice: Choice
    version: str
    checks: list[DescribedCheck]
    caps: list[DescribedCap]
    lower_bound: int
    upper_bound: int
    failures: list[dict[str, Any]]
    history: list[FormerChoice]

    @property
    def is_default(self) -> bool:
        return self.choice == STANDARD


def choose(deployment_id: str, choice: Choice, *, by: User) -> Deployment:
    """Score the deployment's events by this choice from now on; those scored before keep their scores.

    Raises Deployment.DoesNotExist, and InvalidConfiguration with every error by field.
    """
    found = choosing.problems(choice, own_checks(), chosen.bounds())
    if errors := [FieldError(*problem) for problem in found]:
        raise InvalidConfiguration(errors)
    document = document_of(choice)
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update().get(pk=deployment_id)
        if deployment.deleting:
            raise InvalidConfiguration([FieldError("", "being_deleted", f"{deployment} is being deleted")])
        if deployment.quality_profile != document:
            deployment.quality_profile = document
            deployment.save(update_fields=["quality_profile"])
            QualityChoice.objects.create(deployment_id=deployment_id, document=document, chosen_by=by)
            said = f"quality profile: {chosen.made(document).version}"
            LogEntry.objects.log_actions(by.pk, [deployment], CHANGE, said, single_object=True)
    chosen.forget()
    return deployment


def document_of(choice: Choice) -> dict[str, Any] | None:
    """A choice as it is stored: None where it changes nothing."""
    choice = choosing.normalised(choice)
    return None if choice == STANDARD else choosing.as_document(choice)


def describe(deployment: Deployment) -> DescribedProfile:
    """The profile of a deployment, with all checks and caps that it could have."""
    choice = readable_choice(deployment)
    bounds = choosing.bounds_of(choice, chosen.bounds())
    return DescribedProfile(
        choice=choice,
        version=chosen.made(document_of(choice)).version,
        checks=list(_checks(choice)),
        caps=list(_caps(choice)),
        lower_bound=bounds.min_length,
        upper_bound=bounds.max_length,
        failures=check_failures.recent(deployment.pk),
        history=list(_history(deployment.pk)),
    )


def readable_choice(deployment: Deployment) -> Choice:
    """What the deployment chose; the default where a later version of the program stored what this one cannot read."""
    try:
        choice = chosen.choice_of(deployment.quality_profile)
    except msgspec.ValidationError:
        return STANDARD
    return choice if choice.base in PROFILES else STANDARD


def former(deployment_id: str) -> dict[str, Profile]:
    """By version, the profiles that the deployment ever had, as its choices score today, and the shipped ones."""
    found = {profile.version: profile for profile in PROFILES.values()}
    for document in QualityChoice.objects.of_deployment(deployment_id).documents():
        if profile := _profile(document):
            found.setdefault(profile.version, profile)
    return found


def _profile(document: Mapping[str, Any] | None) -> Profile | None:
    try:
        return chosen.made(document)
    except (msgspec.ValidationError, KeyError):
        return None


def _checks(choice: Choice) -> Iterator[DescribedCheck]:
    base, weights = PROFILES[choice.base], choosing.weights_of(choice)
    versions = {check.name: check.version for check in chosen.made(document_of(choice)).checks}
    for check in base.checks:
        version, runs = versions.get(check.name, check.version), check.name in weights
        shipped = float(base.weights.get(check.name, 0))
        yield DescribedCheck(check.name, version, False, runs, weights.get(check.name), shipped)
    for name, own in own_checks().items():
        yield DescribedCheck(name, own.version, True, name in weights, weights.get(name), None)


def _caps(choice: Choice) -> Iterator[DescribedCap]:
    for rule in PROFILES[choice.base].caps:
        applies = rule.cap.name not in choice.ignored_caps and rule.check not in choice.excluded
        yield DescribedCap(rule.cap.name, rule.check, rule.cap.at, applies)


def _history(deployment_id: str) -> Iterator[FormerChoice]:
    rows = QualityChoice.objects.of_deployment(deployment_id).select_related("chosen_by")[:SHOWN_CHOICES]
    for row in rows:
        profile = _profile(row.document)
        yield FormerChoice(profile.version if profile else "unknown", row.chosen_by.get_username(), row.chosen_at)
