"""Asks the endpoints of a gate what they have not answered yet, in random order."""

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from curation.models import GoldenRow
from exports.gates.answers import storing
from exports.gates.rows import rows_of
from exports.models import GateConsent, GateRun
from exports.products.base import Options
from exports.products.conversations import context
from feedback import exact_json
from feedback.endpoints import client
from feedback.endpoints.endpoints import Endpoint, EndpointUnusable, InvalidEndpoints, endpoints
from feedback.endpoints.replies import Reply, estimate
from feedback.jobs.leases import Lease
from feedback.judging.masking import mask_value_of

CONCURRENCY = 4
# So many questions in a row without an answer end the gate.
MOST_DOWN_IN_A_ROW = 10
SECONDS_BETWEEN_CHECKS = 1.0
# A task asks for so long and leaves the rest to the next one: tasks have a time limit, and exports wait behind it.
SECONDS_PER_TURN = 300.0


class TurnEnded(Exception):
    """Questions or the comparison are left for the next task."""


@dataclass(frozen=True)
class _Question:
    row_id: int
    side: str
    tokens: int


@dataclass
class _Asked:
    """What a worker knows about the questions that it sent."""

    spent: int
    running: dict[Future, _Question] = field(default_factory=dict)
    down: Counter[str] = field(default_factory=Counter)

    def fits(self, tokens: int, budget: int) -> bool:
        """Whether a question of about so many tokens is within the budget, beside those in flight."""
        return self.spent + sum(question.tokens for question in self.running.values()) + tokens <= budget


def ask(gate: GateRun, lease: Lease) -> bool:
    """Ask what has no answer yet and store each answer; return whether the token budget was enough.

    Raises EndpointUnusable, LeaseLost, GateEnded and TurnEnded.
    """
    named = _endpoints(gate)
    plan = deque(_unanswered(gate, named))
    if not plan:
        return True
    ended = Event()
    pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix=f"gate {gate.pk}")
    try:
        return _ask_all(
            gate, lease, plan, lambda side, turns: pool.submit(_reply, gate, named, side, turns, ended.wait)
        )
    finally:
        # A server that hangs must not keep a gate that was cancelled; what comes late is dropped.
        ended.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _endpoints(gate: GateRun) -> dict[str, Endpoint]:
    """The endpoint of each side that has one."""
    try:
        known = endpoints()
    except InvalidEndpoints as error:
        raise EndpointUnusable(str(error)) from error
    for name in filter(None, gate.endpoints.values()):
        if name not in known:
            raise EndpointUnusable(f"LLM_ENDPOINTS of the worker has no endpoint {name}.")
    return {side: known[name] for side, name in gate.endpoints.items() if name}


def _unanswered(gate: GateRun, named: dict[str, Endpoint]) -> Iterator[tuple[int, str]]:
    """The questions without an answer: (row, side) in the order of the gate, which a later worker repeats."""
    questions = [(pk, side) for pk in rows_of(gate).values_list("pk", flat=True) for side in sorted(named)]
    random.Random(gate.seed).shuffle(questions)  # noqa: S311 - an order, not a secret
    answered = set(gate.answers.values_list("row_id", "side"))
    return (question for question in questions if question not in answered)


def _ask_all(
    gate: GateRun, lease: Lease, plan: deque[tuple[int, str]], submit: Callable[[str, list[Any]], Future]
) -> bool:
    ends_at = time.monotonic() + SECONDS_PER_TURN
    spent = GateRun.objects.filter(pk=gate.pk).values_list("tokens", flat=True).first()
    asked, is_enough = _Asked(spent=spent or 0), True
    while plan or asked.running:
        _check(gate, lease)
        is_over = time.monotonic() >= ends_at
        if is_over and not asked.running:
            raise TurnEnded
        while plan and not is_over and len(asked.running) < CONCURRENCY:
            row_id, side = plan.popleft()
            if (row := GoldenRow.objects.filter(pk=row_id).first()) is None:
                continue
            turns = mask_value_of(gate.deployment_id, context(row, Options()))
            question = _Question(row_id, side, estimate(len(exact_json.encode(turns))))
            if not asked.fits(question.tokens, gate.token_budget):
                plan.clear()
                is_enough = False
                break
            asked.running[submit(side, turns)] = question
        done, _ = wait(asked.running, timeout=SECONDS_BETWEEN_CHECKS, return_when=FIRST_COMPLETED)
        for future in done:
            _take(gate, lease, asked, future)
    if time.monotonic() >= ends_at:
        # The comparison belongs to a task that has its time limit before it.
        raise TurnEnded
    return is_enough


def _reply(
    gate: GateRun, named: dict[str, Endpoint], side: str, turns: list[Any], pause: Callable[[float], bool]
) -> Reply:
    """Ask one question; runs in a thread, without the database."""
    try:
        return client.ask(named[side], turns, pause=pause)
    except EndpointUnusable as error:
        raise EndpointUnusable(f"The endpoint {gate.endpoints[side]} is unusable: {error}") from error


def _take(gate: GateRun, lease: Lease, asked: _Asked, future: Future) -> None:
    """Store the answer to one question."""
    question = asked.running.pop(future)
    reply: Reply = future.result()
    storing.store(gate, question.row_id, question.side, reply, lease=lease)
    asked.spent += reply.tokens
    asked.down[question.side] = asked.down[question.side] + 1 if reply.is_down else 0
    if asked.down[question.side] >= MOST_DOWN_IN_A_ROW:
        name = gate.endpoints[question.side]
        raise EndpointUnusable(
            f"The endpoint {name} did not answer {MOST_DOWN_IN_A_ROW} questions in a row: {reply.reason}"
        )


def _check(gate: GateRun, lease: Lease) -> None:
    lease.require()
    if not GateRun.objects.running().filter(pk=gate.pk).exists():
        raise storing.GateEnded
    if not GateConsent.objects.filter(deployment_id=gate.deployment_id).exists():
        raise EndpointUnusable("The consent to send texts of this deployment was withdrawn.")
