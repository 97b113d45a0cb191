"""The audits that take the place of votes on a model version. Without SciPy: web pages use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback.evidence.audited_share import AuditedShare
from feedback.evidence.keeping.corrected import corrected_approval


@dataclass(frozen=True)
class AuditedVersion:
    """The share of good answers of a model version, by so many answered audits. events: those asked about."""

    name: str
    events: int
    audits: int
    share: AuditedShare


def audited_versions(deployment_id: str, versions: Sequence[str], *, since: datetime) -> list[AuditedVersion]:
    """Those of the versions that have enough audits of events since then. versions: that of each event."""
    there = set(versions)
    return [
        AuditedVersion(one.model_version_id, versions.count(one.model_version_id), one.answered, one.share)
        for one in corrected_approval(deployment_id, since=since)
        if one.share is not None and one.model_version_id in there
    ]


def described(audited: Sequence[AuditedVersion]) -> str:
    """How many audits of which versions, as part of a sentence."""
    audits = sum(one.audits for one in audited)
    return f"{audits:,} audits of {', '.join(one.name or 'events without a version' for one in audited)}"
