import json
from types import SimpleNamespace
from uuid import UUID

import pytest

from curation.choices import Strategy
from exports.choices import LeftOut, Profile, Reasoning, Turns
from exports.products import PRODUCTS, conversations, preference, sft
from exports.products.base import Options

EVENT = UUID("0b39aac7-1aa6-43a2-b1a6-a122bdf63481")
HI = {"role": "user", "content": "Hi"}


def example(strategy=Strategy.HIGH_QUALITY, **fields):
    defaults = {
        "event_id": EVENT,
        "prompt": "Hi",
        "messages": None,
        "response": "Hello",
        "edited_response": "",
        "tools": None,
        "reviewed_response": "",
        "decision": "",
        "score": 3.9,
    }
    return SimpleNamespace(strategy=strategy, **{**defaults, "response_message": None, **fields})


def edit(response="Hello", edited_response="Hello there!", **fields):
    return example(Strategy.USER_EDIT, response=response, edited_response=edited_response, score=10.0, **fields)


def pair(**fields):
    defaults = {
        "prompt": "Hi",
        "messages": None,
        "chosen": "Hello!",
        "chosen_message": None,
        "rejected": "What?",
        "rejected_message": None,
        "tools": None,
        "pair_source": "votes",
        "margin": 0.4,
    }
    return SimpleNamespace(**{**defaults, **fields})


def made(records, given, profile=Profile.DEFAULT, **options):
    """The one record of a row, or why it has none."""
    found = records(given, Options(profile, **options))
    if isinstance(found, LeftOut):
        return found
    (record,) = found
    return record


SYSTEM = {"role": "system", "content": "Be kind."}
ANSWER = {"role": "assistant", "content": "Hello"}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
RESULT = {"role": "tool", "content": "42", "tool_call_id": "1"}


@pytest.mark.parametrize(
    ("messages", "context"),
    [
        (None, [HI]),
        ([], [HI]),
        ([SYSTEM, HI], [SYSTEM, HI]),
        ([SYSTEM, HI, ANSWER], [SYSTEM, HI]),
        ([HI, ANSWER, HI], [HI, ANSWER, HI]),
        ([HI, CALL, RESULT], [HI, CALL, RESULT]),
        ([HI, CALL, RESULT, ANSWER], [HI, CALL, RESULT]),
        ([SYSTEM], [SYSTEM, HI]),
    ],
)
def test_the_context_ends_with_the_turn_that_is_answered(messages, context):
    assert conversations.context(example(messages=messages), Options()) == context


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            example(),
            {"messages": [HI, ANSWER], "source": "high_quality", "score": 3.9, "event_id": str(EVENT)},
        ),
        (
            edit(messages=[SYSTEM, HI]),
            {
                "messages": [SYSTEM, HI, {"role": "assistant", "content": "Hello there!"}],
                "source": "user_edit",
                "score": 10.0,
                "event_id": str(EVENT),
            },
        ),
        (example(Strategy.HARD_EXAMPLE), LeftOut.HARD_EXAMPLE),
        (example(Strategy.HARD_EXAMPLE, decision="keep"), LeftOut.HARD_EXAMPLE),
        (
            example(Strategy.HARD_EXAMPLE, decision="edit", reviewed_response="Hello there!"),
            {
                "messages": [HI, {"role": "assistant", "content": "Hello there!"}],
                "source": "hard_example",
                "score": 3.9,
                "event_id": str(EVENT),
            },
        ),
        (example(response=" \n"), LeftOut.EMPTY_ANSWER),
    ],
)
def test_a_supervised_record_is_the_conversation_with_the_answer_to_imitate(given, expected):
    assert made(sft.records, given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (example(), {"prompt": "Hi", "response": "Hello", "source": "high_quality", "score": 3.9}),
        (edit(), {"prompt": "Hi", "response": "Hello there!", "source": "user_edit", "score": 10.0}),
        (example(Strategy.HARD_EXAMPLE), LeftOut.HARD_EXAMPLE),
    ],
)
def test_the_crucible_profile_gives_the_four_keys_of_the_original(given, expected):
    assert made(sft.records, given, Profile.CRUCIBLE) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            edit(messages=[SYSTEM, HI]),
            {
                "prompt": [SYSTEM, HI],
                "chosen": [{"role": "assistant", "content": "Hello there!"}],
                "rejected": [{"role": "assistant", "content": "Hello"}],
                "pair_source": "edit",
            },
        ),
        (edit(response="Hello  there!", edited_response=" Hello\nthere! "), LeftOut.UNCHANGED),
        (edit(response="Hello", edited_response="Hello"), LeftOut.UNCHANGED),
        (edit(response=""), LeftOut.EMPTY_ANSWER),
        (edit(response=" \n"), LeftOut.EMPTY_ANSWER),
        (edit(edited_response="\t"), LeftOut.EMPTY_ANSWER),
        (example(), LeftOut.NO_EDIT),
        (example(Strategy.HARD_EXAMPLE), LeftOut.NO_EDIT),
    ],
)
def test_a_preference_pair_sets_the_edit_against_the_original(given, expected):
    assert made(preference.records, given) == expected


