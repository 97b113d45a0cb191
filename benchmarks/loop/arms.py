"""What each arm teaches the student: one seed of one task under every attack."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.loop import inside, review, student
from benchmarks.loop.inside import Row
from benchmarks.loop.student import NOTHING
from benchmarks.loop.texts import Task, Texts
from benchmarks.loop.traffic import Attack, Traffic, simulate
from feedback.choices import SignalType
from feedback.masking.text import mask_text

PRODUCTION, RAW, SET, REVIEWED, TRUE = "production as truth", "raw signals", "set", "set after reviews", "true labels"
ARMS = (PRODUCTION, RAW, SET, REVIEWED, TRUE)


@dataclass(frozen=True)
class Result:
    """Of one arm, one seed and one attack. gain: in macro-F1 over the model in production; right: of its rows."""

    arm: str
    gain: float
    rows: int
    right: float
    reviews: int
    seconds: float


@dataclass(frozen=True)
class Draw:
    """One seed of a task: the model in production, and what it answers."""

    task: Task
    seed: int
    learned: Texts
    asked: Texts
    tested: Texts
    answers: list[str]
    base: float

    @classmethod
    def of(cls, task: Task, seed: int) -> "Draw":
        learned, asked, tested = task.divided(np.random.default_rng(seed))
        model = student.trained(learned)
        # Every arm learns from what is stored, which is masked.
        asked = Texts([mask_text(text).text for text in asked.texts], asked.labels)
        answers = model.predict(asked.texts).tolist()
        return cls(task, seed, learned, asked, tested, answers, student.macro_f1(model, tested))

    def traffic(self, attack: Attack) -> Traffic:
        """The same users and questions under every attack."""
        random = np.random.default_rng([self.seed, 1])
        return simulate(self.asked, self.answers, self.task.classes, attack, random)

    def gain(self, rows: Texts) -> float:
        return student.macro_f1(student.trained(self.learned, rows), self.tested) - self.base


def results(task: Task, seed: int, attacks: Sequence[Attack]) -> Iterator[tuple[Attack, Result]]:
    """Every arm under every attack; production and true labels do not depend on the attack."""
    draw = Draw.of(task, seed)
    everyone = draw.traffic(Attack("no attack"))
    produced = Texts([draw.asked.texts[one.text] for one in everyone.events], [one.answer for one in everyone.events])
    same = [_result(draw, PRODUCTION, produced), _result(draw, TRUE, draw.asked)]
    of_sets: dict[tuple[str, float], tuple[Result, Result]] = {}
    for attack in attacks:
        yield from ((attack, one) for one in same)
        traffic = draw.traffic(attack)
        yield attack, _result(draw, RAW, raw(traffic))
        # The same vote of a user on an event counts once, however often it is sent.
        live = (attack.kind, attack.share)
        if live not in of_sets:
            of_sets[live] = _of_sets(draw, traffic)
        yield from ((attack, one) for one in of_sets[live])


def _of_sets(draw: Draw, traffic: Traffic) -> tuple[Result, Result]:
    """What a set teaches, and its next version after reviews."""
    begun = time.process_time()
    rows = inside.select(traffic)
    before = _result(draw, SET, taught(traffic, rows), seconds=time.process_time() - begun)
    read = review.chosen(rows)
    decided = review.decisions(traffic, read)
    begun = time.process_time()
    rows = inside.select(traffic, decisions=decided)
    seconds = time.process_time() - begun
    return before, _result(draw, REVIEWED, taught(traffic, rows), reviews=len(read), seconds=seconds)


def raw(traffic: Traffic) -> Texts:
    """Every answer with a thumb up, and every edited text, as often as it was sent."""
    found = [
        (traffic.asked.texts[event.text], signal.edited or event.answer)
        for signal in traffic.signals
        for event in [traffic.events[signal.event]]
        if signal.kind in (SignalType.THUMBS_UP, SignalType.EDIT)
    ]
    return Texts([text for text, _ in found], [label for _, label in found])


def taught(traffic: Traffic, rows: Sequence[Row]) -> Texts:
    """The accepted rows of a set."""
    accepted = [row for row in rows if not row.is_queued]
    return Texts(
        [traffic.asked.texts[traffic.events[row.event].text] for row in accepted], [row.answer for row in accepted]
    )


def _result(draw: Draw, arm: str, rows: Texts, *, reviews: int = 0, seconds: float = 0.0) -> Result:
    truth = dict(zip(draw.asked.texts, draw.asked.labels, strict=True))
    right = [truth[text] == label for text, label in zip(rows.texts, rows.labels, strict=True)]
    gain = draw.gain(rows) if len(rows) else draw.gain(NOTHING)
    return Result(arm, gain, len(rows), float(np.mean(right)) if right else float("nan"), reviews, seconds)
