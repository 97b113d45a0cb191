"""Whether masked texts of a deployment may be sent to the endpoints of judges."""

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from feedback.models import Deployment, JudgeConsent

log = structlog.get_logger(__name__)
PERMISSION = "feedback.add_judgeconsent"


def accept(deployment: Deployment, *, by: User) -> JudgeConsent:
    """Accept it from now on; the first consent stays. Raises PermissionDenied."""
    _check(by)
    consent, is_new = JudgeConsent.objects.get_or_create(deployment=deployment, defaults={"accepted_by": by})
    if is_new:
        log.info("judge_consent_accepted", deployment=deployment.pk, by=by.pk)
    return consent


def withdraw(deployment: Deployment, *, by: User) -> bool:
    """Withdraw it; running judges ask nothing more. Returns whether there was one. Raises PermissionDenied."""
    _check(by)
    is_withdrawn = bool(JudgeConsent.objects.filter(deployment=deployment).delete()[0])
    if is_withdrawn:
        log.info("judge_consent_withdrawn", deployment=deployment.pk, by=by.pk)
    return is_withdrawn


def of(deployment_id: str) -> JudgeConsent | None:
    return JudgeConsent.objects.select_related("accepted_by").filter(deployment_id=deployment_id).first()


def _check(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This needs the permission “Can add judge consent”.")
