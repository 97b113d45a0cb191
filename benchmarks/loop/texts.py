"""Labelled texts about which a small classifier is asked, divided at random into those learned, asked and tested."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.labelled_data import rows

# Parts of the texts: what the classifier in production learned from, and what every student is tested on.
LEARNED, TESTED = 0.17, 0.3


@dataclass(frozen=True)
class Texts:
    """Some texts with their labels."""

    texts: list[str]
    labels: list[str]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Task:
    """One half of a labelled set. classes: the labels, the one that attackers push first."""

    name: str
    texts: Texts
    classes: tuple[str, ...]

    def divided(self, random: np.random.Generator) -> tuple[Texts, Texts, Texts]:
        """What production learned from, what users ask, and what students are tested on."""
        order = random.permutation(len(self.texts))
        first, second = (round(share * len(order)) for share in (LEARNED, LEARNED + TESTED))
        learned, tested, asked = order[:first], order[first:second], order[second:]
        return self._some(learned), self._some(asked), self._some(tested)

    def _some(self, which: np.ndarray) -> Texts:
        return Texts([self.texts.texts[at] for at in which], [self.texts.labels[at] for at in which])


def task(name: str, *, held_out: bool) -> Task:
    """The half of a set to tune on, or the one to report."""
    found = {text: label for text, label in _TASKS[name]() if zlib.crc32(text.encode()) % 2 == held_out}
    return Task(name, Texts(list(found), list(found.values())), _CLASSES[name])


def _attacks() -> Iterator[tuple[str, str]]:
    for row in rows("injection_jailbreak"):
        yield row["text"], "benign" if row["label"] == "benign" else "attack"


def _desks() -> Iterator[tuple[str, str]]:
    for row in rows("ratings_feedbackqa"):
        yield row["question"], row["domain"]


_TASKS = {"injection_jailbreak": _attacks, "ratings_feedbackqa": _desks}
_CLASSES = {"injection_jailbreak": ("benign", "attack"), "ratings_feedbackqa": ("UK", "CDC", "WHO")}
TASKS = tuple(_TASKS)
