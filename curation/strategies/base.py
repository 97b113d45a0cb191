"""What strategies work on: candidates, picks, and the trace of every candidate."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from curation.choices import OUTCOMES, Outcome, Strategy

_CODES = {outcome: np.uint8(code) for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class Edit:
    """A user's edit of an answer that was judged: outcome ACCEPTED, QUEUED or EDIT_REJECTED.

    edit_id: of its signal, or of the row on which a person decided. editor: the hash of the user. distance: normalised
    edit distance, 0 to 1, if it was measured. answer, length: the key of the edited text, and its characters. editors:
    all who made this text of the answer, with the log-odds that each is right. p_good: the probability that the text
    is good, None if the users of the deployment do not agree enough. users: how many made it of answers to the prompt.
    is_reviewed: whether a reviewer wrote or kept it.
    """

    edit_id: str
    editor: str
    edited_at: datetime
    outcome: Outcome
    reason: str
    distance: float | None = None
    answer: bytes = b""
    length: int = 0
    editors: tuple[tuple[int, float], ...] = ()
    p_good: float | None = 1.0
    users: int = 1
    is_reviewed: bool = False


@dataclass(slots=True)
class Candidate:
    """An event with what decides about it; its texts stay in the store.

    context, answer: keys that are equal for events with the same normalised texts. gate: the first gate that stopped
    the answer, else PASSED, with the number that decided. votes: people and the log-odds that each adds to p_good.
    sides: people and what each says for and against the answer. log_odds: those of the answer without votes, from its
    version and gold scores.
    regenerated: whether a user asked for another answer. spread: 1 if users are split evenly, 0 if they agree.
    """

    event_id: str
    occurred_at: datetime
    user: str = ""
    session: str = ""
    version: str = ""
    segment: str = ""
    context: bytes = b""
    answer: bytes = b""
    length: int = 0
    quality: float | None = None
    gate: Outcome = Outcome.PASSED
    gate_number: float | None = None
    has_evidence: bool = False
    p_good: float | None = None
    up: float = 0.0
    down: float = 0.0
    users: int = 0
    votes: tuple[tuple[int, float], ...] = ()
    sides: tuple[tuple[int, float, float], ...] = ()
    log_odds: float = 0.0
    has_gold: bool = False
    edit: Edit | None = None
    exported: bool = False
    regenerated: bool = False

    @property
    def spread(self) -> float:
        return 0.0 if self.up + self.down == 0 else 2 * min(self.up, self.down) / (self.up + self.down)


@dataclass(frozen=True, slots=True)
class Pick:
    """A candidate that a strategy offers. It waits for a person if `queue_reason` says why.

    index: of the candidate. people: those without whom it would not be offered.
    """

    index: int
    strategy: Strategy
    score: float
    reason: str
    queue_reason: str = ""
    people: frozenset[int] = frozenset()


class Embed(Protocol):
    """Vectors of the prompts of candidates."""

    def __call__(self, indices: Sequence[int]) -> np.ndarray:
        """Rows of Euclidean length 1, shape (n, d); a row of zeros has no vector."""


@dataclass(frozen=True, slots=True)
class CallFit:
    """How well the tool calls of an answer fit its conversation, beside other answers.

    probability: that the tool is right, and those values that conversations usually hold; None if there are too few
    answers to compare. called, expected: names of tools, joined by commas, "" for none. absent: arguments whose values
    are missing in the conversation. is_valid: whether the calls fit the tools that the event declares.
    """

    probability: float | None
    called: str
    expected: str = ""
    absent: tuple[str, ...] = ()
    is_valid: bool = True


class FitCalls(Protocol):
    """Compares the answers of candidates."""

    def __call__(self, indices: Sequence[int], rng: np.random.Generator) -> Sequence[CallFit | None]:
        """One for each index, None for an event that is gone."""


def no_calls(indices: Sequence[int], rng: np.random.Generator) -> Sequence[CallFit | None]:
    """Return that no candidate has an answer to compare.

    Parameters
    ----------
    indices : sequence of int
    rng : numpy.random.Generator

    Returns
    -------
    sequence of None

    Examples
    --------
    >>> no_calls([4, 7], np.random.default_rng(1))
    [None, None]
    """
    return [None] * len(indices)


class Trace:
    """The outcome of each of n candidates at the gates and in each strategy, with the number that decided.

    Examples
    --------
    >>> trace = Trace(2)
    >>> trace.note(Strategy.DIVERSE, 1, Outcome.NEAR_COPY, 0.93)
    >>> trace.of(Strategy.DIVERSE, 1)[0].label, trace.counts(Strategy.DIVERSE)
    ('near-copies of a kept row', {'near_copy': 1})
    """

    def __init__(self, count: int):
        self.count = count
        self.codes: dict[str, np.ndarray] = {}
        self.numbers: dict[str, np.ndarray] = {}

    def note(self, column: str, index: int, outcome: Outcome, number: float | None = None) -> None:
        """Record an outcome; a later one replaces it."""
        self.columns(column)
        self.codes[column][index] = _CODES[outcome]
        self.numbers[column][index] = np.nan if number is None else number

    def columns(self, column: str) -> None:
        """Make room for a strategy, or for the gates."""
        if column not in self.codes:
            self.codes[column] = np.zeros(self.count, dtype=np.uint8)
            self.numbers[column] = np.full(self.count, np.nan, dtype=np.float32)

    def of(self, column: str, index: int) -> tuple[Outcome, float]:
        """The outcome of a candidate and its number, NaN if none."""
        return OUTCOMES[self.codes[column][index]], float(self.numbers[column][index])

    def counts(self, column: str) -> dict[str, int]:
        """How many candidates have each outcome; those that were not considered are left out."""
        if column not in self.codes:
            return {}
        counted = np.bincount(self.codes[column], minlength=len(OUTCOMES))
        return {OUTCOMES[code].value: int(n) for code, n in enumerate(counted) if n and code}


@dataclass(frozen=True)
class Task:
    """What a strategy may use.

    parameters: by name, defaults filled in. room: how many rows are wanted at most. kept: indices of the picks before.
    fit_calls: compares tool calls.
    """

    candidates: Sequence[Candidate]
    parameters: Mapping[str, float]
    trace: Trace
    embed: Embed
    rng: np.random.Generator
    room: int
    kept: Sequence[int] = field(default_factory=tuple)
    fit_calls: FitCalls = no_calls


@dataclass(frozen=True)
class Parameter:
    """A number of a strategy, from minimum to maximum."""

    default: float
    minimum: float
    maximum: float
    help: str


@dataclass(frozen=True)
class Plugin:
    """A strategy. rank: its picks, best first; it notes in the trace why it leaves a candidate out.

    one_answer: whether a prompt gets one answer at most. max_cosine: the parameter that bounds the cosine between
    prompts of accepted rows, if there is one. queues: whether some of its picks wait for a person. embeds: whether it
    needs vectors of prompts.
    """

    name: Strategy
    rank: Callable[[Task], Iterable[Pick]]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    one_answer: bool = False
    max_cosine: str = ""
    queues: bool = False
    embeds: bool = False

    def with_defaults(self, given: Mapping[str, float]) -> dict[str, float]:
        """All parameters, those given in place of the defaults."""
        return {name: given.get(name, one.default) for name, one in self.parameters.items()}


def passing(task: Task, strategy: Strategy) -> Iterator[tuple[int, Candidate]]:
    """Return the candidates that passed every gate.

    Parameters
    ----------
    task : Task
        In its trace the others are noted.
    strategy : Strategy
        For the trace.

    Returns
    -------
    iterator of (int, Candidate)
        With their indices, in order.

    Examples
    --------
    >>> at = datetime(2026, 1, 1)
    >>> candidates = [Candidate("a", at), Candidate("b", at, gate=Outcome.REFUSED)]
    >>> task = Task(candidates, {}, Trace(2), None, np.random.default_rng(1), 5)
    >>> [index for index, _ in passing(task, Strategy.DIVERSE)], task.trace.counts(Strategy.DIVERSE)
    ([0], {'refused': 1})
    """
    task.trace.columns(strategy)
    for index, candidate in enumerate(task.candidates):
        if candidate.gate != Outcome.PASSED:
            task.trace.note(strategy, index, candidate.gate, candidate.gate_number)
        elif candidate.exported:
            task.trace.note(strategy, index, Outcome.EXPORTED)
        else:
            yield index, candidate
