"""Chooses the policy of approval of a deployment."""

from typing import Any

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from curation.models import ApprovalPolicy
from feedback.models import Deployment

log = structlog.get_logger(__name__)
PERMISSION = "curation.change_approvalpolicy"
FIELDS = ("rule", "sample_size", "max_bad_share", "min_p_good")


def choose(deployment_id: str, *, by: User, **chosen: Any) -> ApprovalPolicy:
    """Change the policy of a deployment; it holds for every set that is not approved yet.

    chosen: `rule`, `sample_size`, `max_bad_share` and `min_p_good`, those that are given.

    Raises PermissionDenied without the permission.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Choosing a policy needs the permission “Can change approval policy”.")
    with transaction.atomic():
        # An approval holds this lock, so it is decided under one policy.
        Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        policy, _ = ApprovalPolicy.objects.update_or_create(
            pk=deployment_id, defaults={**chosen, "changed_by": by}, create_defaults={**chosen, "changed_by": by}
        )
    log.info("approval_policy_chosen", deployment=deployment_id, rule=policy.rule, by=by.pk)
    return policy
