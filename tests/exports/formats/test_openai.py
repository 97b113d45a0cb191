"""Rows of `openai` keep the documented schema; what cannot is left out with a reason."""

import uuid

import jsonschema
import pytest

from exports.batches import storage
from exports.choices import LeftOut
from exports.formats import FORMATS
from exports.formats.base import InvalidFile
from tests.exports.formats import openai_schema
from tests.exports.packages import package, table

FORMAT = FORMATS["openai"]
SYSTEM = {"role": "system", "content": "Be brief."}
ASK = {"role": "user", "content": "What is in stock?"}
ANSWER = {"role": "assistant", "content": "Nothing."}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "[]"}
TOOL = {"type": "function", "function": {"name": "stock", "parameters": {"type": "object"}}}


def call(name="stock", arguments="{}", id="c1"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls, **fields):
    return {"role": "assistant", "content": None, "tool_calls": list(calls or [call()])} | fields


def sft(*messages, **fields):
    return {"messages": list(messages), "source": "high_quality", "score": 0.9, "event_id": "e1"} | fields


def fitted(record, product="sft"):
    row = FORMAT.fit(product, record)
    if not isinstance(row, LeftOut):
        jsonschema.validate(row, openai_schema.CHAT if product == "sft" else openai_schema.PREFERENCE)
    return row


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([SYSTEM, ASK, ANSWER], [SYSTEM, ASK, ANSWER]),
        ([SYSTEM | {"role": "developer"}, ASK, ANSWER], [SYSTEM, ASK, ANSWER]),
        ([SYSTEM | {"content": ""}, ASK, ANSWER], [SYSTEM | {"content": ""}, ASK, ANSWER]),
        ([ASK, calling(), RESULT, ANSWER], [ASK, calling(), RESULT, ANSWER]),
        ([ASK, calling(), RESULT | {"content": ""}, ANSWER], [ASK, calling(), RESULT | {"content": ""}, ANSWER]),
        ([ASK, calling(), RESULT | {"name": "stock"}, ANSWER], [ASK, calling(), RESULT, ANSWER]),
        ([ASK, calling()], [ASK, calling()]),
        ([ASK, calling(content="I look.")], [ASK, calling(content="I look.")]),
        ([ASK, ANSWER | {"reasoning_content": "Hm."}], [ASK, ANSWER]),
        ([ASK, ANSWER | {"thinking": "Hm."}], [ASK, ANSWER]),
        (
            [ASK, {"role": "assistant", "content": None, "refusal": "No."}],
            [ASK, {"role": "assistant", "content": None, "refusal": "No."}],
        ),
        ([ASK | {"name": "ann"}, ANSWER | {"name": "bot"}], [ASK | {"name": "ann"}, ANSWER | {"name": "bot"}]),
    ],
)
def test_an_example_has_its_messages_and_no_key_beyond_those_of_the_schema(given, written):
    assert fitted(sft(*given)) == {"messages": written}


def test_of_a_prompt_and_a_completion_only_the_last_answer_is_learned():
    record = {"prompt": [SYSTEM, ASK, ANSWER, ASK], "completion": [ANSWER], "source": "high_quality"}

    assert fitted(record) == {"messages": [SYSTEM, ASK, ANSWER | {"weight": 0}, ASK, ANSWER | {"weight": 1}]}


def test_tools_are_a_list_without_unknown_keys():
    tools = [TOOL | {"cache_control": {}}, {"type": "function", "function": {"name": "buy", "strict": True, "x": 1}}]
    record = sft(ASK, ANSWER, tools=tools)

    assert fitted(record) == {
        "messages": [ASK, ANSWER],
        "tools": [TOOL, {"type": "function", "function": {"name": "buy", "strict": True}}],
    }


def test_a_pair_has_its_prompt_as_input_and_two_outputs():
    record = {
        "prompt": [SYSTEM, ASK],
        "chosen": [calling()],
        "rejected": [ANSWER | {"reasoning_content": "Hm."}],
        "tools": [TOOL],
        "margin": 0.5,
        "pair_source": "edit",
    }

    assert fitted(record, "preference") == {
        "input": {"messages": [SYSTEM, ASK], "tools": [TOOL]},
        "preferred_output": [calling()],
        "non_preferred_output": [ANSWER],
    }


