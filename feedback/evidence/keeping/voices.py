"""The evidence about many events, with what each person adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback.evidence.posterior import logit
from feedback.evidence.votes import ANONYMOUS
from feedback.models import Evidence, EvidenceSnapshot, UserReliability


@dataclass(frozen=True, slots=True)
class Voices:
    """up, down, users: as of the evidence. p_good: None if the users of the deployment do not agree enough.

    votes: voters and the log-odds that each adds to p_good, below 0 against the answer, the strongest first.
    """

    p_good: float | None
    up: float
    down: float
    users: int
    votes: tuple[tuple[int, float], ...]


class Reader:
    """Reads the evidence of a deployment under its newest snapshot."""

    def __init__(self, deployment_id: str):
        self.snapshot = EvidenceSnapshot.objects.newest_of(deployment_id)
        self._deployment_id = deployment_id
        self._known: dict[int, float] = {}
        if self.snapshot:
            rows = UserReliability.objects.filter(snapshot=self.snapshot)
            self._known = dict(rows.values_list("voter", "reliability").iterator())

    def read(self, event_ids: Sequence[str]) -> dict[str, Voices]:
        """Evidence by event id; events without any are left out."""
        columns = ("event_id", "p_good", "up", "down", "users", "voters", "ups", "downs")
        rows = Evidence.objects.of_deployment(self._deployment_id).filter(pk__in=event_ids).values_list(*columns)
        return {
            str(event_id): Voices(p_good, up, down, users, self._votes(voters, ups, downs))
            for event_id, p_good, up, down, users, voters, ups, downs in rows
        }

    def _votes(self, voters: list[int], ups: list[float], downs: list[float]) -> tuple[tuple[int, float], ...]:
        weighed = zip(voters, ups, downs, strict=True)
        found = [(voter, (up - down) * self._log_odds(voter)) for voter, up, down in weighed]
        return tuple(sorted(found, key=lambda vote: -abs(vote[1])))

    def _log_odds(self, voter: int) -> float:
        mean = self.snapshot.reliability if self.snapshot else 0.5
        known = mean if voter == ANONYMOUS else self._known.get(voter, mean)
        return float(logit(np.float64(known)))
