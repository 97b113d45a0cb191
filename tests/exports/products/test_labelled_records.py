"""Answers with a label, and prompts alone."""

import pytest

from curation.choices import Strategy
from exports.choices import LeftOut
from exports.products import kto, prompt_only
from exports.products.base import Options
from tests.exports.products.test_records import ANSWER, CALL, HI, SYSTEM, edit, example, made, pair


def labelled(prompt, answer, label):
    return {"prompt": prompt, "completion": [answer], "label": label}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (example(messages=[SYSTEM, HI, ANSWER]), labelled([SYSTEM, HI], ANSWER, True)),
        (edit(), labelled([HI], {"role": "assistant", "content": "Hello there!"}, True)),
        (example(response="", response_message=CALL), labelled([HI], CALL, True)),
        (example(response=" \n"), LeftOut.EMPTY_ANSWER),
        (example(Strategy.HARD_EXAMPLE), LeftOut.HARD_EXAMPLE),
        (example(Strategy.HARD_EXAMPLE, decision="keep"), labelled([HI], ANSWER, False)),
        (
            example(Strategy.HARD_EXAMPLE, decision="edit", reviewed_response="Hello there!"),
            labelled([HI], {"role": "assistant", "content": "Hello there!"}, True),
        ),
    ],
)
def test_the_answers_of_accepted_examples_are_good_and_confirmed_hard_ones_bad(given, expected):
    assert made(kto.PRODUCT.of_example, given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pair(messages=[SYSTEM, HI]), labelled([SYSTEM, HI], {"role": "assistant", "content": "What?"}, False)),
        (pair(rejected="", rejected_message=CALL), labelled([HI], CALL, False)),
        (pair(rejected=" Hello! "), LeftOut.UNCHANGED),
        (pair(rejected=""), LeftOut.EMPTY_ANSWER),
    ],
)
def test_the_rejected_answers_of_pairs_are_bad(given, expected):
    assert made(kto.PRODUCT.of_pair, given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            edit(),
            [
                labelled([HI], {"role": "assistant", "content": "Hello there!"}, True),
                labelled([HI], {"role": "assistant", "content": "Hello"}, False),
            ],
        ),
        (
            edit(edited_response=" Hello"),
            [labelled([HI], {"role": "assistant", "content": " Hello"}, True)],
        ),
        (example(), [labelled([HI], ANSWER, True)]),
        (example(Strategy.HARD_EXAMPLE), LeftOut.HARD_EXAMPLE),
    ],
)
def test_in_a_set_from_before_pairs_an_edit_is_a_good_answer_and_its_original_a_bad_one(given, expected):
    assert kto.PRODUCT.of_example_before_pairs(given, Options()) == expected


@pytest.mark.parametrize(
    ("reads", "given", "expected"),
    [
        ("of_example", example(Strategy.HARD_EXAMPLE, messages=[SYSTEM, HI, ANSWER]), {"prompt": [SYSTEM, HI]}),
        ("of_example", example(), LeftOut.GOOD_ANSWER),
        ("of_queued", example(response=""), {"prompt": [HI]}),
    ],
)
def test_prompts_are_those_of_hard_examples_and_of_the_queue(reads, given, expected):
    assert made(getattr(prompt_only.PRODUCT, reads), given) == expected
