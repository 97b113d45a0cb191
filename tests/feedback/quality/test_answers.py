"""Answers that are more, or less, than prose: calls, structure, cut off, none, reasoning."""

import json

import pytest

from feedback.conversations.messages import (
    MediaBlock,
    Message,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
)
from feedback.quality.answers import answer_of
from feedback.quality.scoring import assess, assess_many
from feedback.quality.screening import MANY
from feedback.tools import sets

PROSE = "The library closes at eight in the evening from Monday to Friday."
TOOLS = sets.encode([sets.Tool("hours", parameters={"type": "object", "required": ["day"]})])
GOOD, BAD = ToolCallBlock("1", "hours", '{"day": "Monday"}'), ToolCallBlock("2", "hours", "{}")
SCHEMA = {"type": "object", "properties": {"closes": {"type": "integer"}}, "required": ["closes"]}
FORMAT = json.dumps({"type": "json_schema", "json_schema": {"name": "hours", "schema": SCHEMA, "strict": True}})
PROSE_CHECKS = ["format", "length", "refusal", "repetition"]


def message(*blocks):
    return Message("assistant", list(blocks))


def assessed(response, **sent):
    return assess("", answer_of(response, **sent))


def results(assessment):
    return {check.name: check for check in assessment.checks}


@pytest.mark.parametrize(
    ("blocks", "total", "checks"),
    [
        ([GOOD], 1.0, ["tool_calls"]),
        ([BAD], 0.0, ["tool_calls"]),
        ([GOOD, BAD], 0.5, ["tool_calls"]),
        ([GOOD, GOOD, GOOD, BAD], 0.5, ["tool_calls"]),
        ([TextBlock(" \n"), GOOD], 1.0, ["tool_calls"]),
        ([ReasoningBlock("I cannot help. " * 50), GOOD], 1.0, ["tool_calls"]),
        ([TextBlock(PROSE), GOOD], 1.0, [*PROSE_CHECKS, "tool_calls"]),
        ([TextBlock(PROSE), BAD], 0.4, [*PROSE_CHECKS, "tool_calls"]),
        ([TextBlock(PROSE)], 1.0, PROSE_CHECKS),
        ([], 0.0, PROSE_CHECKS),
        ([ReasoningBlock("The library closes at eight.")], 0.0, PROSE_CHECKS),
        ([MediaBlock("image")], 1.0, []),
        ([RefusalBlock("I'm sorry, I can't help with that.")], 0.15, PROSE_CHECKS),
    ],
)
def test_calls_are_judged_as_calls_and_text_as_text(blocks, total, checks):
    found = assessed(message(*blocks), tools=TOOLS)

    assert found.score == pytest.approx(total)
    assert [check.name for check in found.checks] == checks


def test_details_name_each_problem_and_no_value():
    call = ToolCallBlock("3", "my secret place", '{"day": "Monday"}')

    check = results(assessed(message(GOOD, BAD, call), tools=TOOLS))["tool_calls"]

    assert (check.score, check.passed) == (1 / 3, False)
    assert check.details == {
        "calls": 3,
        "valid": 1,
        "unjudged": 0,
        "problems": [
            {"call": 1, "name": "hours", "code": "missing", "keyword": "required", "names": ["day"]},
            {"call": 2, "name": "", "code": "undeclared"},
        ],
    }
    assert check.cap.name == "invalid_tool_call"


@pytest.mark.parametrize(("choice", "total"), [(None, 1.0), ("auto", 1.0), ('{"type":"any"}', 0.4), ("required", 0.4)])
def test_a_call_that_tool_choice_demands_is_missed(choice, total):
    assert assessed(PROSE, tools=TOOLS, tool_choice=choice).score == pytest.approx(total)


