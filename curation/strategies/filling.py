"""Fills a set: strategies share its limit, and rows that fail a comparison with kept rows make room for the next."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Protocol

import numpy as np

from curation.choices import Outcome, Strategy
from curation.selecting.apportionment import largest_remainder
from curation.strategies.base import Candidate, Embed, FitCalls, Pick, Plugin, Task, Trace, no_calls
from curation.strategies.registry import STRATEGIES

# Picks whose texts are read and compared together.
BLOCK = 256
# Why a pick cannot be a row as long as another one is.
_BESIDE_ANOTHER = {Outcome.TAKEN, Outcome.OTHER_ANSWER, Outcome.NEAR_COPY, Outcome.SIMILAR}
# Of what a strategy is asked for beyond its share, since some of it fails comparisons.
SPARE = 2


@dataclass(frozen=True)
class Failed:
    """Why a pick cannot be a row, with the number that decided."""

    outcome: Outcome
    number: float | None = None


class Screen(Protocol):
    """Compares picks with the rows that are kept already, here and in earlier sets."""

    def prepare(self, picks: Sequence[Pick]) -> None:
        """Read what the comparisons of these picks need."""

    def failure(self, pick: Pick) -> Failed | None:
        """Why a prepared pick cannot be a row beside those kept."""

    def keep(self, pick: Pick) -> None:
        """Later picks are compared with this one as well."""

    def forget(self, picks: Sequence[Pick]) -> None:
        """Later picks are no longer compared with these, which were kept."""


@dataclass(frozen=True)
class Plan:
    """How a set is filled. shares: by strategy, of the limit; segments: shares by segment, of the limit."""

    strategies: Sequence[str]
    limit: int
    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    segments: Mapping[str, float] = field(default_factory=dict)


class Filling:
    """The rows of a set while it is filled: accepted ones, and those that wait for a person.

    The same candidates in the same order, plan and random generator give the same rows.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        plan: Plan,
        *,
        embed: Embed,
        screen: Screen,
        trace: Trace,
        rng: np.random.Generator,
        fit_calls: FitCalls = no_calls,
        waiting: Sequence[Pick] = (),
        decided: frozenset[int] = frozenset(),
    ) -> None:
        """waiting: what must be queued again. decided: candidates with a decision, which take no room in the queue."""
        self.accepted: list[Pick] = []
        self.queued: list[Pick] = []
        self._candidates, self._plan, self._trace = candidates, plan, trace
        self._embed, self._screen, self._rng, self._fit_calls = embed, screen, rng, fit_calls
        self._waiting, self._decided = list(waiting), decided
        self._in_queue, self._reserved = 0, sum(pick.index not in decided for pick in waiting)
        self._taken: set[int] = set()
        self._asked: set[tuple[str, bytes]] = set()
        self._by_segment: Counter[str] = Counter()
        self._excluded: frozenset[int] = frozenset()
        self._rankings: dict[str, Iterator[Pick]] = {}
        self._beaten: dict[str, list[Pick]] = {}

    def fill(self) -> None:
        """Give every strategy its share, and what one cannot fill to the next, at the end to the earlier ones."""
        unused = 0
        for name in self._plan.strategies:
            wanted = self._wanted(name, unused)
            self._begin(STRATEGIES[name], wanted)
            unused = wanted - self._take(name, wanted)
        self._queue_waiting()
        self.refill()

    def refill(self, *, without: frozenset[int] = frozenset()) -> None:
        """Fill free slots, regardless of shares, with picks that rest on none of these people."""
        self._excluded = without
        for name in self._plan.strategies:
            self._take(name, self._plan.limit - len(self.accepted), by_shares=False)

    def drop(self, picks: Sequence[Pick], outcome: Outcome, numbers: Sequence[float]) -> None:
        """Take accepted picks back, and offer again what could not be a row beside them."""
        if not picks:
            return
        self._remove(picks, outcome, numbers)
        self._screen.forget(picks)
        for name, beaten in self._beaten.items():
            self._rankings[name] = chain(beaten, self._rankings[name])
        self._beaten = {}

    def _remove(self, picks: Sequence[Pick], outcome: Outcome, numbers: Sequence[float]) -> None:
        gone = {id(pick) for pick in picks}
        self.accepted = [pick for pick in self.accepted if id(pick) not in gone]
        for pick, number in zip(picks, numbers, strict=True):
            candidate = self._candidates[pick.index]
            self._asked.discard((pick.strategy, candidate.context))
            self._taken.discard(pick.index)
            self._by_segment[self._segment(candidate)] -= 1
            self._trace.note(pick.strategy, pick.index, outcome, number)

    def lose(self, picks: Sequence[Pick]) -> None:
        """Take back picks whose events were deleted meanwhile."""
        gone = {id(pick) for pick in picks}
        self.queued = [pick for pick in self.queued if id(pick) not in gone]
        self._remove(picks, Outcome.GONE, [math.nan] * len(picks))

    def finish(self) -> None:
        """Note what was accepted, what waits, and what the limit left out."""
        for name in self._plan.strategies:
            for rank, pick in enumerate(self._rankings[name], start=1):
                outcome = Outcome.TAKEN if pick.index in self._taken else Outcome.OVER_LIMIT
                self._trace.note(name, pick.index, outcome, float(rank))
        for outcome, picks in ((Outcome.ACCEPTED, self.accepted), (Outcome.QUEUED, self.queued)):
            for pick in picks:
                self._trace.note(pick.strategy, pick.index, outcome, pick.score)

    def _wanted(self, name: str, unused: int) -> int:
        """Slots of a strategy: its share and what is unused, or an even part of what edits and others left."""
        plan = self._plan
        accepting = [other for other in plan.strategies if other != Strategy.HARD_EXAMPLE]
        if name not in accepting:
            return unused
        if plan.shares:
            unnamed = [other for other in accepting if other not in plan.shares]
            left = max(0.0, 1 - sum(plan.shares.values())) / max(len(unnamed), 1)
            slots = largest_remainder(plan.limit, [plan.shares.get(other, left) for other in accepting])
            return slots[accepting.index(name)] + unused
        if name == Strategy.USER_EDIT:
            return plan.limit
        waiting = [other for other in accepting if other != Strategy.USER_EDIT and other not in self._rankings]
        return -(-(plan.limit - len(self.accepted)) // len(waiting))

    def _begin(self, plugin: Plugin, wanted: int) -> None:
        task = Task(
            self._candidates,
            plugin.with_defaults(self._plan.parameters.get(plugin.name, {})),
            self._trace,
            self._embed,
            self._rng,
            SPARE * max(wanted, 1),
            [pick.index for pick in self.accepted],
            self._fit_calls,
        )
        self._rankings[plugin.name] = iter(plugin.rank(task))

    def _take(self, name: str, count: int, *, by_shares: bool = True) -> int:
        """Accept up to `count` picks of a strategy, and queue those that need a person; return how many it accepted."""
        before, queues = len(self.accepted), STRATEGIES[name].queues
        source, held = self._rankings[name], []
        while len(self.accepted) - before < count or queues and self._queue_has_room:
            block = list(islice(source, BLOCK))
            if not block:
                break
            self._screen.prepare(block)
            for pick in block:
                wanted = self._may_queue(pick) if pick.queue_reason else len(self.accepted) - before < count
                if not (wanted and self._offer(pick, by_shares=by_shares)):
                    held.append(pick)
        self._rankings[name] = chain(held, source)
        return len(self.accepted) - before

    def _queue_waiting(self) -> None:
        """Queue what waited before, unless a strategy took it. Room was kept for it."""
        self._reserved = 0
        waiting = [pick for pick in self._waiting if pick.index not in self._taken]
        self._screen.prepare(waiting)
        for pick in waiting:
            if self._may_queue(pick):
                self._offer(pick, by_shares=False)

    def _may_queue(self, pick: Pick) -> bool:
        return self._queue_has_room or pick.index in self._decided

    @property
    def _queue_has_room(self) -> bool:
        return self._in_queue + self._reserved < self._plan.limit

    def _offer(self, pick: Pick, *, by_shares: bool) -> bool:
        """Decide about a pick; False if it waits for room."""
        candidate = self._candidates[pick.index]
        if not pick.queue_reason and (pick.people & self._excluded or by_shares and self._is_full(candidate)):
            return False
        failed = self._failure(pick, candidate)
        if failed:
            self._trace.note(pick.strategy, pick.index, failed.outcome, failed.number)
            if failed.outcome in _BESIDE_ANOTHER:
                self._beaten.setdefault(pick.strategy, []).append(pick)
            return True
        self._screen.keep(pick)
        self._taken.add(pick.index)
        if pick.queue_reason:
            self.queued.append(pick)
            self._in_queue += pick.index not in self._decided
            return True
        self.accepted.append(pick)
        self._asked.add((pick.strategy, candidate.context))
        self._by_segment[self._segment(candidate)] += 1
        return True

    def _failure(self, pick: Pick, candidate: Candidate) -> Failed | None:
        if pick.index in self._taken:
            return Failed(Outcome.TAKEN)
        if STRATEGIES[pick.strategy].one_answer and (pick.strategy, candidate.context) in self._asked:
            return Failed(Outcome.OTHER_ANSWER)
        return self._screen.failure(pick)

    def _segment(self, candidate: Candidate) -> str:
        return candidate.segment if candidate.segment in self._plan.segments else ""

    def _is_full(self, candidate: Candidate) -> bool:
        """Whether the segment of a candidate has its share; those without one have what the others leave."""
        shares = self._plan.segments
        if not shares:
            return False
        others = max(0.0, 1 - sum(shares.values()))
        slots = dict(zip([*shares, ""], largest_remainder(self._plan.limit, [*shares.values(), others]), strict=True))
        segment = self._segment(candidate)
        return self._by_segment[segment] >= slots[segment]
