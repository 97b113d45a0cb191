"""The evidence about many events, with what each person adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback.choices import Agreement
from feedback.evidence.consensus import DEFAULT_RELIABILITY
from feedback.evidence.keeping import snapshots
from feedback.evidence.posterior import STRONGEST_PRIOR, log_odds_of_gold, logit
from feedback.evidence.votes import ANONYMOUS, hash_of_user
from feedback.models import Evidence, EvidenceSnapshot, UserReliability


@dataclass(frozen=True, slots=True)
class Voices:
    """up, down, users: as of the evidence. p_good: None if the users of the deployment do not agree enough.

    votes: voters and the log-odds that each adds to p_good, below 0 against the answer, the strongest first. sides:
    voters and what each says for and against it. log_odds: those without votes. has_gold: whether it has gold scores.
    """

    p_good: float | None
    up: float
    down: float
    users: int
    votes: tuple[tuple[int, float], ...]
    sides: tuple[tuple[int, float, float], ...]
    log_odds: float
    has_gold: bool


class Reader:
    """Reads the evidence of a deployment under its newest snapshot."""

    def __init__(self, deployment_id: str):
        self.snapshot = EvidenceSnapshot.objects.newest_of(deployment_id)
        self.agreement = Agreement(self.snapshot.agreement) if self.snapshot else Agreement.UNKNOWN
        self._deployment_id = deployment_id
        self._scores = snapshots.scores_of(self.snapshot) if self.snapshot else None
        self._known: dict[int, float] = {}
        if self.snapshot:
            rows = UserReliability.objects.filter(snapshot=self.snapshot)
            self._known = dict(rows.values_list("voter", "reliability").iterator())

    def read(self, event_ids: Sequence[str]) -> dict[str, Voices]:
        """Evidence by event id; events without any are left out."""
        columns = ("event_id", "p_good", "up", "down", "users", "voters", "ups", "downs", "model_version_id", "gold")
        rows = Evidence.objects.of_deployment(self._deployment_id).filter(pk__in=event_ids).values_list(*columns)
        return {
            str(event_id): Voices(
                p_good,
                up,
                down,
                users,
                self._votes(voters, ups, downs),
                tuple(zip(voters, ups, downs, strict=True)),
                self._prior(version, gold),
                bool(gold),
            )
            for event_id, p_good, up, down, users, voters, ups, downs, version, gold in rows
        }

    def log_odds_of_user(self, user_hash: str) -> float:
        """What a vote of this user adds to the log-odds of an answer; of an unknown user that of the deployment."""
        return self._log_odds(hash_of_user(user_hash) if user_hash else ANONYMOUS)

    def log_odds_of_version(self, version: str) -> float:
        """The prior of an answer of this version."""
        return self._prior(version, ())

    def _prior(self, version: str, gold: Sequence[float]) -> float:
        log_odds = self._scores.log_odds_of_version(version) if self._scores else 0.0
        return float(np.clip(log_odds, -STRONGEST_PRIOR, STRONGEST_PRIOR)) + sum(map(log_odds_of_gold, gold))

    def _votes(self, voters: list[int], ups: list[float], downs: list[float]) -> tuple[tuple[int, float], ...]:
        weighed = zip(voters, ups, downs, strict=True)
        found = [(voter, (up - down) * self._log_odds(voter)) for voter, up, down in weighed]
        return tuple(sorted(found, key=lambda vote: -abs(vote[1])))

    def _log_odds(self, voter: int) -> float:
        mean = self.snapshot.reliability if self.snapshot else DEFAULT_RELIABILITY
        known = mean if voter == ANONYMOUS else self._known.get(voter, mean)
        return float(logit(np.float64(known)))
