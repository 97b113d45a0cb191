"""Any reply of a judge gives answers, or a reason why not."""

import json

import pytest

from feedback.judging import parsing
from feedback.judging.parsing import Unusable
from feedback.rubrics.definition import define

RUBRIC = define({"name": "brief", "criteria": [{"name": "clarity"}], "flags": [{"name": "rude"}]})
GOOD = {"rationale": "Clear.", "answers": {"clarity": 4, "rude": False}, "confidence": 0.9}
AS_JSON = json.dumps(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        AS_JSON,
        f"```json\n{AS_JSON}\n```",
        f"Sure! Here it is:\n{AS_JSON}\nLet me know.",
        f"<think>Maybe {{a}} or {json.dumps(GOOD | {'answers': {'clarity': 1, 'rude': True}})}</think>{AS_JSON}",
        f"First {json.dumps(GOOD | {'answers': {'clarity': 1, 'rude': True}})}, no: {AS_JSON}",
        f"{{oops {AS_JSON}",
        json.dumps({"clarity": 4, "rude": False, "rationale": "Clear.", "confidence": 0.9}),
        json.dumps(GOOD | {"answers": {"clarity": "4", "rude": "No"}, "confidence": "0.9"}),
        json.dumps(GOOD | {"answers": {"clarity": 4.0, "rude": False, "invented": 1}}),
        json.dumps({"meta": {"clarity": 1}} | GOOD),
    ],
)
def test_json_is_found_anywhere(text):
    said = parsing.read(text, RUBRIC)

    assert said.answers == {"clarity": 4.0, "rude": False}
    assert (said.confidence, said.rationale) == (0.9, "Clear.")
    assert said.scored.score == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "It is empty."),
        (" \n", "It is empty."),
        ("<think>Only thoughts.</think>", "It is empty."),
        ("A solid four out of five.", "It has no JSON object with answers."),
        (AS_JSON[:-1].replace("4", "4,"), "It has no JSON object with answers."),
        ("[4, false]", "It has no JSON object with answers."),
        ("[" * 100_000, "It has no JSON object with answers."),
        ('{"a":' * 30_000, "It has no JSON object with answers."),
        ("{" * 100_000, "It has no JSON object with answers."),
        ('{"other": 1}', "It has no JSON object with answers."),
        ("x" * 300_000, "It has more than 200,000 characters."),
        ('{"clarity": 9, "rude": false}', "clarity: The answer is from 1 to 5."),
        ('{"clarity": NaN, "rude": false}', "It has no JSON object with answers."),
        ('{"clarity": 1e999, "rude": false}', "clarity: The answer is from 1 to 5."),
        (f'{{"clarity": 1{"0" * 400}, "rude": false}}', "clarity: The answer is from 1 to 5."),
        ('{"clarity": "high", "rude": false}', "clarity: This is not a number; answer from 1 to 5."),
        ('{"clarity": true, "rude": false}', "clarity: This is not a number; answer from 1 to 5."),
        ('{"clarity": [4], "rude": false}', "clarity: This is not a number; answer from 1 to 5."),
        ('{"clarity": 4}', "rude: An answer, true or false, is missing."),
        ('{"clarity": 4, "rude": 2}', "rude: This is not true or false."),
        (
            '{"clarity": null, "rude": null}',
            "clarity: An answer from 1 to 5 is missing. rude: An answer, true or false, is missing.",
        ),
    ],
)
def test_an_unusable_reply_has_a_reason(text, reason):
    with pytest.raises(Unusable) as caught:
        parsing.read(text, RUBRIC)

    assert str(caught.value) == reason


@pytest.mark.parametrize("confidence", [None, "high", -1, 1.5, True, [1]])
def test_a_confidence_that_is_none_is_left_out(confidence):
    assert parsing.read(json.dumps(GOOD | {"confidence": confidence}), RUBRIC).confidence is None


def test_a_rationale_is_bounded_text():
    text = json.dumps(GOOD | {"rationale": "\0\ud800" + "x" * 10_000})

    assert parsing.read(text, RUBRIC).rationale == "\ufffd?" + "x" * 3_998
    assert parsing.read(json.dumps(GOOD | {"rationale": ["x"]}), RUBRIC).rationale == ""
