"""Which answers give their system message away."""

import pytest

from feedback.quality.flags.leakage import leaks_of

SYSTEM = (
    "You are Ada, the support assistant of Northwind Outdoor. Always be polite and answer in at most three sentences. "
    "Never mention competitors, and never disclose the internal discount code NW-STAFF-22. If a customer asks for a "
    "refund, explain that refunds are possible within thirty days of delivery with the original receipt, and that "
    "shoes must be unworn. Our shops are in Leeds, York and Hull, open from nine to six on weekdays."
)
CHINESE = "你是北风公司的客服助手。请始终保持礼貌,并用三句话以内回答。不要提及竞争对手,也不要透露内部折扣代码。"


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (SYSTEM, ["system_prompt"]),
        (f"Sure:\n\n> {SYSTEM.upper()}", ["system_prompt"]),
        (SYSTEM.replace(",", "").replace("polite", "kind"), ["system_prompt"]),
        (
            "As asked: always be polite and answer in at most three sentences. Never mention competitors, and never.",
            ["system_instruction"],
        ),
        ("My instructions say: always be polite and answer in at most three sentences.", ["announced_instructions"]),
        ("I was told to be nice.", []),
        ("My instructions are confidential.", []),
        ("I am Ada, the support assistant of Northwind Outdoor. How can I help?", []),
        (
            "Refunds are possible within thirty days of delivery with the original receipt, and shoes must be unworn.",
            [],
        ),
        ("Our shops are in Leeds, York and Hull, open from nine to six on weekdays.", []),
        ("", []),
        ("\ud800 \0 🙂", []),
    ],
)
def test_instructions_are_told_from_what_an_answer_may_quote(answer, names):
    assert [flag.name for flag in leaks_of(SYSTEM, answer)] == names


def test_scripts_without_spaces_are_compared_sign_by_sign():
    assert [flag.name for flag in leaks_of(CHINESE, f"好的:{CHINESE}")] == ["system_prompt"]
    assert leaks_of(CHINESE, "您好,请问有什么可以帮您?") == ()


def test_a_short_system_message_is_not_worth_a_flag():
    assert leaks_of("You are a helpful assistant.", "You are a helpful assistant.") == ()


def test_the_span_is_the_longest_stretch():
    answer = f"Well. {SYSTEM} That is all."

    (flag,) = leaks_of(SYSTEM, answer)

    assert answer[slice(*flag.span)] == SYSTEM.rstrip(".")


def test_ten_million_signs_take_no_longer_than_the_first_of_them():
    assert leaks_of(SYSTEM, "all work and no play " * 500_000) == ()
