"""Asks the endpoints of a judge about the pairs of a run, each in both orders, and stores what they prefer."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from django.db import transaction
from django.db.models import F

from exports.choices import PairwiseSource
from exports.models import PairwiseRun, PairwiseVerdict
from exports.pairwise import sources
from exports.pairwise.sources import AnswerPair
from feedback.endpoints import client
from feedback.endpoints.endpoints import Endpoint, EndpointUnusable, InvalidEndpoints, endpoints
from feedback.endpoints.replies import Reply, estimate
from feedback.judging import budget
from feedback.judging.pairwise import prompting
from feedback.judging.pairwise.prompting import Comparing, PairQuestion
from feedback.models import Judge, JudgeConsent
from feedback.statistics.pairwise import Preference

CONCURRENCY = 4
MOST_DOWN_IN_A_ROW = 10
SECONDS_BETWEEN_CHECKS = 1.0
SECONDS_PER_TURN = 300.0
ORDERS = ("forward", "backward")


# What ends the questions until an operator changes something, or another day begins.
UNUSABLE = (EndpointUnusable, budget.BudgetExhausted, budget.CallTooDear, budget.JudgeStopped)


class PairsLeft(Exception):
    """Pairs are left for the next task."""


@dataclass(frozen=True)
class PairReply:
    """What the endpoints said of a pair in both orders."""

    forward: Preference | None
    backward: Preference | None
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    reason: str
    is_down: bool

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


def ask(run: PairwiseRun, check: Callable[[], object]) -> None:
    """Ask about each pair without a verdict and store what the judge prefers.

    check: raises what ends the questions; it is called about once a second. Raises EndpointUnusable, PairsLeft and what
    `judging.budget.reserve` raises.
    """
    column = sources.COLUMNS[PairwiseSource(run.source)]
    there = set(run.verdicts.values_list(column, flat=True))
    plan = [pair_id for pair_id in sources.pair_ids(run) if pair_id not in there]
    if not plan:
        return
    judge, named = _judge(run)
    comparing = _comparing(judge)
    ended = Event()
    pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix=f"pairwise {run.pk}")
    try:
        asked = _Asked(run, judge, named, check)
        _ask_all(asked, plan, lambda pair: pool.submit(_reply, named, comparing, pair, ended.wait))
    finally:
        ended.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _judge(run: PairwiseRun) -> tuple[Judge, list[Endpoint]]:
    """The judge with its endpoints."""
    if run.judge is None:
        raise EndpointUnusable(f"The judge {run.judge_name} was deleted.")
    try:
        known = endpoints()
    except InvalidEndpoints as error:
        raise EndpointUnusable(str(error)) from error
    if unknown := [name for name in run.judge.endpoints if name not in known]:
        raise EndpointUnusable(f"LLM_ENDPOINTS of the worker has no endpoint {', '.join(unknown)}.")
    return run.judge, [known[name] for name in run.judge.endpoints]


def _comparing(judge: Judge) -> Comparing:
    return Comparing([(one["title"], one.get("description", "")) for one in judge.rubric_version.criteria])


@dataclass(frozen=True)
class _Asked:
    """Who is asked for which run; check: raises what ends the questions."""

    run: PairwiseRun
    judge: Judge
    named: Sequence[Endpoint]
    check: Callable[[], object]


@dataclass(frozen=True)
class _InFlight:
    """A pair that is being asked about, and what its calls have reserved."""

    pair_id: int
    pair: AnswerPair
    reserved: list[budget.Reservation]


def _ask_all(asked: _Asked, plan: list[int], submit: Callable[[AnswerPair], Future]) -> None:
    ends_at = time.monotonic() + SECONDS_PER_TURN
    running: dict[Future, _InFlight] = {}
    down = 0
    plan = plan[::-1]
    while plan or running:
        asked.check()
        _check_consent(asked.run)
        is_over = time.monotonic() >= ends_at
        if is_over and not running:
            raise PairsLeft
        while plan and not is_over and len(running) < CONCURRENCY:
            pair_id = plan.pop()
            if pair := sources.read(asked.run, pair_id):
                reserved = _reserve(asked, pair)
                running[submit(pair)] = _InFlight(pair_id, pair, reserved)
        if not running:
            continue
        done, _ = wait(running, timeout=SECONDS_BETWEEN_CHECKS, return_when=FIRST_COMPLETED)
        for future in done:
            one, reply = running.pop(future), future.result()
            _store(asked, one, reply)
            down = down + 1 if reply.is_down else 0
            if down >= MOST_DOWN_IN_A_ROW:
                raise EndpointUnusable(f"The judge did not answer {down} pairs in a row: {reply.reason}")


def _reserve(asked: _Asked, pair: AnswerPair) -> list[budget.Reservation]:
    """Reserve what the calls about a pair may use, each endpoint in both orders; nothing if it does not all fit."""
    question = prompting.messages(PairQuestion(pair.conversation, pair.a, pair.b), _comparing(asked.judge))
    prompt_tokens, most = estimate(sum(len(one["content"]) for one in question)), asked.judge.max_answer_tokens
    reserved: list[budget.Reservation] = []
    try:
        for endpoint in asked.named:
            for _ in ORDERS:
                cost = endpoint.cost_usd(prompt_tokens, most)
                reserved.append(budget.reserve(asked.judge, tokens=prompt_tokens + most, cost_usd=cost))
    except (budget.BudgetExhausted, budget.CallTooDear, budget.JudgeStopped):
        _settle(reserved, tokens=0, cost_usd=0.0)
        raise
    return reserved


def _settle(reserved: Sequence[budget.Reservation], *, tokens: int, cost_usd: float) -> None:
    """Count what the calls used together in place of what they had reserved."""
    for number, one in enumerate(reserved):
        budget.settle(one, tokens=0 if number else tokens, cost_usd=0.0 if number else cost_usd)


def _check_consent(run: PairwiseRun) -> None:
    if not JudgeConsent.objects.filter(deployment_id=run.deployment_id).exists():
        raise EndpointUnusable("No user accepts that texts of this deployment are sent to judges.")


def _reply(
    named: Sequence[Endpoint], comparing: Comparing, pair: AnswerPair, pause: Callable[[float], bool]
) -> PairReply:
    """Ask each endpoint in both orders; runs in a thread, without the database."""
    forward = prompting.messages(PairQuestion(pair.conversation, pair.a, pair.b), comparing)
    backward = prompting.messages(PairQuestion(pair.conversation, pair.b, pair.a), comparing)
    asked = [
        (endpoint, [client.ask(endpoint, order, pause=pause) for order in (forward, backward)]) for endpoint in named
    ]
    replies = [reply for _, both in asked for reply in both]
    preferred = [_majority([both[order] for _, both in asked]) for order in (0, 1)]
    lacking = next(
        (reply.reason or "The reply is not the object asked for." for reply in replies if not _read(reply)), ""
    )
    return PairReply(
        *preferred,
        prompt_tokens=sum(reply.prompt_tokens for reply in replies),
        completion_tokens=sum(reply.completion_tokens for reply in replies),
        cost_usd=sum(
            endpoint.cost_usd(reply.prompt_tokens, reply.completion_tokens)
            for endpoint, both in asked
            for reply in both
        ),
        reason="" if all(preferred) else lacking,
        is_down=all(reply.is_down for reply in replies),
    )


def _read(reply: Reply) -> Preference | None:
    found = prompting.read(reply.text) if reply.text else None
    return found[0] if found else None


def _majority(replies: Sequence[Reply]) -> Preference | None:
    """What most endpoints prefer; a tie where two are named as often, None if none answered."""
    counts = Counter(preference for reply in replies if (preference := _read(reply))).most_common()
    if not counts:
        return None
    is_split = len(counts) > 1 and counts[0][1] == counts[1][1]
    return Preference.TIE if is_split else counts[0][0]


def _store(asked: _Asked, one: _InFlight, reply: PairReply) -> None:
    with transaction.atomic():
        _settle(one.reserved, tokens=reply.tokens, cost_usd=reply.cost_usd)
        asked.check()
        PairwiseRun.objects.filter(pk=asked.run.pk).update(tokens=F("tokens") + reply.tokens)
        # Deleted rows take their verdicts with them, so none may follow.
        if not sources.lock(asked.run, one.pair_id):
            return
        PairwiseVerdict.objects.create(
            run=asked.run,
            **{sources.COLUMNS[PairwiseSource(asked.run.source)]: one.pair_id},
            forward=reply.forward or "",
            backward=reply.backward or "",
            length_a=len(one.pair.a),
            length_b=len(one.pair.b),
            people=one.pair.people or "",
            reason=reply.reason[:255],
            tokens=reply.tokens,
        )