IMAGE = {"type": "image_url", "image_url": {"url": "https://files.example/cat.png"}}
GONE = {"type": "image_url", "image_url": {"url": "data:image/png;sha256=ab12;size=6,"}}
SOUND = {"type": "audio_url", "audio_url": {"url": "https://files.example/cat.mp3"}}


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([ASK], LeftOut.TURNS),
        ([ASK, ANSWER, ASK], LeftOut.TURNS),
        ([ASK | {"content": ""}, ANSWER], LeftOut.TURNS),
        ([ASK | {"content": None}, ANSWER], LeftOut.TURNS),
        ([ASK | {"name": "Ann Lee"}, ANSWER], LeftOut.TURNS),
        ([ASK, ANSWER | {"content": ""}], LeftOut.TURNS),
        ([ASK, {"role": "assistant"}], LeftOut.TURNS),
        ([ASK, calling(), {"role": "tool", "tool_call_id": "c1"}, ANSWER], LeftOut.TURNS),
        ([ASK, calling(call("look up"))], LeftOut.TOOL_CALLS),
        ([ASK, calling(call("x" * 65))], LeftOut.TOOL_CALLS),
        ([ASK, calling(call(arguments=""))], LeftOut.TOOL_CALLS),
        ([ASK, calling(call(arguments="[]"))], LeftOut.TOOL_CALLS),
        ([ASK, calling(call(arguments='{"a": NaN}'))], LeftOut.TOOL_CALLS),
        ([ASK, calling(call(id=""))], LeftOut.TOOL_CALLS),
        ([ASK, calling(call(), call())], LeftOut.TOOL_CALLS),
        ([ASK, calling({"id": "c1", "type": "custom", "custom": {"name": "sh", "input": "ls"}})], LeftOut.TOOL_CALLS),
        ([ASK, calling(), ASK, ANSWER], LeftOut.TOOL_CALLS),
        ([ASK, calling(), RESULT | {"tool_call_id": "c2"}, ANSWER], LeftOut.TOOL_CALLS),
        ([ASK, calling(), RESULT, RESULT, ANSWER], LeftOut.TOOL_CALLS),
        ([ASK, calling(call(), call(id="c2")), RESULT, ANSWER], LeftOut.TOOL_CALLS),
        ([ASK, RESULT, ANSWER], LeftOut.TOOL_CALLS),
        ([ASK | {"content": [GONE]}, ANSWER], LeftOut.MEDIA_ABSENT),
        ([ASK | {"content": [SOUND]}, ANSWER], LeftOut.MEDIA_ABSENT),
        ([ASK, calling(), RESULT | {"content": [IMAGE]}, ANSWER], LeftOut.MEDIA_ABSENT),
    ],
)
def test_a_conversation_that_breaks_a_rule_is_left_out(messages, reason):
    assert fitted(sft(*messages)) == reason
    if messages[-1]["role"] == "assistant":
        pair = {"prompt": messages[:-1], "chosen": [messages[-1]], "rejected": [ANSWER]}
        assert fitted(pair, "preference") == reason
        assert fitted(pair | {"chosen": [ANSWER], "rejected": [messages[-1]]}, "preference") == reason


def test_an_image_that_has_an_address_stays_in_the_message_of_a_user():
    looking = ASK | {"content": [{"type": "text", "text": "A cat?"}, IMAGE]}

    assert fitted(sft(looking, ANSWER)) == {"messages": [looking, ANSWER]}


@pytest.mark.parametrize("tool", [{"type": "web_search"}, {"type": "function", "function": {"name": "look up"}}])
def test_a_row_with_a_tool_that_the_format_cannot_declare_is_left_out(tool):
    assert fitted(sft(ASK, ANSWER, tools=[TOOL, tool])) == LeftOut.TOOL_CALLS


def test_a_check_finds_a_line_that_breaks_a_rule():
    draft, packed = storage.Draft(uuid.uuid4()), package(table([{"messages": [ASK]}]))
    files = FORMAT.write(draft, "weekly", packed)

    with pytest.raises(InvalidFile, match="^Line 1 of the written file breaks a rule of the format: whose turns the"):
        FORMAT.check(draft, files, packed, lambda: None)
