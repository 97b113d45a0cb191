"""Supervised fine-tuning: conversations whose last turn is worth imitating."""

from curation.choices import Strategy
from exports.choices import LeftOut, Profile
from exports.formats import conversations
from exports.formats.example import TrainingExample

SUFFIX = ".jsonl"


def row(example: TrainingExample, profile: Profile) -> dict | LeftOut:
    """A hard example has no row: its answer is bad, and a trainer would imitate it."""
    if example.strategy == Strategy.HARD_EXAMPLE:
        return LeftOut.HARD_EXAMPLE
    answer = example.edited_response if example.strategy == Strategy.USER_EDIT else example.response
    if not answer.strip():
        return LeftOut.EMPTY_ANSWER
    if profile == Profile.CRUCIBLE:
        return {"prompt": example.prompt, "response": answer, "source": example.strategy, "score": example.score}
    return {
        "messages": [*conversations.context(example), conversations.turn(answer)],
        "source": example.strategy,
        "score": example.score,
        "event_id": str(example.event_id),
    }
