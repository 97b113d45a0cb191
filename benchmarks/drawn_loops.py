"""Loops of models, drawn at random, which the repetition check must find."""

import json
import random
from collections.abc import Callable

from benchmarks.regular_answers import WORDS

_SENTENCES = (
    "The river runs to the sea and the sea runs to the river.",
    "I am a helpful assistant and I will help you with that.",
    "She said that he said that she said so.",
)
_OTHERS = {
    "chinese": "我们需要更多的时间来完成这个任务。",
    "japanese": "これはとても大切なことだと思います。",
    "thai": "ขอบคุณที่ใช้บริการของเราในวันนี้ค่ะ",
    "arabic": "نحن نعمل على حل هذه المشكلة الآن. ",
    "korean": "이것은 매우 중요한 문제입니다. ",
}


def _cut(text: str, rng: random.Random) -> str:
    return text[: len(text) - rng.randint(0, 15)]


def _sentence_loop(rng):
    return _cut("Here is the answer. " + (rng.choice(_SENTENCES) + " ") * rng.randint(6, 60), rng)


def _line_loop(rng):
    return _cut("It begins well.\n" + (rng.choice(_SENTENCES) + "\n") * rng.randint(6, 60), rng)


def _paragraph_loop(rng):
    return _cut("\n\n".join([" ".join(_SENTENCES)] * rng.randint(4, 12)), rng)


def _counted_loop(rng):
    sentence = rng.choice(_SENTENCES)
    return _cut("\n".join(f"{n}. {sentence}" for n in range(1, rng.randint(14, 60))), rng)


def _counted_steps(rng):
    return _cut(
        " ".join(f"Step {n}: Repeat the same as in step {n - 1} until done." for n in range(1, rng.randint(14, 60))),
        rng,
    )


def _character_loop(rng):
    return "The answer is " + rng.choice("aeho!?") * rng.randint(250, 900)


def _word_loop(rng):
    return _cut("so " + f"{rng.choice(WORDS)} " * rng.randint(30, 400), rng)


def _other_script_loop(rng):
    return _cut("" + rng.choice(list(_OTHERS.values())) * rng.randint(8, 60), rng)


def _code_loop(rng):
    return "```python\nvalues = [\n" + _cut('    "the same value",\n' * rng.randint(40, 200), rng)


def _open_zeros(rng):
    return "[" + "0, " * rng.randint(400, 2_000)


def _table_loop(rng):
    return _cut("| Name | Value |\n|---|---|\n" + "| the same | cells again |\n" * rng.randint(40, 200), rng)


def _json_string_loop(rng):
    return json.dumps({"answer": rng.choice(_SENTENCES) * rng.randint(10, 60)})


LOOPS: dict[str, Callable[[random.Random], str]] = {
    function.__name__.strip("_"): function
    for function in (
        *(_sentence_loop, _line_loop, _paragraph_loop, _counted_loop, _counted_steps, _character_loop, _word_loop),
        *(_other_script_loop, _code_loop, _open_zeros, _table_loop, _json_string_loop),
    )
}
