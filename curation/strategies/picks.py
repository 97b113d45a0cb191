"""Candidates, the rules that they are judged by, and picks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from curation.choices import Strategy
from feedback.choices import SignalType

CONTRADICTION = {SignalType.THUMBS_DOWN, SignalType.REPORT}


@dataclass(frozen=True)
class Candidate:
    """An event with its live signals. `edited_response` is empty unless a user, `editor_hash`, changed the answer."""

    event_id: str
    prompt: str
    response: str
    occurred_at: datetime
    user_hash: str = ""
    quality: float | None = None
    signals: Mapping[str, int] = field(default_factory=dict)
    edited_response: str = ""
    edited_at: datetime | None = None
    editor_hash: str = ""
    messages: str | None = None
    model_version_id: str = ""

    @property
    def content(self) -> tuple[str, str]:
        """Equal for candidates that say exactly the same."""
        return self.messages or self.prompt, self.response

    def count(self, signal_type: str) -> int:
        return self.signals.get(signal_type, 0)


@dataclass(frozen=True)
class Pick:
    candidate: Candidate
    strategy: Strategy
    score: float
    reason: str


@dataclass(frozen=True)
class Rules:
    """Quality bounds, both inclusive, and how many candidates may be embedded."""

    min_quality: float = 0.8
    max_hard_quality: float = 0.5
    diverse_pool: int = 5_000


def is_good(candidate: Candidate, min_quality: float) -> bool:
    """Whether the answer as given may be imitated: an edit says that it was not good enough."""
    return (
        candidate.quality is not None
        and candidate.quality >= min_quality
        and bool(candidate.response.strip())
        and not candidate.edited_response
        and not any(candidate.count(kind) for kind in CONTRADICTION)
    )


def weight_of(candidate: Candidate, weights: Mapping[str, float]) -> float:
    return sum(weight * candidate.count(kind) for kind, weight in weights.items())


def ranked(picks: Iterable[Pick]) -> list[Pick]:
    """Best first; of equals the newest."""
    return sorted(picks, key=lambda p: (-p.score, -p.candidate.occurred_at.timestamp(), p.candidate.event_id))
