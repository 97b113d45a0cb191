"""Preference tuning: of two answers to one context one is chosen, the other rejected."""

from collections.abc import Mapping, Sequence

from curation.choices import PairSource, Strategy
from exports.choices import ColumnKind, LeftOut, Profile
from exports.products import conversations
from exports.products.base import Example, Options, Pair, Product, Record

# The keys that a pair has in every profile and format.
SIDES = ("prompt", "chosen", "rejected")


def records(example: Example, options: Options) -> Sequence[Record] | LeftOut:
    """Return a pair for an edit of an answer that changes more than white space, in a set from before pairs."""
    if example.strategy != Strategy.USER_EDIT:
        return LeftOut.NO_EDIT
    chosen, rejected = example.edited_response, example.response
    if not chosen.strip() or not rejected.strip():
        return LeftOut.EMPTY_ANSWER
    if chosen.split() == rejected.split():
        return LeftOut.UNCHANGED
    if options.profile == Profile.CRUCIBLE:
        return [{"prompt": example.prompt, "chosen": chosen, "rejected": rejected}]
    return [
        {
            "prompt": conversations.context(example, options),
            "chosen": [conversations.turn(chosen)],
            "rejected": [conversations.turn(rejected)],
            "pair_source": PairSource.EDIT.value,
            **conversations.declared(example),
        }
    ]


def pair_records(pair: Pair, options: Options) -> Sequence[Record] | LeftOut:
    """Return a pair whose sides are not empty and differ in more than white space."""
    chosen = conversations.answer_of(pair.chosen, pair.chosen_message, options)
    rejected = conversations.answer_of(pair.rejected, pair.rejected_message, options)
    if chosen is None or rejected is None:
        return LeftOut.EMPTY_ANSWER
    if chosen.get("tool_calls") == rejected.get("tool_calls") and _words(chosen) == _words(rejected):
        return LeftOut.UNCHANGED
    if options.profile != Profile.CRUCIBLE:
        chosen, rejected = _alike(chosen, rejected)
        return [
            {
                "prompt": conversations.context(pair, options),
                "chosen": [chosen],
                "rejected": [rejected],
                "pair_source": pair.pair_source,
                "margin": pair.margin,
                **conversations.declared(pair),
            }
        ]
    # Records of strings have no place for a call.
    if not chosen["content"] or not rejected["content"]:
        return LeftOut.EMPTY_ANSWER
    return [{"prompt": pair.prompt, "chosen": chosen["content"], "rejected": rejected["content"]}]


def _alike(
    chosen: conversations.Message, rejected: conversations.Message
) -> tuple[conversations.Message, conversations.Message]:
    """Both answers with their reasoning, or both without: a model must not learn that answers are better without."""
    reasoned = [side for side in (chosen, rejected) if conversations.without_reasoning(side) != side]
    if len(reasoned) == 2:
        return chosen, rejected
    return conversations.without_reasoning(chosen), conversations.without_reasoning(rejected)


def _words(answer: conversations.Message) -> list[str]:
    return (answer["content"] or "").split()


def columns(options: Options) -> Mapping[str, ColumnKind]:
    if options.profile == Profile.CRUCIBLE:
        return dict.fromkeys(SIDES, ColumnKind.TEXT)
    told = {"pair_source": ColumnKind.TEXT, "margin": ColumnKind.FLOAT, conversations.TOOLS: ColumnKind.JSON}
    return dict.fromkeys(SIDES, ColumnKind.MESSAGES) | told


PRODUCT = Product(
    "preference", suffix=".preferences", columns=columns, of_pair=pair_records, of_example_before_pairs=records
)
