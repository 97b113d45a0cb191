"""Rows of `sharegpt` are those that LLaMA-Factory does not skip; others are left out with a reason."""

import uuid

import pytest

from exports.batches import storage
from exports.choices import LeftOut
from exports.formats import FORMATS
from exports.formats.base import InvalidFile
from tests.exports.formats import llamafactory
from tests.exports.packages import package, table

FORMAT = FORMATS["sharegpt"]
SYSTEM = {"role": "system", "content": "Be brief."}
ASK = {"role": "user", "content": "What is in stock?"}
ANSWER = {"role": "assistant", "content": "Nothing."}
CALL = {"id": "c1", "type": "function", "function": {"name": "stock", "arguments": '{"n":12345678901234567890123}'}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "[]"}
TOOL = {"type": "function", "function": {"name": "stock", "parameters": {"type": "object"}}}

HUMAN = {"from": "human", "value": "What is in stock?"}
GPT = {"from": "gpt", "value": "Nothing."}
CALLED = {"from": "function_call", "value": '{"name": "stock", "arguments": {"n":12345678901234567890123}}'}
OBSERVED = {"from": "observation", "value": "[]"}


def fitted(record, product="sft"):
    row = FORMAT.fit(product, record)
    if not isinstance(row, LeftOut):
        assert llamafactory.skipped(row) is None
    return row


@pytest.mark.parametrize(
    ("messages", "row"),
    [
        ([ASK, ANSWER], {"conversations": [HUMAN, GPT]}),
        ([SYSTEM, ASK, ANSWER], {"conversations": [HUMAN, GPT], "system": "Be brief."}),
        ([SYSTEM | {"role": "developer"}, ASK, ANSWER], {"conversations": [HUMAN, GPT], "system": "Be brief."}),
        ([ASK, CALLING, RESULT, ANSWER], {"conversations": [HUMAN, CALLED, OBSERVED, GPT]}),
        ([ASK, CALLING, RESULT | {"name": "stock"}, ANSWER], {"conversations": [HUMAN, CALLED, OBSERVED, GPT]}),
        ([ASK, CALLING], {"conversations": [HUMAN, CALLED]}),
        ([ASK, ANSWER, ASK, ANSWER], {"conversations": [HUMAN, GPT, HUMAN, GPT]}),
        ([ASK | {"name": "ann"}, ANSWER], {"conversations": [HUMAN, GPT]}),
        (
            [ASK, ANSWER | {"reasoning_content": "Hm."}],
            {"conversations": [HUMAN, {"from": "gpt", "value": "<think>\nHm.\n</think>\n\nNothing."}]},
        ),
        ([ASK, {"role": "assistant", "content": None, "refusal": "Nothing."}], {"conversations": [HUMAN, GPT]}),
        ([ASK | {"content": [{"type": "text", "text": ASK["content"]}]}, ANSWER], {"conversations": [HUMAN, GPT]}),
    ],
)
def test_a_conversation_is_a_list_of_turns_with_its_system_message_beside_it(messages, row):
    assert fitted({"messages": messages, "source": "high_quality", "score": 0.9}) == row
    assert fitted({"prompt": messages[:-1], "completion": messages[-1:]}) == row


def test_a_pair_has_its_sides_as_turns():
    record = {"prompt": [SYSTEM, ASK], "chosen": [CALLING], "rejected": [ANSWER], "margin": 0.5}

    assert fitted(record, "preference") == {
        "conversations": [HUMAN],
        "system": "Be brief.",
        "chosen": CALLED,
        "rejected": GPT,
    }


def test_an_answer_with_a_label_is_the_last_turn():
    record = {"prompt": [ASK], "completion": [ANSWER], "label": False}

    assert fitted(record, "kto") == {"conversations": [HUMAN, GPT], "kto_tag": False}


def test_tools_are_the_text_of_a_list_of_functions():
    record = {"messages": [ASK, ANSWER], "tools": [TOOL]}

    assert fitted(record) == {
        "conversations": [HUMAN, GPT],
        "tools": '[{"name":"stock","parameters":{"type":"object"}}]',
    }


IMAGE = {"type": "image_url", "image_url": {"url": "https://files.example/cat.png"}}


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([ASK], LeftOut.TURNS),
        ([ANSWER], LeftOut.TURNS),
        ([ASK, ASK, ANSWER], LeftOut.TURNS),
        ([ASK, SYSTEM, ANSWER], LeftOut.TURNS),
        ([SYSTEM, SYSTEM, ASK, ANSWER], LeftOut.TURNS),
        ([ASK, ANSWER, RESULT], LeftOut.TURNS),
        ([ASK, CALLING | {"content": "I look."}, RESULT, ANSWER], LeftOut.TURNS),
        ([ASK, CALLING, RESULT, RESULT, ANSWER], LeftOut.TURNS),
        ([ASK, ANSWER | {"content": ""}], LeftOut.TURNS),
        ([ASK | {"content": ""}, ANSWER], LeftOut.TURNS),
        ([ASK | {"content": [IMAGE]}, ANSWER], LeftOut.MEDIA_ABSENT),
    ],
)
def test_a_conversation_that_would_be_skipped_is_left_out(messages, reason):
    assert fitted({"messages": messages}) == reason


@pytest.mark.parametrize("side", ["chosen", "rejected"])
@pytest.mark.parametrize(
    ("answer", "reason"), [(CALLING | {"content": "I look."}, LeftOut.TURNS), (ASK, LeftOut.TURNS)]
)
def test_a_pair_that_would_be_skipped_is_left_out(side, answer, reason):
    pair = {"prompt": [ASK], "chosen": [ANSWER], "rejected": [ANSWER]}

    assert fitted(pair | {side: [answer]}, "preference") == reason
    assert fitted(pair | {"prompt": [ASK, ANSWER]}, "preference") == LeftOut.TURNS


def test_a_row_with_a_tool_that_is_no_function_is_left_out():
    assert fitted({"messages": [ASK, ANSWER], "tools": [TOOL, {"type": "web_search"}]}) == LeftOut.TOOL_CALLS


def test_a_check_finds_a_line_that_breaks_a_rule():
    draft, packed = storage.Draft(uuid.uuid4()), package(table([{"conversations": [HUMAN]}]))
    files = FORMAT.write(draft, "weekly", packed)

    with pytest.raises(InvalidFile, match="^Line 1 of the written file breaks a rule of the format: whose turns the"):
        FORMAT.check(draft, files, packed, lambda: None)