@pytest.mark.parametrize(
    ("text", "asked", "problems"),
    [
        ('{"closes": 20}', FORMAT, []),
        ('{"closes": "20"}', FORMAT, [{"code": "schema", "keyword": "type", "path": "/closes"}]),
        ("{}", FORMAT, [{"code": "schema", "keyword": "required", "names": ["closes"]}]),
        ('```json\n{"closes": 20}\n```', FORMAT, [{"code": "not_json"}]),
        (PROSE, FORMAT, [{"code": "not_json"}]),
        ('{"closes": 20}', '{"type": "json_object"}', []),
        ("[20]", '{"type": "json_object"}', [{"code": "not_object"}]),
        ("[20]", '"json_object"', [{"code": "not_object"}]),
        ("{}", json.dumps({"type": "json_schema", "name": "hours", "schema": SCHEMA}), [{"code": "schema"}]),
        ("{}", json.dumps({"responseMimeType": "application/json", "responseSchema": SCHEMA}), [{"code": "schema"}]),
        ("{}", json.dumps(SCHEMA), [{"code": "schema"}]),
        ('{"closes": "[PHONE]"}', FORMAT, []),
        ('{"a": 1}', json.dumps({"type": "json_schema", "json_schema": {"schema": {"$ref": "http://x/y"}}}), []),
    ],
)
def test_structure_is_judged_as_asked(text, asked, problems):
    check = results(assessed(text, response_format=asked))["structured_output"]

    assert (check.score, check.passed) == (float(not problems), not problems)
    assert [problem["code"] for problem in check.details["problems"]] == [problem["code"] for problem in problems]
    assert all(one.items() <= found.items() for one, found in zip(problems, check.details["problems"], strict=True))


@pytest.mark.parametrize("asked", [None, "", '{"type": "text"}', "text", "[1]", "{", '{"type": ["x"]}'])
def test_structure_that_was_not_asked_for_is_not_judged(asked):
    assert [check.name for check in assessed(PROSE, response_format=asked).checks] == PROSE_CHECKS


def test_a_broken_structure_lies_below_the_trigger_and_a_refusal_is_none():
    assert assessed('{"closes": "late in the evening"}', response_format=FORMAT).score == pytest.approx(0.4)
    refused = assessed(message(RefusalBlock("I'm sorry, I can't help with that.")), response_format=FORMAT)
    assert "structured_output" not in results(refused)
    assert "structured_output" not in results(assessed(message(GOOD), response_format=FORMAT))


@pytest.mark.parametrize(
    ("text", "finish_reason", "signs"),
    [
        (PROSE, "length", ["finish_reason"]),
        (PROSE, "max_tokens", ["finish_reason"]),
        (PROSE, "MAX_TOKENS", ["finish_reason"]),
        (PROSE, "FinishReason.MAX_TOKENS", ["finish_reason"]),
        (PROSE, "model_context_window_exceeded", ["finish_reason"]),
        (PROSE, "stop", []),
        (PROSE, "tool_calls", []),
        ("As code:\n\n```python\nprint(1)", None, ["code_block"]),
        ('{"closes": 20, "days": ["Mon', None, ["json"]),
        ('{"a": 1}\n{"b": ', None, ["json"]),
        ('{"closes": 20,}', "stop", []),
        ('["\\ud800"]', "stop", []),
        ("<answer>It closes at eight", None, ["tag"]),
        ("<answer>It closes at eight</answer>", "stop", []),
        ("<answer>It closes at eight</ans", "length", ["finish_reason", "tag"]),
        ("<b>It</b> closes <br> at a<b", "stop", []),
    ],
)
def test_what_was_cut_off_is_recognised(text, finish_reason, signs):
    check = results(assessed(text, finish_reason=finish_reason)).get("truncation")

    assert (check.details if check else {"signs": []}) == {"signs": signs}
    assert check is None or (check.score, check.passed) == (0.0, False)


def test_a_cut_off_answer_is_capped_and_an_ordinary_one_keeps_its_total():
    assert assessed(PROSE, finish_reason="length").score == 0.5
    assert assessed(message(GOOD), finish_reason="length", tools=TOOLS).score == 0.5
    assert assessed("Paris", finish_reason="stop").score == assess("", "Paris").score == 0.95
    assert "truncation" not in results(assess("", PROSE))


