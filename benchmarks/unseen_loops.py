"""Answers drawn at random, labelled by reading before `repetition-4` judged them; they guided no tuning of it.

Of the answers of `sampling_oasst_pythia` that are not in `repetition_degenerate`, 260 were drawn by a seed: 100 greedy,
130 of beam search and 30 sampled; and 40 of `alpaca_eval_multimodel`. `unseen_loops.txt` has a line for each, without
its text: L is caught in a loop, M mildly (not judged), N not; then a hash of the text.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from benchmarks import measured
from benchmarks.labelled_data import rows

LABELS = Path(__file__).with_suffix(".txt")
_SETS = ("sampling_oasst_pythia", "alpaca_eval_multimodel")


def line(name: str, loops: Callable[[str], bool]) -> tuple:
    answers = labelled()
    labels = [label == "L" for label, _, _ in answers]
    return measured.line(name, labels, [loops(text) for *_, text in answers], [prompt for _, prompt, _ in answers])


def labelled() -> list[tuple[str, str, str]]:
    """The label, prompt and text of each answer that is a loop or none."""
    lines = LABELS.read_text(encoding="utf-8").splitlines()
    labels = {key: label for label, key in map(str.split, lines) if label != "M"}
    answers = {}
    for dataset in _SETS:
        for row in rows(dataset):
            key = key_of(row["response"] or "")
            if key in labels:
                answers[key] = labels[key], row["prompt"], row["response"]
    return [answers[key] for key in sorted(answers)]


def key_of(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]
