"""Deployment policies for ingestion, cached, without a query per event."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import structlog
from django.db import DatabaseError

from feedback.choices import FEEDBACK_TYPE_OF, ContentPolicy, FeedbackType
from feedback.identifiers import DEPLOYMENT_ID
from feedback.masking import CustomPattern, InvalidPattern, compile_pattern
from feedback.models import Deployment

log = structlog.get_logger(__name__)
REFRESH_SECONDS = 2.0


@dataclass(frozen=True)
class Policy:
    """How the traffic of a deployment is treated."""

    enabled: bool = True
    archived: bool = False
    sampling_rate: float = 1.0
    feedback_types: frozenset[str] = frozenset(FeedbackType.values)
    content_policy: str = ContentPolicy.MASK
    keeps_reasoning: bool = True
    audit_rate: float = 0.0
    audit_salt: str = ""
    patterns: tuple[CustomPattern, ...] = ()
    unusable_patterns: tuple[str, ...] = ()

    @property
    def is_maskable(self) -> bool:
        """Whether all masking patterns of the deployment are usable."""
        return not self.unusable_patterns or self.content_policy == ContentPolicy.OFF

    @property
    def is_open(self) -> bool:
        return self.enabled and not self.archived

    def collects(self, signal_type: str) -> bool:
        return FEEDBACK_TYPE_OF[signal_type] in self.feedback_types


DEFAULT = Policy()


@dataclass
class _Known:
    policies: Mapping[str, Policy] = field(default_factory=dict)
    read_at: float | None = None
    tried_at: float = field(default=-REFRESH_SECONDS)


_known = _Known()


def is_valid_id(deployment_id: str) -> bool:
    return DEPLOYMENT_ID.fullmatch(deployment_id) is not None


def policy_of(deployment_id: str) -> Policy:
    """The policy of a deployment, at most REFRESH_SECONDS old; a new deployment has the default. While the database is
    unavailable the last known policy holds, so that events still reach the stream. A process that has never read one
    raises the database's error instead, as it could store texts that must be masked or dropped.
    """
    return _current().get(deployment_id, DEFAULT)


def unusable_patterns() -> dict[str, tuple[str, ...]]:
    """The deployments whose items are rejected, with their unusable patterns."""
    return _unusable(_current())


def _unusable(found: Mapping[str, Policy]) -> dict[str, tuple[str, ...]]:
    return {name: policy.unusable_patterns for name, policy in found.items() if not policy.is_maskable}


def uncollected() -> list[str]:
    """Signal types that deployments do not collect, for signals that arrive before their event: `deployment type`."""
    return [
        f"{deployment_id} {signal_type}"
        for deployment_id, policy in _current().items()
        for signal_type in FEEDBACK_TYPE_OF
        if not (policy.is_open and policy.collects(signal_type))
    ]


def _current() -> Mapping[str, Policy]:
    if time.monotonic() - _known.tried_at >= REFRESH_SECONDS:
        _known.tried_at = time.monotonic()
        try:
            _known.policies, former = _read(), _known.policies
            _known.read_at = _known.tried_at
            _log_news(former, _known.policies)
        except DatabaseError as error:
            if _known.read_at is None:
                forget()
                raise
            log.warning("deployments_not_read", error=type(error).__name__)
    return _known.policies


def _read() -> dict[str, Policy]:
    unlike = Deployment.objects.unlike_the_default().prefetch_related("masking_patterns")
    return {deployment.pk: _policy(deployment) for deployment in unlike}


def _policy(deployment: Deployment) -> Policy:
    patterns, unusable = [], []
    for row in deployment.masking_patterns.all():
        try:
            patterns.append(_compiled(row.name, row.expression, row.replacement or None))
        except InvalidPattern:
            # It was checked when it was stored, by rules that an upgrade may have changed.
            unusable.append(row.name)
    return Policy(
        enabled=deployment.enabled,
        archived=deployment.archived,
        sampling_rate=deployment.sampling_rate,
        feedback_types=frozenset(deployment.feedback_types),
        content_policy=deployment.content_policy,
        keeps_reasoning=deployment.keep_reasoning,
        audit_rate=deployment.audit_rate,
        audit_salt=deployment.audit_salt,
        patterns=tuple(patterns),
        unusable_patterns=tuple(unusable),
    )


def _log_news(former: Mapping[str, Policy], found: Mapping[str, Policy]) -> None:
    """Log the deployments with unusable patterns, once and not at every read."""
    for deployment_id, names in _unusable(found).items():
        if former.get(deployment_id, DEFAULT).unusable_patterns != names:
            log.error("masking_patterns_unusable", deployment=deployment_id, patterns=list(names))


_compiled = lru_cache(maxsize=1_000)(compile_pattern)


def forget() -> None:
    """Read the deployments again at the next use."""
    _known.tried_at, _known.read_at = -REFRESH_SECONDS, None