PYTHON_TRACE = """Traceback (most recent call last):
  File "/srv/proxy.py", line 8, in forward
    raise TimeoutError("upstream")
TimeoutError: upstream
"""
JAVA_TRACE = """java.lang.IllegalStateException: closed
\tat org.example.Gateway.send(Gateway.java:12)
\tat org.example.Main.main(Main.java:5)
"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *[(text, "nothing") for text in ("null", " None\n", "undefined", '"null"', "[object Object]", "NULL")],
        ("[object Object],[object Object]", "nothing"),
        ("<coroutine object answer at 0x7f3a9c>", "nothing"),
        ("<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head></html>", "error_page"),
        ("<html>\r\n<head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>", "error_page"),
        ("<html><body><h1>Internal Server Error</h1></body></html>", "error_page"),
        ('{"error": {"message": "Overloaded", "code": 529}}', "error_body"),
        ('{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}', "error_body"),
        ('{"error": "model not found"}', "error_body"),
        ('{"message": "Internal server error"}', "error_body"),
        ('{"detail": "Not Found"}', "error_body"),
        ("502 Bad Gateway", "gateway"),
        ("Gateway Timeout", "gateway"),
        ("upstream connect error or disconnect/reset before headers. reset reason: timeout", "gateway"),
        ("Error code: 429 - {'error': {'message': 'slow down'}}", "gateway"),
        ("openai.RateLimitError: slow down", "gateway"),
        (PYTHON_TRACE, "stack_trace"),
        (JAVA_TRACE, "stack_trace"),
    ],
)
def test_an_answer_that_is_none_scores_nothing(text, kind):
    found = assess("", text)

    assert results(found)["no_answer"].details == {"kind": kind}
    assert (found.score, "no_answer" in {cap.name for cap in found.caps}) == (0.0, True)
    assert assess_many([""] * MANY, [PROSE] * (MANY - 1) + [text])[-1] == found


@pytest.mark.parametrize(
    "text",
    [
        "None of the branches is open on Sunday.",
        "null is the value of an empty field.",
        "The page shows [object Object] because the value is no text.",
        "A 502 Bad Gateway means that the proxy got no valid response.",
        "<html><head><title>My bakery</title></head><body><h1>Fresh bread</h1></body></html>",
        '{"error": null, "closes": 20}',
        '{"errors": ["A comma is missing in the second line."]}',
        '{"closes": 20, "error": "none"}',
        '{"message": "See you on Monday at the library."}',
        f"{PYTHON_TRACE}\nThis means that the server behind the proxy did not answer in time.",
        f"```\n{PYTHON_TRACE}```",
        "Error handling in Python uses try and except.",
    ],
)
def test_an_answer_about_errors_is_one(text):
    assert "no_answer" not in results(assess("", text))


def test_an_error_that_was_asked_for_is_an_answer():
    schema = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    asked = json.dumps({"type": "json_schema", "json_schema": {"schema": schema}})

    assert "no_answer" not in results(assessed('{"error": "no date in the text"}', response_format=asked))


@pytest.mark.parametrize(
    ("text", "total", "refusal"),
    [
        (f"<think>I can't help with that. Or can I? The hours are public.</think>\n{PROSE}", 1.0, "none"),
        (f"I cannot answer this, or perhaps I can.</think>\n\n{PROSE}", 1.0, "none"),
        ("<think>\n</think>\n\n", 0.0, "none"),
        ("<think>They ask for the hours, which", 0.0, "none"),
        ("<think>" + "Let me weigh every word. " * 40 + "</think>I can't help with that.", 0.15, "full"),
    ],
)
def test_reasoning_is_not_judged(text, total, refusal):
    found = assess("", text)

    assert found.score == pytest.approx(total)
    assert results(found)["refusal"].details["refusal"] == refusal


def test_the_profile_of_the_original_reads_the_text_as_it_was_sent():
    thought = f"<think>I cannot say.</think>{PROSE}"

    assert results(assess("", thought, profile="crucible"))["refusal"].details["refusal"] == "full"
    [called] = assess_many([""], [answer_of(message(GOOD))], profile="crucible")
    assert (called.score, len(called.checks)) == (0.775, 4)


def test_many_answers_are_scored_as_each_is():
    answers = [
        answer_of(PROSE),
        answer_of(message(BAD), tools=TOOLS),
        answer_of("<answer>It", finish_reason="stop"),
        answer_of("null"),
        answer_of("{}", response_format=FORMAT),
    ]

    assert assess_many([""] * 500, answers * 100) == [assess("", answer) for answer in answers] * 100
