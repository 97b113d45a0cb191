"""KTO: one answer to one context, labelled good or bad."""

from collections.abc import Hashable, Mapping, Sequence

from curation.choices import Decision, Strategy
from exports.choices import ColumnKind, LeftOut, Profile
from exports.products import conversations, preference
from exports.products.base import Example, Options, Pair, Product, Record


def labelled(example: Example, options: Options) -> Sequence[Record] | LeftOut:
    """Return the answer that is worth imitating as a good one, and that of a confirmed hard example as a bad one."""
    is_hard = example.strategy == Strategy.HARD_EXAMPLE and not example.reviewed_response
    if is_hard and example.decision != Decision.KEEP:
        return LeftOut.HARD_EXAMPLE
    answer = conversations.imitated(example, options)
    if answer is None:
        return LeftOut.EMPTY_ANSWER
    return [_record(example, conversations.context(example, options), answer, label=not is_hard)]


def good_and_edited(example: Example, options: Options) -> Sequence[Record] | LeftOut:
    """Return an example of a set from before pairs, and of an edit also what was edited, as a bad answer."""
    found = labelled(example, options)
    edit = preference.records(example, options)
    if isinstance(found, LeftOut) or isinstance(edit, LeftOut):
        return found
    return [*found, _record(example, edit[0]["prompt"], edit[0]["rejected"][0], label=False)]


def bad(pair: Pair, options: Options) -> Sequence[Record] | LeftOut:
    """Return the rejected answer of a pair that has a preference record."""
    found = preference.pair_records(pair, options)
    return (
        found
        if isinstance(found, LeftOut)
        else [_record(pair, found[0]["prompt"], found[0]["rejected"][0], label=False)]
    )


def _record(
    row: Example | Pair, prompt: Sequence[conversations.Message], answer: conversations.Message, *, label: bool
) -> Record:
    return {"prompt": prompt, "completion": [answer], "label": label, **conversations.declared(row)}


def columns(options: Options) -> Mapping[str, ColumnKind]:
    return {
        "prompt": ColumnKind.MESSAGES,
        "completion": ColumnKind.MESSAGES,
        "label": ColumnKind.FLAG,
        conversations.TOOLS: ColumnKind.JSON,
    }


def without_label(record: Record) -> Hashable:
    return repr((record["prompt"], record["completion"]))


PRODUCT = Product(
    "kto",
    suffix=".kto",
    columns=columns,
    profiles=(Profile.DEFAULT,),
    of_example=labelled,
    of_pair=bad,
    of_example_before_pairs=good_and_edited,
    once=without_label,
    label=lambda record: record["label"],
)
