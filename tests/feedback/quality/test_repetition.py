"""What is a loop, and what is only regular."""

import random
import time

import pytest

from benchmarks.drawn_loops import LOOPS
from benchmarks.regular_answers import REGULAR
from feedback.quality.checks.repetition import LOOP, repetition
from feedback.quality.scoring import assess, assess_many

TEN_MEGABYTES = 10_000_000


@pytest.mark.parametrize("kind", REGULAR)
def test_regular_answers_are_no_loops(kind):
    found = [repetition(REGULAR[kind](random.Random(seed))) for seed in range(20)]

    assert max(found) < 0.5


@pytest.mark.parametrize("kind", LOOPS)
def test_loops_are_found(kind):
    found = [repetition(LOOPS[kind](random.Random(seed))) for seed in range(20)]

    assert min(found) >= LOOP


@pytest.mark.parametrize(
    ("text", "is_loop"),
    [
        ("我们需要更多时间。" * 12, True),
        ("申し訳ありません。" * 12 + "申し訳", True),
        ("ขอบคุณที่ใช้บริการ" * 10, True),
        ("The total is " + "1" * 12, False),
        ("Signed: " + "_" * 80, False),
        ("x" * 40, True),
        ('{"text": "' + "the same again and " * 30 + '"}', True),
        ('{"rows": [' + ", ".join(['{"id": 1, "state": "ok"}'] * 30) + "]}", False),
        ("Here it is:\n\n" + str([[0] * 9] * 9) + "\n\nAll of it is zero.", False),
        (
            "Here it is:\n\n```html\n"
            + "".join(f"<li>{n}</li>" for n in range(40))
            + "\n```\n\nPaste it into the page.",
            False,
        ),
        ("The table: <table>" + "<tr><td>0</td></tr>" * 40 + "</table>\n\nSay if you need more.", False),
        (str([True, False] * 30), False),
        (", ".join(["0.0"] * 100), False),
        ("\n".join(['{"label": "spam"}'] * 30), False),
        ("\n".join(f"- [Page {n}](https://wiki.example/{n})" for n in range(30)), False),
        ("\n".join(f"- [ ] Part {n}" for n in range(40)), False),
        ("\n".join(f"kind: Service\nname: s{n}\nport: 80" for n in range(20)), False),
        ("\n".join(f"A -> B: call {n}\nB -> A: ok" for n in range(20)), False),
        ("See the list.\n\n```\n1, 2\n```\n\n" + "That is all there is to say. " * 20, True),
        ("[1] so it is. " * 40, True),
        ("- Rest well and drink enough water.\n" * 30, True),
    ],
)
def test_loop_is_told_from_what_is_regular(text, is_loop):
    assert (repetition(text) >= 0.5) is is_loop


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "no ",
        "I can't help with that. ",
        "字",
        "مرحبا ",
        "👨‍👩‍👧‍👦",
        "\0",
        "\ud800",
        '{"a": [',
        "<td>0</td>",
        "1, ",
        "> ",
        "` ~~~\n",
    ],
)
def test_ten_megabytes_are_judged_in_bounded_time(piece):
    text = (piece * (TEN_MEGABYTES // len(piece)))[:TEN_MEGABYTES]
    begun = time.process_time()

    assessment = assess("", text)

    assert time.process_time() - begun < 5
    assert 0 <= assessment.score <= 1


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "\u202eabc\u202c", "👍", "\x00I can't help with that.\x00"])
def test_odd_text_has_the_same_result_alone_and_among_others(text):
    assert assess_many([""] * 3, ["Of course.", text, "No."])[1] == assess("", text)
