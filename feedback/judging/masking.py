"""Masks what leaves for endpoints, and what comes back."""

from dataclasses import replace

from feedback.choices import ContentPolicy
from feedback.deployments import policies
from feedback.ingestion.admitting.mask import Mask


def mask_of(deployment_id: str, text: str) -> str:
    """A text as it may leave: masked, also where the deployment stores texts as they are sent."""
    policy = replace(policies.policy_of(deployment_id), content_policy=ContentPolicy.MASK)
    return Mask.of(policy, [text], []).text(text)
