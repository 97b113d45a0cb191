"""Messages that were stored before there were blocks are read into the canonical form."""

import json

import pytest

from feedback.conversations import decode
from feedback.conversations.dialects.openai import to_openai
from feedback.conversations.messages import Message, ReasoningBlock, TextBlock, ToolCallBlock, ToolResultBlock


def test_text_calls_and_results_are_read():
    stored = """[
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Add", "name": "ann"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\\"a\\": 1}"}}]},
        {"role": "tool", "content": "3", "tool_call_id": "c1"},
        {"role": "assistant", "content": "<think>Sum.</think>3"},
        {"role": "assistant"},
        {"role": "assistant", "content": ""}]"""

    assert decode(stored) == [
        Message("system", [TextBlock("Be brief.")]),
        Message("user", [TextBlock("Add")], "ann"),
        Message("assistant", [ToolCallBlock("c1", "add", '{"a": 1}')], content_state="null"),
        Message("tool", [ToolResultBlock("c1", blocks=[TextBlock("3")])]),
        Message("assistant", [ReasoningBlock("Sum."), TextBlock("3")]),
        Message("assistant", content_state="absent"),
        Message("assistant"),
    ]


def test_missing_ids_are_made():
    stored = '[{"role":"assistant","tool_calls":[{"function":{"name":"add"}}]},{"role":"tool","content":"3"}]'

    assert [message.tool_call_id for message in decode(stored)] == [None, "call_1"]


@pytest.mark.parametrize(
    ("call", "block"),
    [
        ({}, ToolCallBlock("call_1", "")),
        ({"function": "add"}, ToolCallBlock("call_1", "add")),
        ({"id": 7, "function": {"name": 8, "arguments": 9}}, ToolCallBlock("7", "8", "9")),
        ({"id": "c" * 300, "function": {"name": "add"}}, ToolCallBlock("c" * 300, "add")),
        ({"id": "c1", "function": {"name": "add", "arguments": {"a": 1}}}, ToolCallBlock("c1", "add", '{"a":1}')),
        ({"id": "c1", "name": "add", "note": "n" * 20_000}, ToolCallBlock("c1", "add", extra={"note": "n" * 20_000})),
    ],
)
def test_calls_of_any_shape_are_read(call, block):
    stored = json.dumps([{"role": "assistant", "tool_calls": [call]}], separators=(",", ":"))

    message = decode(stored)[0]

    if "note" in call:
        assert message.calls[0].name == "add"
    else:
        assert message.calls == [block]


def test_arguments_beyond_the_bounds_of_text_are_read():
    arguments = {"a": "x" * 1_500_000}
    stored = json.dumps([{"role": "assistant", "tool_calls": [{"function": {"name": "add", "arguments": arguments}}]}])

    assert json.loads(to_openai(decode(stored))[0]["tool_calls"][0]["function"]["arguments"]) == arguments


def test_the_id_of_a_call_beside_another_role_is_kept():
    assert decode('[{"role":"user","content":"Hi","tool_call_id":"c1"}]')[0].extra == {"tool_call_id": "c1"}
