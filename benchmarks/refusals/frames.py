"""Sentences drawn from frames and topics in twelve languages: both labels get the same topics, so these weigh nothing.

A line of `frames/` is a label and a text. D and T are topics: the forms of something to do, which fill `{1}`, `{2}` and
so on, and things to talk about, which fill `{0}`. F, P and N are frames, as in `examples`; `\\n` stands for a new line.
"""

import random
import re
from collections import defaultdict
from pathlib import Path

from benchmarks.refusals.examples import LABELS, Example

_FOLDER = Path(__file__).parent / "frames"
DRAWN = 12
"""Of each frame, at most."""


def frame_examples(drawn: int = DRAWN) -> list[Example]:
    return [example for path in sorted(_FOLDER.glob("*.txt")) for example in _drawn(path, drawn)]


def _drawn(path: Path, drawn: int) -> list[Example]:
    lines: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        lines[line[0]].append(line[2:])
    rng = random.Random(path.stem)
    return [
        Example(path.stem, number, LABELS[label], text)
        for label in LABELS
        for number, frame in enumerate(lines[label])
        for text in sorted({_filled(frame, lines, rng) for _ in range(drawn)})
    ]


def _filled(frame: str, lines: dict[str, list[str]], rng: random.Random) -> str:
    forms = [rng.choice(lines["T"]), *rng.choice(lines["D"]).split("|")]
    text = re.sub(r"\[([^\]]*)\]", lambda choice: rng.choice(choice[1].split("|")), frame)
    return re.sub(r"\{(\d)\}", lambda slot: forms[int(slot[1])], text).replace("\\n", "\n")
