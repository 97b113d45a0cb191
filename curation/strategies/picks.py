"""Candidates, selection rules and picks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from curation.choices import Strategy
from feedback.choices import SignalType

CONTRADICTION = {SignalType.THUMBS_DOWN, SignalType.REPORT}


@dataclass(frozen=True)
class Candidate:
    """An event with its live signals. `edited_response` is set if a user, `editor_hash`, changed the answer.

    Where `digest`, which stands for its texts, is set, the texts are cut.
    """

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
    response_message: str | None = None
    model_version_id: str = ""

    digest: str = ""
    edit_id: str = ""

    @property
    def content(self) -> tuple[str, str]:
        """Equal for candidates with the same texts."""
        if self.digest:
            return self.digest, ""
        return self.messages or self.prompt, self.response_message or self.response

    def count(self, signal_type: str) -> int:
        return self.signals.get(signal_type, 0)


@dataclass(frozen=True)
class Pick:
    """A candidate that a strategy selected, with its score and a one-sentence reason."""

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
    """Return whether the original answer is good enough to train on.

    Parameters
    ----------
    candidate : Candidate
        An event with its live signals.
    min_quality : float
        The lowest quality that is good, 0 to 1.

    Returns
    -------
    bool
        False without a score or an answer, after a complaint, and after an edit, which shows that the answer was not
        good enough.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> candidate = Candidate("a", "Hello", "Hi", datetime(2026, 1, 1, tzinfo=UTC), quality=0.8)
    >>> is_good(candidate, 0.8), is_good(candidate, 0.9)
    (True, False)
    """
    return (
        candidate.quality is not None
        and candidate.quality >= min_quality
        and bool(candidate.response.strip() or candidate.response_message)
        and not candidate.edited_response
        and not any(candidate.count(kind) for kind in CONTRADICTION)
    )


def weight_of(candidate: Candidate, weights: Mapping[str, float]) -> float:
    """Return the weighted sum of a candidate's signals.

    Parameters
    ----------
    candidate : Candidate
        An event with its live signals.
    weights : mapping of str to float
        The weight of each type of signal; others weigh 0.

    Returns
    -------
    float
        Weight times count, added up.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> candidate = Candidate("a", "Hello", "Hi", datetime(2026, 1, 1, tzinfo=UTC), signals={"copy": 2, "share": 1})
    >>> weight_of(candidate, {"copy": 1.5})
    3.0
    """
    return sum(weight * candidate.count(kind) for kind, weight in weights.items())


def ranked(picks: Iterable[Pick]) -> list[Pick]:
    """Return picks best first; ties go to the newest.

    Parameters
    ----------
    picks : iterable of Pick
        In any order.

    Returns
    -------
    list of Pick
        By descending score, descending time, then id.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> candidate = Candidate("a", "Hello", "Hi", datetime(2026, 1, 1, tzinfo=UTC))
    >>> [pick.score for pick in ranked(Pick(candidate, Strategy.DIVERSE, score, "") for score in (0.2, 0.7))]
    [0.7, 0.2]
    """
    return sorted(picks, key=lambda p: (-p.score, -p.candidate.occurred_at.timestamp(), p.candidate.event_id))
