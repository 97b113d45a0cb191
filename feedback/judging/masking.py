"""Masks what leaves for endpoints, and what comes back."""

from dataclasses import replace
from typing import Any

from feedback.choices import ContentPolicy
from feedback.deployments import policies
from feedback.deployments.policies import Policy
from feedback.ingestion.admitting.mask import Mask


def mask_of(deployment_id: str, text: str) -> str:
    """A text as it may leave: masked, also where the deployment stores texts as they are sent."""
    return Mask.of(_policy(deployment_id), [text], []).text(text)


def mask_value_of(deployment_id: str, value: Any) -> Any:
    """The same of all texts of a JSON value."""
    return Mask.of(_policy(deployment_id), [], [value]).value(value)


def _policy(deployment_id: str) -> Policy:
    return replace(policies.policy_of(deployment_id), content_policy=ContentPolicy.MASK)
