"""Traffic through evidence and selection by the product's kernels, without servers. Django must be set up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from benchmarks.loop.traffic import Signal, Traffic
from curation import edits
from curation.candidates import edited
from curation.choices import LinkKind, Outcome, Strategy
from curation.duplicates.near_copies import NearCopies
from curation.duplicates.signed_rows import SignedRows, sign
from curation.sets.people import within_limits
from curation.strategies.answers import REVIEWER, pool
from curation.strategies.base import Candidate, Edit, Pick, Trace
from curation.strategies.filling import Failed, Filling, Plan
from curation.strategies.gates import gate
from curation.strategies.repeats import mark_repeated
from feedback.choices import SignalType
from feedback.evidence.arrays import VoteArrays, vote_arrays
from feedback.evidence.fitting import Fit, fit
from feedback.evidence.pooling import pooled
from feedback.evidence.posterior import STRONGEST_PRIOR, log_odds_of_gold, logit, p_good
from feedback.evidence.votes import EventVotes, collect, hash_of_user
from feedback.evidence.weights import WeightTable
from feedback.quality import keys
from feedback.quality.answers import Answer

STARTED = datetime(2026, 5, 4, 12, tzinfo=UTC)
STRATEGIES = (Strategy.USER_EDIT, Strategy.HIGH_QUALITY, Strategy.HARD_EXAMPLE)
LIMIT = 1_000
VERSION = "v1"


@dataclass(frozen=True)
class Row:
    """A row of a set. event: its position in the traffic; answer: what it teaches."""

    event: int
    strategy: str
    answer: str
    score: float
    is_queued: bool


@dataclass(frozen=True)
class Decisions:
    """What a reviewer decided, by event: gold scores, and better answers."""

    gold: Mapping[int, float]
    answers: Mapping[int, str]


UNREVIEWED = Decisions({}, {})


def event_id(deployment_id: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{deployment_id}/{number}"))


def occurred_at(number: int) -> datetime:
    return STARTED + timedelta(seconds=number)


def select(traffic: Traffic, deployment_id: str = "loop", decisions: Decisions = UNREVIEWED) -> list[Row]:
    """The rows that a build with the default parameters accepts and queues, in their order."""
    candidates = _Evidence(traffic, decisions).candidates(deployment_id)
    screen = _Screen(traffic, candidates, decisions)
    plan, trace = Plan(STRATEGIES, LIMIT), Trace(len(candidates))
    filling = Filling(candidates, plan, embed=_no_vectors, screen=screen, trace=trace, rng=np.random.default_rng(0))
    filling.fill()
    within_limits(filling, candidates)
    return [
        Row(pick.index, str(pick.strategy), screen.answer(pick), pick.score, bool(pick.queue_reason))
        for pick in (*filling.accepted, *filling.queued)
    ]


def _no_vectors(indices: Sequence[int]) -> np.ndarray:
    return np.zeros((len(indices), 0))


class _Evidence:
    """What the signals and gold scores of all events say."""

    def __init__(self, traffic: Traffic, decisions: Decisions):
        self._traffic, self._decisions = traffic, decisions
        self._live = _live(traffic.signals)
        self._votes = [_votes(self._live[number].values()) for number in range(len(traffic.events))]
        gold = decisions.gold
        self._known = [number for number, votes in enumerate(self._votes) if votes.voters or number in gold]
        self._arrays = self._as_arrays()
        self._contexts = [keys.context_key({"prompt": text, "messages": None}) for text in traffic.asked.texts]
        found = pooled(self._arrays, self._answers())
        self._fit: Fit = fit(found.arrays, np.zeros(len(found.first), int), count=1)
        self._log_odds = cache(lambda who: float(logit(self._fit.reliabilities_of(np.array([who])))[0]))

    def candidates(self, deployment_id: str) -> list[Candidate]:
        """One for each event, as a build reads them."""
        prior = self._fit.log_odds_of(np.zeros(len(self._known), int))
        reliabilities = self._fit.reliabilities_of(self._arrays.voters)
        chances = p_good(self._arrays, prior, reliabilities, agreement=self._fit.agreement)
        found = [self._candidate(deployment_id, number) for number in range(len(self._traffic.events))]
        for number, chance in zip(self._known, chances.tolist(), strict=True):
            self._add_evidence(found[number], number, chance)
        mark_repeated(found)
        pool(found, agreement=self._fit.agreement)
        return found

    def _as_arrays(self) -> VoteArrays:
        votes = [self._votes[number] for number in self._known]
        gold = self._decisions.gold
        return vote_arrays(
            [one.voters for one in votes],
            [one.ups for one in votes],
            [one.downs for one in votes],
            [[gold[number]] if number in gold else [] for number in self._known],
        )

    def _answers(self) -> np.ndarray:
        """Numbers that are equal for events with the same prompt and answer."""
        numbers: dict[tuple[bytes, bytes], int] = {}
        return np.array([numbers.setdefault(self._key(number), len(numbers)) for number in self._known], np.int64)

    def _key(self, number: int) -> tuple[bytes, bytes]:
        event = self._traffic.events[number]
        return self._contexts[event.text], keys.answer_key(Answer(event.answer))

    def _candidate(self, deployment_id: str, number: int) -> Candidate:
        event = self._traffic.events[number]
        context, answer = self._key(number)
        return Candidate(
            event_id(deployment_id, number),
            occurred_at(number),
            user=_user(event.user),
            version=VERSION,
            context=context,
            answer=answer,
            length=len(event.answer),
            gate=gate(event.answer, has_calls=False, is_flagged=False, checks=[]),
            edit=self._reviewed(number) or self._edit(number),
            log_odds=self._prior,
        )

    @property
    def _prior(self) -> float:
        return float(np.clip(self._fit.log_odds_of(np.zeros(1, int))[0], -STRONGEST_PRIOR, STRONGEST_PRIOR))

    def _add_evidence(self, candidate: Candidate, number: int, chance: float) -> None:
        votes, gold = self._votes[number], self._decisions.gold
        weighed = zip(votes.voters, votes.ups, votes.downs, strict=True)
        candidate.has_evidence, candidate.has_gold = True, number in gold
        candidate.p_good = None if np.isnan(chance) else chance
        candidate.up, candidate.down, candidate.users = votes.up, votes.down, len(votes.voters)
        candidate.votes = tuple((who, (up - down) * self._log_odds(who)) for who, up, down in weighed)
        candidate.sides = tuple(zip(votes.voters, votes.ups, votes.downs, strict=True))
        if number in gold:
            candidate.log_odds += log_odds_of_gold(gold[number])

    def _edit(self, number: int) -> Edit | None:
        event = self._traffic.events[number]
        rows = [
            {
                "id": f"{number}/{position}",
                "user_hash": _user(one.user),
                "edited_response": one.edited,
                "occurred_at": occurred_at(number),
            }
            for position, one in enumerate(self._live[number].values())
            if one.kind == SignalType.EDIT
        ]
        prompt = self._traffic.asked.texts[event.text]
        return edited.chosen(
            prompt,
            event.answer,
            rows,
            response_format=None,
            log_odds=lambda user: self._log_odds(hash_of_user(user)),
        )

    def _reviewed(self, number: int) -> Edit | None:
        text = self._decisions.answers.get(number)
        if text is None:
            return None
        return Edit(
            f"row:{number}",
            "",
            STARTED,
            Outcome.ACCEPTED,
            "A reviewer wrote it.",
            answer=keys.answer_key(Answer(text)),
            length=len(text),
            editors=((REVIEWER, log_odds_of_gold(1.0)),),
            is_reviewed=True,
        )


class _Screen:
    """Compares picks with the rows that are kept, by their texts in memory."""

    def __init__(self, traffic: Traffic, candidates: Sequence[Candidate], decisions: Decisions):
        self._traffic, self._candidates, self._decisions = traffic, candidates, decisions
        self._live = _live(traffic.signals)
        self._copies = NearCopies()
        self._kept: list[tuple[Pick, SignedRows, int]] = []
        self._signed: SignedRows | None = None
        self._position: dict[int, int] = {}

    def answer(self, pick: Pick) -> str:
        """What a row teaches: the answer of the model, or the text of a user or a reviewer."""
        edit = self._candidates[pick.index].edit
        if pick.strategy != Strategy.USER_EDIT or edit is None:
            return self._traffic.events[pick.index].answer
        if edit.is_reviewed:
            return self._decisions.answers[pick.index]
        number, position = map(int, edit.edit_id.split("/"))
        return list(self._live[number].values())[position].edited

    def prepare(self, picks: Sequence[Pick]) -> None:
        prompts = [self._traffic.asked.texts[self._traffic.events[pick.index].text] for pick in picks]
        self._signed = sign(prompts, [self.answer(pick) for pick in picks])
        self._position = {pick.index: position for position, pick in enumerate(picks)}

    def failure(self, pick: Pick) -> Failed | None:
        assert self._signed is not None
        match = self._copies.find(self._signed, self._position[pick.index])
        is_copy = match is not None and match.kind == LinkKind.DROPPED
        return Failed(Outcome.NEAR_COPY, match.similarity) if match is not None and is_copy else None

    def keep(self, pick: Pick) -> None:
        assert self._signed is not None
        self._keep(pick, self._signed, self._position[pick.index])

    def forget(self, picks: Sequence[Pick]) -> None:
        gone = {pick.index for pick in picks}
        kept = [one for one in self._kept if one[0].index not in gone]
        self._copies, self._kept = NearCopies(), []
        for one in kept:
            self._keep(*one)

    def _keep(self, pick: Pick, signed: SignedRows, at: int) -> None:
        self._kept.append((pick, signed, at))
        self._copies.keep(signed, at, row_id=pick.index)


def _live(signals: Sequence[Signal]) -> defaultdict[int, dict[tuple[str, int], Signal]]:
    """The signals of each event: of each slot the last."""
    found: defaultdict[int, dict[tuple[str, int], Signal]] = defaultdict(dict)
    for signal in signals:
        slot = (signal.kind, signal.user)
        found[signal.event].pop(slot, None)
        found[signal.event][slot] = signal
    return found


def _votes(signals) -> EventVotes:
    return collect((hash_of_user(_user(one.user)), _TABLE.vote(one.kind)) for one in signals)


def _user(number: int) -> str:
    return f"user {number}"


_TABLE = WeightTable()
# Of one seed the same edits are judged again and again.
edits.judge = lru_cache(20_000)(edits.judge)
