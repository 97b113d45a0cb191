"""Lets judges score events: in runs, each of which stops where its budget, its time or the consent ends."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from feedback.endpoints.endpoints import EndpointUnusable
from feedback.jobs import leases, sweeping
from feedback.jobs.leases import Lease, LeaseLost
from feedback.judging import budget, storing
from feedback.judging.budget import BudgetExhausted, CallTooDear, JudgeStopped
from feedback.judging.online import asked, decided, sampling
from feedback.judging.panels import asking
from feedback.judging.panels.setup import panel_of, remember_formats
from feedback.judging.panels.voters import Ballot, Voter
from feedback.judging.prompts import TooLong
from feedback.models import Judge, Judgement
from feedback.tasks import judge_events

log = structlog.get_logger(__name__)
CONCURRENCY = 4
# After so long a run begins nothing more; the next one continues.
SECONDS_PER_RUN = 240.0
# Calls in flight end by then: tasks have a time limit.
MOST_SECONDS = 1_500.0
# So many events in a row without an answer end a run.
MOST_DOWN_IN_A_ROW = 5


@dataclass
class Ran:
    """What came of one run. stopped: why it ended early."""

    judged: int = 0
    cached: int = 0
    failed: int = 0
    stopped: str = ""
    down_in_a_row: int = field(default=0, repr=False)


def queue_due() -> None:
    """Queue the judges that have something to do; workers find out what."""
    sweeping.queue(judge_events, [judge.pk for judge in Judge.objects.at_work().order_by("pk")])


def run(judge_id: int, *, most: int | None = None) -> Ran | None:
    """Let a judge score what is due, at most `most` events; None where another worker does, or the judge is stopped.

    Safe to kill and run again at any point: a stored vote is not paid for again.
    """
    with leases.of_job(judge_events.name, judge_id) as lease:
        judge = Judge.objects.at_work().select_related("rubric_version").filter(pk=judge_id).first()
        if lease is None or judge is None:
            return None
        ran = _run(judge, lease, min(most or judge.max_per_run, judge.max_per_run))
        Judge.objects.filter(pk=judge.pk).update(last_run_at=timezone.now())
    log.info("judge_ran", judge=judge.pk, judged=ran.judged, cached=ran.cached, failed=ran.failed, ended=ran.stopped)
    return ran


def _run(judge: Judge, lease: Lease, most: int) -> Ran:
    ran = Ran()
    try:
        voters = panel_of(judge)
    except EndpointUnusable as error:
        storing.pause(judge, str(error))
        return Ran(stopped=str(error))
    if budget.is_exhausted(judge):
        return Ran(stopped=str(BudgetExhausted()))
    due = _due(judge, most)
    try:
        async_to_sync(_Run(judge, lease, voters, ran).all)(due)
    except SoftTimeLimitExceeded:
        # What is stored stays; the next run continues.
        raise
    except LeaseLost as error:
        ran.stopped = str(error)
    finally:
        remember_formats(judge, voters)
    if ran.stopped:
        storing.note_error(judge, ran.stopped)
    return ran


def _due(judge: Judge, most: int) -> list[Judgement]:
    """Open judgements, filled up with new events."""
    storing.give_up_crashed(judge)
    rows = (
        judge.judgements.by_endpoint()
        .select_related("judge", "rubric_version")
        .due(timezone.now(), attempts=storing.MOST_ATTEMPTS)
    )
    if (missing := most - rows.count()) > 0:
        storing.begin(judge, sampling.candidates(judge, most=missing))
    return list(rows[:most])


@dataclass
class _Run:
    judge: Judge
    lease: Lease
    voters: list[Voter]
    ran: Ran
    ends_at: float = field(default_factory=lambda: time.monotonic() + SECONDS_PER_RUN)
    # Events of the same content wait for the first of them, whose judgement they copy.
    same: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    @property
    def _models(self) -> list[str]:
        return [voter.endpoint.model for voter in self.voters]

    async def all(self, due: list[Judgement]) -> None:
        """Judge these events, a few at a time, until one of them says that there is no use."""
        room = asyncio.Semaphore(CONCURRENCY)

        async def one(judgement: Judgement) -> None:
            async with room:
                if not self.ran.stopped and time.monotonic() < self.ends_at:
                    self.lease.require()
                    await self._guarded(judgement)

        tasks = [asyncio.ensure_future(one(judgement)) for judgement in due]
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await asyncio.gather(*tasks)
        except TimeoutError:
            self.ran.stopped = "The time of the run was over before its calls had an answer."
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, judgement: Judgement) -> None:
        try:
            await self._judge(judgement)
        except (BudgetExhausted, JudgeStopped) as error:
            self.ran.stopped = str(error)
            await sync_to_async(storing.take_back)(judgement)
        except CallTooDear as error:
            await self._fail(judgement, str(error), is_final=True)
        except EndpointUnusable as error:
            self.ran.stopped = str(error)
            await sync_to_async(storing.take_back)(judgement)
            await sync_to_async(storing.pause)(self.judge, str(error))

    async def _judge(self, judgement: Judgement) -> None:
        try:
            found = await sync_to_async(asked.question)(
                self.judge, judgement.event_id, [voter.endpoint for voter in self.voters]
            )
        except (asked.NothingToJudge, TooLong) as reason:
            await self._fail(judgement, str(reason), is_final=True)
            return
        if found is None:
            # The event was removed before its judgement was begun.
            await sync_to_async(judgement.delete)()
            return
        async with self.same[found.content_key]:
            await sync_to_async(storing.attempt)(judgement, found.content_key)
            if await sync_to_async(decided.copy)(judgement, panel=self._models):
                self.ran.judged += 1
                self.ran.cached += 1
                return
            await self._ask(judgement, found)

    async def _ask(self, judgement: Judgement, question: asked.Question) -> None:
        known = decided.known(judgement)

        async def keep(ballot: Ballot) -> None:
            await sync_to_async(decided.keep)(judgement, ballot)

        ballots = await asking.ask(self.judge, self.voters, question.messages, known, keep=keep)
        is_judged = await sync_to_async(decided.decide)(judgement, ballots, panel=self._models)
        self.ran.judged += is_judged
        self.ran.failed += not is_judged
        is_down = not is_judged and all(ballot.is_down for ballot in ballots)
        self.ran.down_in_a_row = self.ran.down_in_a_row + 1 if is_down else 0
        if self.ran.down_in_a_row >= MOST_DOWN_IN_A_ROW:
            self.ran.stopped = f"{MOST_DOWN_IN_A_ROW} events in a row had no answer: {ballots[0].reason}"

    async def _fail(self, judgement: Judgement, reason: str, *, is_final: bool) -> None:
        self.ran.failed += 1
        fail: Callable[..., None] = storing.fail
        await sync_to_async(fail)(judgement, reason, is_final=is_final)