def test_a_pair_row_has_its_source_and_its_margin():
    assert made(preference.pair_records, pair(messages=[SYSTEM, HI])) == {
        "prompt": [SYSTEM, HI],
        "chosen": [{"role": "assistant", "content": "Hello!"}],
        "rejected": [{"role": "assistant", "content": "What?"}],
        "pair_source": "votes",
        "margin": 0.4,
    }


def test_a_preference_pair_of_the_crucible_profile_is_three_strings():
    assert made(preference.records, edit(), Profile.CRUCIBLE) == {
        "prompt": "Hi",
        "chosen": "Hello there!",
        "rejected": "Hello",
    }


THOUGHT = {"role": "assistant", "content": "One.", "reasoning_content": "Hm."}
ASKED = [HI, THOUGHT, HI]


@pytest.mark.parametrize(
    ("reasoning", "keys"),
    [
        (Reasoning.DROP, {}),
        (Reasoning.KEEP, {"reasoning_content": "Hm."}),
        (Reasoning.THINKING, {"thinking": "Hm."}),
    ],
)
@pytest.mark.parametrize("calls", [{}, {"tool_calls": [{"id": "1"}]}])
def test_reasoning_is_dropped_or_kept_in_the_history_and_in_the_answer(reasoning, keys, calls):
    given = example(messages=ASKED, response="One.", response_message={**THOUGHT, **calls})

    turn = {"role": "assistant", "content": "One."}
    assert made(sft.records, given, reasoning=reasoning)["messages"] == [
        HI,
        turn | keys,
        HI,
        turn | calls | keys,
    ]


def test_an_edited_answer_has_no_reasoning():
    given = edit(messages=ASKED, response_message=THOUGHT)

    assert made(sft.records, given, reasoning=Reasoning.KEEP)["messages"] == [
        *ASKED,
        {"role": "assistant", "content": "Hello there!"},
    ]


@pytest.mark.parametrize(
    ("chosen", "rejected", "keeps"),
    [(THOUGHT, THOUGHT, True), (THOUGHT, None, False), (None, THOUGHT, False)],
)
def test_a_pair_keeps_reasoning_where_both_answers_have_some(chosen, rejected, keeps):
    given = pair(chosen_message=chosen, rejected_message=rejected)

    found = made(preference.pair_records, given, reasoning=Reasoning.KEEP)

    added = {"reasoning_content": "Hm."} if keeps else {}
    assert (found["chosen"], found["rejected"]) == (
        [{"role": "assistant", "content": "Hello!"} | added],
        [{"role": "assistant", "content": "What?"} | added],
    )


def test_the_last_turn_alone_is_the_completion():
    found = made(sft.records, example(messages=[SYSTEM, HI, ANSWER, HI]), turns=Turns.LAST)

    assert found == {
        "prompt": [SYSTEM, HI, ANSWER, HI],
        "completion": [ANSWER],
        "source": "high_quality",
        "score": 3.9,
        "event_id": str(EVENT),
    }


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda product: product.name)
@pytest.mark.parametrize("reads", ["of_example", "of_queued", "of_example_before_pairs"])
@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("strategy", Strategy)
def test_every_product_makes_reproducible_records_or_gives_a_reason(product, reads, profile, strategy):
    given, options = example(strategy, edited_response="Hello there!", messages=[SYSTEM, HI]), Options(profile)
    records = getattr(product, reads) or (lambda row, options: LeftOut.NO_EDIT)

    found = records(given, options)

    assert isinstance(found, LeftOut) or [record for record in found if json.loads(json.dumps(record)) == record]
    assert isinstance(found, LeftOut) or set(found[0]) <= set(product.columns(options))
    assert records(given, options) == found
    assert PRODUCTS[product.name] is product
