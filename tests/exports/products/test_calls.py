"""Tools of records: kept beside the messages, with calls that fit them."""

from types import SimpleNamespace

import pytest

from curation.choices import Strategy
from curation.models import CuratedPair
from exports.batches.encodings import ENCODINGS
from exports.choices import ExportFormat, LeftOut, Profile
from exports.products import PRODUCTS
from exports.products.base import Options

HI = {"role": "user", "content": "Hi"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
PLAIN = Options()
RENAMED = Options(renames={"forecast": "weather", "old": "gone"})


def call(name="weather", arguments='{"city": "Rome"}'):
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}


def result(**fields):
    return {"role": "tool", "tool_call_id": "1", "content": "Sun", **fields}


def found(messages, answer=None, *, tools=TOOLS, options=PLAIN, product="sft"):
    given = SimpleNamespace(
        strategy=Strategy.HARD_EXAMPLE if product == "prompt_only" else Strategy.HIGH_QUALITY,
        prompt="Hi",
        messages=messages,
        response="" if answer else "Hello",
        response_message=answer,
        edited_response="",
        tools=tools,
        score=3.9,
        event_id="e",
        is_queued=False,
        decision="",
        reviewed_response="",
        curated_set=SimpleNamespace(has_pair_rows=True),
    )
    return records(ExportFormat.JSONL, product, given, options)


def records(format, product, row, options=PLAIN):
    made = ENCODINGS[format].records(PRODUCTS[product], row, options)
    return [entry.record for entry in made] if isinstance(made, list) else made


@pytest.mark.parametrize("product", ["sft", "kto", "prompt_only"])
def test_a_record_has_the_declared_tools(product):
    (record,) = found([HI, call(), result()], product=product)

    assert record["tools"] == TOOLS
    assert list(record)[-1] == "tools"


@pytest.mark.parametrize("tools", [None, []])
def test_without_declared_tools_there_is_no_such_key_and_no_call_is_judged(tools):
    (record,) = found([HI, call("anything", "no JSON"), result()], tools=tools)

    assert list(record) == ["messages", "source", "score", "event_id"]
    assert record["messages"][1] == call("anything", "no JSON")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (call(), None),
        (call(arguments=""), LeftOut.INVALID_CALL),
        (call(arguments="{}"), LeftOut.INVALID_CALL),
        (call(arguments='{"city": 7}'), LeftOut.INVALID_CALL),
        (call(arguments='{"city": "[CITY]"}'), None),
        (call(arguments="city"), LeftOut.INVALID_CALL),
        (call(arguments="[]"), LeftOut.INVALID_CALL),
        (call("news"), LeftOut.UNDECLARED_TOOL),
        (call("news", "[]"), LeftOut.UNDECLARED_TOOL),
    ],
)
def test_a_row_with_a_call_that_no_tool_takes_is_left_out(made, reason):
    in_history, as_answer = found([HI, made, result()]), found([HI], made)

    if reason is None:
        assert in_history[0]["messages"][1] == as_answer[0]["messages"][1] == made
    else:
        assert (in_history, as_answer) == (reason, reason)


@pytest.mark.parametrize("side", ["chosen_message", "rejected_message"])
@pytest.mark.parametrize("product", ["preference", "kto"])
def test_a_pair_with_such_a_call_is_left_out(side, product):
    row = CuratedPair(
        prompt="Hi", chosen="Yes.", rejected="No.", pair_source="votes", margin=0.4, tools=TOOLS, **{side: call("news")}
    )

    made = records(ExportFormat.JSONL, product, row)

    # The chosen answer is no part of a labelled one.
    assert (made == LeftOut.UNDECLARED_TOOL) == (side == "rejected_message" or product == "preference")


def test_confirmed_names_are_put_in_calls_and_results():
    (record,) = found([HI, call("forecast"), result(name="forecast")], call("forecast"), options=RENAMED)

    assert record["messages"] == [HI, call(), result(name="weather"), call()]


@pytest.mark.parametrize(
    ("made", "reason"),
    [(call("forecast", "{}"), LeftOut.INVALID_CALL), (call("old"), LeftOut.UNDECLARED_TOOL)],
)
def test_a_renamed_call_must_fit_the_new_tool(made, reason):
    assert found([HI], made, options=RENAMED) == reason


def test_a_former_name_that_the_row_declares_stays():
    former = [{"type": "function", "function": {"name": "forecast"}}]

    (record,) = found([HI], call("forecast"), tools=[*TOOLS, *former], options=RENAMED)

    assert record["messages"][-1] == call("forecast")


def declared(name):
    return [{"type": "function", "function": {"name": name, "parameters": SCHEMA}}]


def test_a_tool_that_a_row_declares_by_its_former_name_alone_gets_the_confirmed_one():
    built_in = {"type": "web_search"}

    (record,) = found([HI], call("forecast"), tools=[*declared("forecast"), built_in], options=RENAMED)

    assert record["messages"][-1] == call()
    assert record["tools"] == [*TOOLS, built_in]


def test_a_renamed_tool_of_a_row_still_judges_its_calls():
    assert found([HI], call("forecast", "{}"), tools=declared("forecast"), options=RENAMED) == LeftOut.INVALID_CALL


def test_two_former_names_of_one_tool_stay_apart_in_a_row():
    options = Options(renames={"forecast": "weather", "outlook": "weather"})

    (record,) = found([HI], call("outlook"), tools=[*declared("forecast"), *declared("outlook")], options=options)

    assert (record["messages"][-1], record["tools"]) == (call("outlook"), [*declared("forecast"), *declared("outlook")])


@pytest.mark.parametrize("tools", [None, []])
def test_in_a_row_without_tools_every_former_name_is_replaced(tools):
    messages = [HI, call("forecast"), result(name="forecast")]

    (record,) = found(messages, call("old", "no JSON"), tools=tools, options=RENAMED)

    assert record["messages"] == [HI, call(), result(name="weather"), call("gone", "no JSON")]


def test_a_custom_tool_takes_any_text():
    custom = {"role": "assistant", "content": None}
    custom["tool_calls"] = [{"id": "1", "type": "custom", "custom": {"name": "forecast", "input": "Rome"}}]
    tools = [{"type": "custom", "custom": {"name": "weather"}}]

    (record,) = found([HI], custom, tools=tools, options=RENAMED)

    assert record["messages"][-1]["tool_calls"] == [
        {"id": "1", "type": "custom", "custom": {"name": "weather", "input": "Rome"}}
    ]


def test_preference_pairs_have_three_keys_and_strings_no_tools():
    row = CuratedPair(prompt="Hi", chosen="Yes.", rejected="No.", pair_source="votes", margin=0.4, tools=TOOLS)
    crucible = Options(Profile.CRUCIBLE)

    (three,) = records(ExportFormat.PREFERENCE_PAIRS, "preference", row)
    (whole,) = records(ExportFormat.JSONL, "preference", row)

    assert list(three) == ["prompt", "chosen", "rejected"]
    assert list(whole) == ["prompt", "chosen", "rejected", "pair_source", "margin", "tools"]
    strings = [{"prompt": "Hi", "chosen": "Yes.", "rejected": "No."}]
    assert records(ExportFormat.PREFERENCE_PAIRS, "preference", row, crucible) == strings
    assert records(ExportFormat.JSONL, "preference", row, crucible) == strings
    assert "tools" not in found([HI], options=crucible)[0]
