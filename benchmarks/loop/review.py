"""A simulated reviewer who knows what is right and works through the queue of a set."""

from collections.abc import Iterable

from benchmarks.loop.inside import Decisions, Row
from benchmarks.loop.traffic import Traffic
from curation.choices import Strategy

REVIEWS = 20


def chosen(rows: Iterable[Row], *, count: int = REVIEWS) -> list[Row]:
    """The first answers of the model in the queue. Where users do not agree, the queue begins with those that tell most
    about who is reliable.
    """
    return [row for row in rows if row.is_queued and row.strategy != Strategy.USER_EDIT][:count]


def decisions(traffic: Traffic, rows: Iterable[Row]) -> Decisions:
    """Right answers are kept, or dropped where they wait as hard examples; wrong ones are rewritten."""
    gold, answers = {}, {}
    for row in rows:
        event = traffic.events[row.event]
        truth = traffic.asked.labels[event.text]
        gold[row.event] = float(event.answer == truth)
        if event.answer != truth:
            answers[row.event] = truth
    return Decisions(gold, answers)
