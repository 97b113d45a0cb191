"""Answers given to many prompts are no material, unless users surely approve of them."""

from collections import defaultdict
from collections.abc import Sequence

from curation.choices import Outcome
from curation.strategies.base import Candidate
from feedback.evidence.posterior import approval
from feedback.measures.repeats import repeated_answers

# The lower bound of the share of users who approve of a repeated answer that is kept.
APPROVED = 0.7


def mark_repeated(candidates: Sequence[Candidate]) -> None:
    """Set the gate of answers that their version gives to many prompts.

    Parameters
    ----------
    candidates : sequence of Candidate
        All that are read for a set. Votes on all of a repeated answer's events count together.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> candidates = [Candidate(str(n), at, context=str(n).encode(), answer=b"same", length=60) for n in range(20)]
    >>> mark_repeated(candidates)
    >>> candidates[0].gate.value, candidates[0].gate_number
    ('repeated', 20.0)
    """
    columns = ("version", "context", "answer", "length")
    found = repeated_answers(*([getattr(one, name) for one in candidates] for name in columns))
    groups = defaultdict(list)
    for candidate in candidates:
        if (candidate.version, candidate.answer) in found:
            groups[candidate.version, candidate.answer].append(candidate)
    for group in groups.values():
        low = approval(sum(one.up for one in group), sum(one.down for one in group)).low
        if not low >= APPROVED:
            for candidate in group:
                if candidate.gate == Outcome.PASSED:
                    candidate.gate, candidate.gate_number = Outcome.REPEATED, float(len(group))
