"""Supervised fine-tuning: conversations whose last turn is worth imitating."""

from collections.abc import Sequence

from curation.choices import Strategy
from exports.choices import LeftOut, Profile
from exports.products import conversations
from exports.products.base import Example, Product, Record


def records(example: Example, profile: Profile) -> Sequence[Record] | LeftOut:
    """Exclude hard examples: a model would learn to imitate their bad answers."""
    if example.strategy == Strategy.HARD_EXAMPLE:
        return LeftOut.HARD_EXAMPLE
    answer = example.edited_response if example.strategy == Strategy.USER_EDIT else example.response
    if not answer.strip():
        return LeftOut.EMPTY_ANSWER
    return [_strings(example, answer) if profile == Profile.CRUCIBLE else _conversation(example, answer)]


def _strings(example: Example, answer: str) -> Record:
    return {"prompt": example.prompt, "response": answer, "source": example.strategy, "score": example.score}


def _conversation(example: Example, answer: str) -> Record:
    return {
        "messages": [*conversations.context(example), conversations.turn(answer)],
        "source": example.strategy,
        "score": example.score,
        "event_id": str(example.event_id),
    }


PRODUCT = Product("sft", suffix="", records=records)
