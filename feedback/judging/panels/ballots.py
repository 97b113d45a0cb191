"""Ballots as they are stored with a judgement."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import Any

from feedback.judging.panels.voters import Ballot, Usage
from feedback.judging.parsing import Said
from feedback.rubrics.scoring import InvalidAnswers, Rubric, score

_MOST_REASON_CHARACTERS = 500


def stored(ballot: Ballot, *, text: Callable[[str], str]) -> dict[str, Any]:
    """A ballot as JSON. text: masks the rationale."""
    said = ballot.said
    return {
        "endpoint": ballot.endpoint,
        "model": ballot.model,
        "answers": said and said.answers,
        "raw": said and said.scored.raw,
        "score": said and said.scored.score,
        "confidence": said and said.confidence,
        "rationale": text(said.rationale) if said else "",
        "reason": ballot.reason[:_MOST_REASON_CHARACTERS],
        "latency_ms": round(ballot.latency_ms, 1),
        **asdict(ballot.usage),
    }


def known(votes: Sequence[dict[str, Any]], rubric: Rubric) -> dict[str, Ballot]:
    """The ballots with answers, by endpoint; those without are asked for again."""
    found = {}
    for one in votes:
        try:
            said = one["answers"] and Said(
                one["answers"], score(rubric, one["answers"]), one["confidence"], one["rationale"]
            )
        except InvalidAnswers:
            continue
        if said:
            usage = Usage(**{each.name: one[each.name] for each in fields(Usage)})
            found[one["endpoint"]] = Ballot(one["endpoint"], one["model"], said, "", False, usage, one["latency_ms"])
    return found
