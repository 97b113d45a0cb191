"""Example answers in twelve languages, written for this project: some to train on, others held out.

`others.txt` has fewer in fifteen more languages, to train on alone.

A line is a label and a text: F refuses, P refuses in part, N does not refuse. In a line to train on, `[a|b]` stands for
a choice.
"""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_FOLDER = Path(__file__).parent
LABELS = {"F": "full", "P": "partial", "N": "none"}
VARIANTS = 24
"""Of each line to train on, at most."""


@dataclass(frozen=True)
class Example:
    language: str
    line: int
    refusal: str
    text: str


def training_examples() -> list[Example]:
    return [
        Example(example.language, example.line, example.refusal, text)
        for example in _lines("training")
        for text in variants(example.text, VARIANTS, random.Random(example.line))
    ]


def held_out_examples() -> list[Example]:
    return list(_lines("held_out"))


def sentence_examples(folder: str) -> list[Example]:
    return [replace(example, text=example.text.replace("\\n", "\n")) for example in _lines(folder)]


def variants(line: str, at_most: int, rng: random.Random) -> list[str]:
    """The texts that a line stands for: all of them, or some drawn at random if there are more."""
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(re.split(r"\[([^\]]*)\]", line))]
    every = itertools.product(*choices)
    texts = ["".join(parts) for parts in itertools.islice(every, at_most + 1)]
    if len(texts) <= at_most:
        return texts
    return sorted({"".join(map(rng.choice, choices)) for _ in range(at_most)})


def _lines(part: str) -> Iterator[Example]:
    for path in sorted((_FOLDER / part).glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            yield Example(path.stem, number, LABELS[line[0]], line[2:])
