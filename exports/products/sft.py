"""Supervised fine-tuning: conversations whose last turn is worth imitating."""

from collections.abc import Mapping, Sequence

from curation.choices import Strategy
from exports.choices import ColumnKind, LeftOut, Profile, Turns
from exports.products import conversations
from exports.products.base import Example, Options, Product, Record


def records(example: Example, options: Options) -> Sequence[Record] | LeftOut:
    """Exclude hard examples without a better answer: a model would learn to imitate the bad ones."""
    if example.strategy == Strategy.HARD_EXAMPLE and not example.reviewed_response:
        return LeftOut.HARD_EXAMPLE
    answer = conversations.imitated(example, options)
    if answer is None:
        return LeftOut.EMPTY_ANSWER
    if options.profile != Profile.CRUCIBLE:
        return [_conversation(example, answer, options)]
    # Records of strings have no place for a call.
    return [_strings(example, answer["content"])] if answer["content"] else LeftOut.EMPTY_ANSWER


def _strings(example: Example, answer: str) -> Record:
    return {"prompt": example.prompt, "response": answer, "source": example.strategy, "score": example.score}


def _conversation(example: Example, answer: conversations.Message, options: Options) -> Record:
    context = conversations.context(example, options)
    is_whole = options.turns == Turns.ALL
    return {
        **({"messages": [*context, answer]} if is_whole else {"prompt": context, "completion": [answer]}),
        "source": example.strategy,
        "score": example.score,
        "event_id": str(example.event_id),
        **conversations.declared(example),
    }


def columns(options: Options) -> Mapping[str, ColumnKind]:
    told = {"source": ColumnKind.TEXT, "score": ColumnKind.FLOAT}
    if options.profile == Profile.CRUCIBLE:
        return {"prompt": ColumnKind.TEXT, "response": ColumnKind.TEXT} | told
    names = ("messages",) if options.turns == Turns.ALL else ("prompt", "completion")
    return (
        dict.fromkeys(names, ColumnKind.MESSAGES)
        | told
        | {"event_id": ColumnKind.TEXT, conversations.TOOLS: ColumnKind.JSON}
    )


PRODUCT = Product("sft", suffix="", columns=columns, of_example=records)
