"""Prompts alone, for training that has the model answer: those of hard examples and of the queue."""

from collections.abc import Hashable, Mapping, Sequence

from curation.choices import Strategy
from exports.choices import ColumnKind, LeftOut, Profile
from exports.products import conversations
from exports.products.base import Example, Options, Product, Record
from feedback.signatures.keys import normalised


def hard(example: Example, options: Options) -> Sequence[Record] | LeftOut:
    """Return the prompt of a hard example; other accepted examples have answers to learn from."""
    return queued(example, options) if example.strategy == Strategy.HARD_EXAMPLE else LeftOut.GOOD_ANSWER


def queued(example: Example, options: Options) -> Sequence[Record] | LeftOut:
    return [{"prompt": conversations.context(example, options), **conversations.declared(example)}]


def columns(options: Options) -> Mapping[str, ColumnKind]:
    return {"prompt": ColumnKind.MESSAGES, conversations.TOOLS: ColumnKind.JSON}


def normalised_prompt(record: Record) -> Hashable:
    """The prompt with every text of its messages normalised."""
    return repr([{key: _normalised(value) for key, value in message.items()} for message in record["prompt"]])


def _normalised(value: object) -> object:
    return normalised(value) if isinstance(value, str) else value


PRODUCT = Product(
    "prompt_only",
    suffix=".prompts",
    columns=columns,
    profiles=(Profile.DEFAULT,),
    of_example=hard,
    of_queued=queued,
    once=normalised_prompt,
)
