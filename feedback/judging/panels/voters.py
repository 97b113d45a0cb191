"""One endpoint of a judge: it is asked within the budget, again where that may help, and its reply becomes a vote."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from asgiref.sync import sync_to_async

from feedback.endpoints import client
from feedback.endpoints.client import TemporaryFailure
from feedback.endpoints.endpoints import Endpoint, EndpointUnusable
from feedback.endpoints.replies import Reply, ReplyOutcome, missing
from feedback.judging import budget, parsing, prompts
from feedback.judging.panels import hedging
from feedback.judging.panels.hedging import Hedged
from feedback.judging.panels.latencies import Budget, Delays
from feedback.judging.parsing import Said, Unusable
from feedback.judging.prompts import Message
from feedback.models import Judge

TRIES = 3
# From the strictest form of structured output to none: a server that rejects one is asked for the next.
FORMATS = ("json_schema", "json_object", "text")
_REJECTED = (400, 422)
# The fewest bytes of a token of text, so that what is reserved is rarely less than what is used.
_BYTES_PER_TOKEN = 3


class Calls(Enum):
    """HEDGED: a slow call is made again; ONE: never; SECOND: the call is itself the second to that of another."""

    HEDGED = "hedged"
    ONE = "one"
    SECOND = "second"


@dataclass(frozen=True)
class Usage:
    """What the calls for one vote used. first_ms, size: latency of the first call alone and the bytes of its request,
    which delays are learned from.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    calls: int = 0
    hedged: int = 0
    first_ms: float | None = None
    size: int = 0


@dataclass(frozen=True)
class Ballot:
    """The vote of one endpoint, as it is stored; without `said` it has a reason."""

    endpoint: str
    model: str
    said: Said | None = None
    reason: str = ""
    is_down: bool = False
    usage: Usage = field(default_factory=Usage)
    latency_ms: float = 0.0


@dataclass
class Voter:
    """An endpoint of a judge in one run. reply_format: the strictest that the endpoint is known to accept."""

    judge: Judge
    name: str
    endpoint: Endpoint
    rubric: Any
    delays: Delays
    hedges: Budget
    reply_format: str = FORMATS[0]

    async def vote(self, asked: Sequence[Message], *, calls: Calls = Calls.HEDGED) -> Ballot:
        """Ask, and once more where the reply could not be used.

        Raises EndpointUnusable, BudgetExhausted, CallTooDear and JudgeStopped.
        """
        started, usage = time.monotonic(), Usage()
        reply, said, reason = missing(""), None, ""
        messages = list(asked)
        for is_repair in (False, True):
            reply, used = await self._ask(messages, calls)
            usage = _sum(usage, used)
            if reply.outcome == ReplyOutcome.MISSING:
                reason = reply.reason
                break
            try:
                said, reason = parsing.read(reply.text, self.rubric), ""
                break
            except Unusable as problem:
                reason = f"The reply could not be used: {problem}"
                if not is_repair:
                    messages = prompts.repair(asked, reply.text, str(problem))
        took = (time.monotonic() - started) * 1_000
        return Ballot(self.name, self.endpoint.model, said, reason, reply.is_down, usage, took)

    async def _ask(self, messages: Sequence[Message], calls: Calls) -> tuple[Reply, Usage]:
        """The reply in the strictest form that the endpoint accepts."""
        usage = Usage()
        first = FORMATS.index(self.reply_format)
        for reply_format in FORMATS[first:]:
            reply, used = await self._tried(self._body(messages, reply_format), calls)
            usage = _sum(usage, used)
            if reply.status == 200:
                self.reply_format = reply_format
            if reply.status not in _REJECTED:
                break
        return reply, usage

    async def _tried(self, body: bytes, calls: Calls) -> tuple[Reply, Usage]:
        reason, usage = "", Usage()
        for number in range(TRIES):
            try:
                hedged = await self._hedged(body, number, calls)
                return hedged.result, _sum(usage, self._usage(hedged, len(body)))
            except TemporaryFailure as failed:
                reason = str(failed)
                usage = replace(usage, calls=usage.calls + 1)
                if number + 1 < TRIES:
                    await asyncio.sleep(client.pause_seconds(failed, number))
        return missing(reason, is_down=True), usage

    async def _hedged(self, body: bytes, number: int, calls: Calls) -> Hedged[Reply]:
        if calls != Calls.SECOND:
            self.hedges.earn()

        async def is_affordable() -> bool:
            return self.hedges.take()

        delay = self.delays.seconds(len(body)) if calls == Calls.HEDGED else None
        hedged = await hedging.first_of(
            lambda leg: self._call(body, number + leg, is_hedged=leg == 1 or calls == Calls.SECOND),
            delay=delay,
            may_hedge=is_affordable,
        )
        if hedged.result.status == 200:
            self.delays.observe(len(body), hedged.seconds)
        return hedged

    async def _call(self, body: bytes, number: int, *, is_hedged: bool) -> Reply:
        """One call. A cancelled one, and one whose reply was lost, stays counted as it was reserved."""
        asked = len(body) // _BYTES_PER_TOKEN + 1
        most = self.endpoint.most_answered(self.judge.max_answer_tokens)
        reservation = await sync_to_async(budget.reserve)(
            self.judge,
            tokens=asked + most,
            cost_usd=self.endpoint.cost_usd(asked, most),
            is_hedged=is_hedged,
        )
        settle = sync_to_async(budget.settle)
        try:
            reply = await client.attempt(self.endpoint, body, number=number)
        except TemporaryFailure as failed:
            if not failed.may_be_billed:
                await settle(reservation, tokens=0, cost_usd=0.0)
            raise
        except EndpointUnusable as error:
            await settle(reservation, tokens=0, cost_usd=0.0)
            raise EndpointUnusable(f"The endpoint {self.name} is unusable: {error}") from error
        if reply.tokens or reply.status != 200:
            cost = self.endpoint.cost_usd(reply.prompt_tokens, reply.completion_tokens)
            await settle(reservation, tokens=reply.tokens, cost_usd=cost)
        return reply

    def size(self, messages: Sequence[Message]) -> int:
        """The bytes of a request, by which delays are learned."""
        return len(self._body(messages, self.reply_format))

    def _body(self, messages: Sequence[Message], reply_format: str) -> bytes:
        more: dict[str, Any] = self.endpoint.bound(self.judge.max_answer_tokens)
        if reply_format == "json_schema":
            schema = {"name": "judgement", "strict": True, "schema": prompts.schema(self.rubric)}
            more["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif reply_format == "json_object":
            more["response_format"] = {"type": "json_object"}
        return client.encode(self.endpoint, messages, **more)

    def _usage(self, hedged: Hedged[Reply], size: int) -> Usage:
        reply = hedged.result
        cost = self.endpoint.cost_usd(reply.prompt_tokens, reply.completion_tokens)
        first_ms = hedged.seconds * 1_000
        return Usage(reply.prompt_tokens, reply.completion_tokens, cost, hedged.calls, hedged.calls - 1, first_ms, size)


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cost_usd + other.cost_usd,
        one.calls + other.calls,
        one.hedged + other.hedged,
        *((other.first_ms, other.size) if one.first_ms is None else (one.first_ms, one.size)),
    )
