"""Reasoning that is written into a text is told apart from the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.conversations import read, read_response
from feedback.conversations.reasoning import separate

HARMONY = "<|channel|>analysis<|message|>Weigh it.<|end|><|start|>assistant<|channel|>final<|message|>It is blue."


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [
        ("<think>Weigh it.</think>It is blue.", "Weigh it."),
        ("<think>\nWeigh it.\n</think>\n\nIt is blue.", "Weigh it."),
        ("\n<THINK>Weigh it.</THINK> It is blue.", "Weigh it."),
        ("<thinking>Weigh it.</thinking>It is blue.", "Weigh it."),
        ("<thought>Weigh it.</thought>It is blue.", "Weigh it."),
        ("<reasoning>Weigh it.</reasoning>It is blue.", "Weigh it."),
        ("<seed:think>Weigh it.</seed:think>It is blue.", "Weigh it."),
        ("[THINK]Weigh it.[/THINK]It is blue.", "Weigh it."),
        ("◁think▷Weigh it.◁/think▷It is blue.", "Weigh it."),
        (
            "<|begin_of_thought|>Weigh it.<|end_of_thought|>\n<|begin_of_solution|>It is blue.<|end_of_solution|>",
            "Weigh it.",
        ),
        ("<think></think>It is blue.", ""),
        ("<think>\n\n</think>\n\nIt is blue.", ""),
        ("<think>Weigh</think><think>it.</think>It is blue.", "Weigh\n\nit."),
        ("<think>Weigh it.</think></think>It is blue.", "Weigh it."),
        ("<think>Write `</think>` last.</think>It is blue.", "Write `</think>` last."),
        ("Weigh it.</think>It is blue.", "Weigh it."),
        ("Weigh it.\n</think>\n\nIt is blue.", "Weigh it."),
        ("Weigh it. </think> It is blue.", "Weigh it."),
        ("Weigh it</think>\nIt is blue.", "Weigh it"),
        ("</think>It is blue.", ""),
        (HARMONY, "Weigh it."),
        (HARMONY + "<|return|>", "Weigh it."),
        (f"<|start|>assistant{HARMONY}", "Weigh it."),
        (HARMONY.removeprefix("<|channel|>"), "Weigh it."),
        ("<|channel|>final<|message|>It is blue.", None),
        ("analysisWeigh it.assistantfinalIt is blue.", "Weigh it."),
    ],
)
def test_reasoning_before_the_answer_is_separated(text, reasoning):
    assert separate(text) == (reasoning, "It is blue.")


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [
        ("<think>Weigh it, then", "Weigh it, then"),
        ("<think>", ""),
        ("Weigh it.</think>", "Weigh it."),
        ("<think>Weigh it.</think>\n", "Weigh it."),
        ("<|channel|>analysis<|message|>Weigh it, then", "Weigh it, then"),
        ("[THINK]Weigh it", "Weigh it"),
    ],
)
def test_an_answer_that_was_cut_off_in_its_reasoning_is_empty(text, reasoning):
    assert separate(text) == (reasoning, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It is blue.",
        "Is 1 < 2 and 3 > 2?",
        "The model opens with <think> and writes its steps.",
        "Put the steps between <think> and </think>, then answer.",
        "Models end it with `</think>`.",
        'The closing tag is "</think>" in this template.',
        "The answer follows </think> in every row.",
        "<think> and </think> enclose the steps.",
        "<think> is the tag that opens the steps.",
        "`<think>` opens the steps.",
        "```xml\n<think>\nsteps\n</think>\n```",
        "Use this:\n```\nsteps</think>\nanswer\n```\nDone.",
        "The channels are <|channel|>analysis<|message|> and <|channel|>final<|message|>.",
        "analysis of the samples: all is well",
        "Think it over. I think the sky is blue.",
    ],
)
def test_a_text_that_mentions_the_tags_is_the_answer(text):
    assert separate(text) == (None, text)


_PIECES = st.sampled_from(
    [
        "<think>",
        "</think>",
        "<reasoning>",
        "</reasoning>",
        "<|channel|>",
        "analysis",
        "final",
        "<|message|>",
        "`",
        "```",
    ]
    + ["[THINK]", "[/THINK]", "<|begin_of_solution|>", "\n", " ", "a", "It is so. "]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_an_answer_has_no_more_reasoning_to_separate(text):
    reasoning, answer = separate(text)

    assert separate(answer) == (None, answer)
    assert reasoning is not None or answer == text or "<|channel|>" in text or "<|message|>" in text


@pytest.mark.parametrize(
    "piece", ["<think>a", "</think>", "<think>a`</think>`", "`</think>` ", "```</think>", "<think> "]
)
def test_separation_takes_linear_time(piece, assert_linear):
    assert_linear(lambda size: separate(piece * size), 2_000)


def test_only_answers_are_separated():
    messages = read(
        b'[{"role": "user", "content": "<think>a</think>b"}, {"role": "assistant", "content": "<think>a</think>b"}]'
    ).messages

    assert [(message.reasoning, message.content) for message in messages] == [(None, "<think>a</think>b"), ("a", "b")]
    assert read_response(b'"<think>a</think>b"').answer == "b"
