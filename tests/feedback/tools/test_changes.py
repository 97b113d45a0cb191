import pytest

from feedback.tools.changes import ListChange, change_between, describe
from feedback.tools.sets import Tool, encode

LOOKUP = Tool("lookup", "Finds an order.", {"type": "object", "required": ["order"]})
REFUND, CALL = Tool("refund"), Tool("call")


@pytest.mark.parametrize(
    ("before", "after", "change", "sentence"),
    [
        ([LOOKUP], [LOOKUP], ListChange(), "The same tools in another order."),
        ([LOOKUP, CALL], [CALL, LOOKUP], ListChange(), "The same tools in another order."),
        ([LOOKUP], [REFUND, LOOKUP, CALL], ListChange(added=("refund", "call")), "Added: refund, call."),
        ([LOOKUP, CALL], [CALL], ListChange(removed=("lookup",)), "Removed: lookup."),
        ([LOOKUP], [Tool("lookup", "Finds.", LOOKUP.parameters)], ListChange(changed=("lookup",)), "Changed: lookup."),
        ([LOOKUP], [Tool("lookup", LOOKUP.description, {})], ListChange(changed=("lookup",)), "Changed: lookup."),
        ([LOOKUP], [], ListChange(removed=("lookup",)), "Removed: lookup."),
    ],
)
def test_a_change_names_what_was_added_removed_and_declared_otherwise(before, after, change, sentence):
    found = change_between(encode(before), encode(after))

    assert (found, describe(found), bool(found)) == (change, sentence, change != ListChange())


def test_a_list_that_cannot_be_read_has_no_tools():
    assert change_between("no list", encode([CALL])) == ListChange(added=("call",))


def test_a_sentence_names_five_tools_at_most():
    change = ListChange(added=tuple(f"t{number}" for number in range(7)))

    assert describe(change) == "Added: t0, t1, t2, t3, t4 and 2 more."
