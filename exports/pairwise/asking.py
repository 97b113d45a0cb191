"""Asks the endpoints of a judge about the pairs of a run, each in both orders, and stores what they prefer."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event

from django.db import transaction
from django.db.models import F

from exports.choices import PairwiseSource
from exports.models import PairwiseRun, PairwiseVerdict
from exports.pairwise import sources
from exports.pairwise.sources import AnswerPair
from feedback.endpoints import client
from feedback.endpoints.endpoints import Endpoint, EndpointUnusable
from feedback.endpoints.replies import Reply, estimate
from feedback.judging import budget
from feedback.judging.masking import mask_value_of
from feedback.judging.pairwise import prompting
from feedback.judging.pairwise.prompting import Comparing, PairQuestion
from feedback.judging.panels.setup import named_endpoints
from feedback.models import Judge, JudgeConsent
from feedback.statistics.pairwise import Preference

CONCURRENCY = 4
MOST_DOWN_IN_A_ROW = 10
SECONDS_BETWEEN_CHECKS = 1.0
SECONDS_PER_TURN = 300.0
ORDERS = ("forward", "backward")


# What ends the questions until an operator changes something, or another day begins.
UNUSABLE = (EndpointUnusable, budget.JudgeStopped)


class PairsLeft(Exception):
    """Pairs are left for the next task."""


@dataclass(frozen=True)
class PairReply:
    """What the endpoints said of a pair in both orders.

    calls: by endpoint and order, with its endpoint. reason: why a preference is missing.
    """

    forward: Preference | None = None
    backward: Preference | None = None
    calls: Sequence[tuple[Endpoint, Reply]] = ()
    reason: str = ""

    @property
    def tokens(self) -> int:
        return sum(reply.tokens for _, reply in self.calls)

    @property
    def is_down(self) -> bool:
        """Whether no endpoint could answer at all."""
        return bool(self.calls) and all(reply.is_down for _, reply in self.calls)


def ask(run: PairwiseRun, check: Callable[[], object]) -> None:
    """Ask about each pair without a verdict and store what the judge prefers.

    check: raises what ends the questions; it is called about once a second. Raises EndpointUnusable, JudgeStopped and
    PairsLeft.
    """
    column = sources.COLUMNS[PairwiseSource(run.source)]
    there = set(run.verdicts.values_list(column, flat=True))
    plan = [pair_id for pair_id in sources.pair_ids(run) if pair_id not in there]
    if not plan:
        return
    asked = _asked(run, check)
    ended = Event()
    pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix=f"pairwise {run.pk}")
    try:
        _ask_all(asked, plan, lambda pair: pool.submit(_reply, asked, pair, ended.wait))
    finally:
        ended.set()
        pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class _Asked:
    """Who is asked for which run; check: raises what ends the questions."""

    run: PairwiseRun
    judge: Judge
    named: Sequence[Endpoint]
    comparing: Comparing
    check: Callable[[], object]


def _asked(run: PairwiseRun, check: Callable[[], object]) -> _Asked:
    if run.judge is None:
        raise EndpointUnusable(f"The judge {run.judge_name} was deleted.")
    criteria = [(one["title"], one.get("description", "")) for one in run.judge.rubric_version.criteria]
    return _Asked(run, run.judge, named_endpoints(run.judge.endpoints), Comparing(criteria), check)


@dataclass(frozen=True)
class _InFlight:
    """A pair that is being asked about, and what its calls have reserved."""

    pair_id: int
    pair: AnswerPair
    reserved: list[budget.Reservation]


def _ask_all(asked: _Asked, plan: list[int], submit: Callable[[AnswerPair], Future]) -> None:
    ends_at = time.monotonic() + SECONDS_PER_TURN
    running: dict[Future, _InFlight] = {}
    down, has_budget = 0, True
    plan = plan[::-1]
    while running or plan and has_budget:
        asked.check()
        _check_consent(asked.run)
        is_over = time.monotonic() >= ends_at
        if is_over and not running:
            raise PairsLeft
        while plan and has_budget and not is_over and len(running) < CONCURRENCY:
            has_budget = _begin(asked, plan.pop(), running, submit)
        if not running:
            continue
        done, _ = wait(running, timeout=SECONDS_BETWEEN_CHECKS, return_when=FIRST_COMPLETED)
        for future in done:
            one, reply = running.pop(future), future.result()
            _store(asked, one, reply)
            down = down + 1 if reply.is_down else 0
            if down >= MOST_DOWN_IN_A_ROW:
                raise EndpointUnusable(f"The judge did not answer {down} pairs in a row: {reply.reason}")
    if not has_budget:
        name = asked.judge.name
        raise EndpointUnusable(f"The daily budget of the judge {name} is used up: raise it, or ask tomorrow (UTC).")


def _begin(
    asked: _Asked, pair_id: int, running: dict[Future, _InFlight], submit: Callable[[AnswerPair], Future]
) -> bool:
    """Ask about a pair if it is there; return whether the budget has room for it."""
    if (pair := sources.read(asked.run, pair_id)) is None:
        return True
    conversation, a, b = mask_value_of(asked.run.deployment_id, [list(pair.conversation), pair.a, pair.b])
    pair = replace(pair, conversation=conversation, a=a, b=b)
    try:
        reserved = _reserve(asked, pair)
    except budget.CallTooDear as error:
        _store(asked, _InFlight(pair_id, pair, []), PairReply(reason=str(error)))
    except budget.BudgetExhausted:
        return False
    else:
        running[submit(pair)] = _InFlight(pair_id, pair, reserved)
    return True


def _reserve(asked: _Asked, pair: AnswerPair) -> list[budget.Reservation]:
    """Reserve what the calls about a pair may use, each endpoint in both orders; nothing if it does not all fit."""
    question = prompting.messages(PairQuestion(pair.conversation, pair.a, pair.b), asked.comparing)
    prompt_tokens = estimate(sum(len(one["content"]) for one in question))
    reserved: list[budget.Reservation] = []
    try:
        for endpoint in asked.named:
            most = endpoint.most_answered(asked.judge.max_answer_tokens)
            for _ in ORDERS:
                cost = endpoint.cost_usd(prompt_tokens, most)
                reserved.append(budget.reserve(asked.judge, tokens=prompt_tokens + most, cost_usd=cost))
    except (budget.BudgetExhausted, budget.CallTooDear, budget.JudgeStopped):
        for one in reserved:
            budget.settle(one, tokens=0, cost_usd=0.0)
        raise
    return reserved


def _settle(reserved: Sequence[budget.Reservation], reply: PairReply) -> None:
    """Count what each call used. One whose reply was lost stays counted as it was reserved, as it may be billed."""
    for one, (endpoint, said) in zip(reserved, reply.calls, strict=True):
        if not said.is_down:
            cost = endpoint.cost_usd(said.prompt_tokens, said.completion_tokens)
            budget.settle(one, tokens=said.tokens, cost_usd=cost)


def _check_consent(run: PairwiseRun) -> None:
    if not JudgeConsent.objects.filter(deployment_id=run.deployment_id).exists():
        raise EndpointUnusable("No user accepts that texts of this deployment are sent to judges.")


def _reply(asked: _Asked, pair: AnswerPair, pause: Callable[[float], bool]) -> PairReply:
    """Ask each endpoint in both orders; runs in a thread, without the database."""
    both = [PairQuestion(pair.conversation, *answers) for answers in ((pair.a, pair.b), (pair.b, pair.a))]
    orders = [prompting.messages(question, asked.comparing) for question in both]
    most = asked.judge.max_answer_tokens
    calls = [
        (endpoint, client.ask(endpoint, order, pause=pause, **endpoint.bound(most)))
        for endpoint in asked.named
        for order in orders
    ]
    replies = [reply for _, reply in calls]
    preferred = [_majority(replies[order :: len(ORDERS)]) for order in range(len(ORDERS))]
    lacking = (reply.reason or "The reply is not the object asked for." for reply in replies if not _read(reply))
    return PairReply(*preferred, calls=calls, reason="" if all(preferred) else next(lacking, ""))


def _read(reply: Reply) -> Preference | None:
    return prompting.read(reply.text) if reply.text else None


def _majority(replies: Sequence[Reply]) -> Preference | None:
    """What most endpoints prefer; a tie where two are named as often, None if none answered."""
    counts = Counter(preference for reply in replies if (preference := _read(reply))).most_common()
    if not counts:
        return None
    is_split = len(counts) > 1 and counts[0][1] == counts[1][1]
    return Preference.TIE if is_split else counts[0][0]


def _store(asked: _Asked, one: _InFlight, reply: PairReply) -> None:
    with transaction.atomic():
        _settle(one.reserved, reply)
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
