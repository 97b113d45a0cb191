"""Asks the endpoints of a judge in the order that it declares, until their votes are enough."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from feedback.choices import JudgeExecution
from feedback.judging import voting
from feedback.judging.panels import hedging
from feedback.judging.panels.voters import Ballot, Calls, Voter
from feedback.judging.parsing import NO_CONFIDENCE
from feedback.judging.prompts import Message
from feedback.judging.voting import Vote
from feedback.models import Judge

# Keeps a ballot as soon as it is there.
Keep = Callable[[Ballot], Awaitable[None]]


class _NoVote(Exception):
    """A ballot without answers."""

    def __init__(self, ballot: Ballot):
        super().__init__(ballot.reason)
        self.ballot = ballot


async def ask(
    judge: Judge, voters: Sequence[Voter], asked: Sequence[Message], known: Mapping[str, Ballot], *, keep: Keep
) -> list[Ballot]:
    """The ballots for one conversation; endpoints with a known ballot are not asked again.

    Raises EndpointUnusable, BudgetExhausted, CallTooDear and JudgeStopped; ballots kept until then stay known.
    """

    async def vote(voter: Voter, calls: Calls = Calls.HEDGED) -> Ballot:
        ballot = known.get(voter.name)
        if ballot is None:
            ballot = await voter.vote(asked, calls=calls)
            await keep(ballot)
        return ballot

    if judge.execution_mode == JudgeExecution.PARALLEL:
        return await _parallel(voters, vote)
    if judge.execution_mode == JudgeExecution.HEDGED:
        return await _hedged(voters, asked, vote)
    return await _in_turn(judge, voters, vote)


def vote_of(ballot: Ballot, weights: Mapping[str, float]) -> Vote | None:
    said = ballot.said
    return said and Vote(said.answers, said.confidence, float(weights.get(ballot.endpoint, 1.0)))


def votes_of(judge: Judge, ballots: Sequence[Ballot]) -> list[Vote]:
    """The usable votes."""
    return [vote for ballot in ballots if (vote := vote_of(ballot, judge.weights)) is not None]


async def _parallel(voters: Sequence[Voter], vote: Callable[[Voter], Awaitable[Ballot]]) -> list[Ballot]:
    calls = [asyncio.ensure_future(vote(voter)) for voter in voters]
    try:
        # All of them, so that what the others say is kept where one endpoint is unusable.
        await asyncio.wait(calls)
    finally:
        for call in calls:
            call.cancel()
    return [call.result() for call in calls]


async def _in_turn(judge: Judge, voters: Sequence[Voter], vote: Callable[[Voter], Awaitable[Ballot]]) -> list[Ballot]:
    ballots: list[Ballot] = []
    for voter in voters:
        ballots.append(await vote(voter))
        if is_enough(judge, ballots):
            break
    return ballots


def is_enough(judge: Judge, ballots: Sequence[Ballot]) -> bool:
    """Whether no further endpoint need be asked: the votes agree, or the last one is confident."""
    if judge.execution_mode == JudgeExecution.CASCADE:
        said = ballots[-1].said
        confidence = said and (NO_CONFIDENCE if said.confidence is None else said.confidence)
        return confidence is not None and confidence >= judge.min_confidence
    agreed = voting.agreement(votes_of(judge, ballots), scales_of(judge.rubric_version))
    return agreed is not None and agreed >= judge.min_agreement


def scales_of(rubric) -> dict[str, float]:
    """The widths of the scales of criteria."""
    return {one["name"]: one["maximum"] - one["minimum"] for one in rubric.criteria}


async def _hedged(voters: Sequence[Voter], asked: Sequence[Message], vote) -> list[Ballot]:
    """The ballot of the first endpoint, or of the second where the first is slow or gives none."""
    first, second = voters
    size = first.size(asked)

    async def call(number: int) -> Ballot:
        ballot = await vote(voters[number], Calls.SECOND if number else Calls.ONE)
        if ballot.said is None:
            raise _NoVote(ballot)
        return ballot

    async def is_affordable() -> bool:
        return first.hedges.take()

    try:
        found = await hedging.first_of(call, delay=first.delays.seconds(size), may_hedge=is_affordable)
    except _NoVote as failed:
        return [failed.ballot, await vote(second, Calls.ONE)]
    if found.winner:
        # The call of the first that was cancelled had taken this long: it is in the tail.
        first.delays.observe(size, found.seconds)
    return [found.result]
