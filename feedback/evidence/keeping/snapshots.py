"""Numbered snapshots of a deployment's fit, and the probabilities that follow from one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import structlog
from django.db import connection, transaction

from feedback.choices import Agreement
from feedback.evidence import fitting, posterior
from feedback.evidence.arrays import VoteArrays, vote_arrays
from feedback.evidence.keeping import rows
from feedback.evidence.keeping.locking import lock_evidence
from feedback.evidence.keeping.rows import StoredVotes
from feedback.evidence.keeping.tables import weight_table
from feedback.evidence.pooling import pooled
from feedback.evidence.reliability import Reliabilities
from feedback.models import Evidence, EvidenceSnapshot, UserReliability
from feedback.stores.locks import uuid_array

log = structlog.get_logger(__name__)
# The newest events with evidence that a fit reads.
MOST_EVENTS = 1_000_000
_BATCH = 20_000
_NO_VOTES = StoredVotes([], [], vote_arrays([], [], [], []), np.empty(0, np.int64))
# By the position of a voter in the array.
_RELIABILITIES = """
    SELECT wanted.position, row.reliability FROM feedback_userreliability AS row
    JOIN unnest(%s::bigint[]) WITH ORDINALITY AS wanted (voter, position) USING (voter) WHERE row.snapshot_id = %s
"""
_COPY_RELIABILITIES = "COPY feedback_userreliability (snapshot_id, voter, reliability, votes, gold_votes) FROM STDIN"
_RESCORE = """
    UPDATE feedback_evidence AS row SET p_good = incoming.p_good, snapshot_id = %s
    FROM unnest(%s::uuid[], %s::float8[]) AS incoming (event_id, p_good) WHERE row.event_id = incoming.event_id
"""


@dataclass(frozen=True)
class Scores:
    """The probabilities under one snapshot."""

    snapshot_id: int
    log_odds: float
    log_odds_of: dict[str, float]
    reliability: float
    agreement: Agreement

    def p_good(self, model_version_ids: Sequence[str], arrays: VoteArrays) -> np.ndarray:
        """Of each event, float64 of shape (n,); NaN where users do not agree enough and no gold score says more."""
        prior = np.array([self.log_odds_of_version(name) for name in model_version_ids])
        return posterior.p_good(arrays, prior, self._reliabilities(arrays.voters), agreement=self.agreement)

    def log_odds_of_version(self, model_version_id: str) -> float:
        """The prior of its answers."""
        return self.log_odds_of.get(model_version_id, self.log_odds)

    def _reliabilities(self, voters: np.ndarray) -> np.ndarray:
        known, which = np.unique(voters, return_inverse=True)
        found = np.full(len(known), self.reliability)
        with connection.cursor() as cursor:
            cursor.execute(_RELIABILITIES, [rows.as_text(known.tolist()), self.snapshot_id])
            own = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 2)
        found[own[:, 0].astype(np.int64) - 1] = own[:, 1]
        return found[which]


def scores_of(snapshot: EvidenceSnapshot) -> Scores:
    """The probabilities under this snapshot."""
    return Scores(
        snapshot.pk,
        snapshot.log_odds,
        {one["model_version_id"]: one["log_odds"] for one in snapshot.versions},
        snapshot.reliability,
        Agreement(snapshot.agreement),
    )


def current(deployment_id: str) -> EvidenceSnapshot:
    """The newest snapshot; one without votes for a deployment that has none. Call it with the lock of evidence."""
    return EvidenceSnapshot.objects.newest_of(deployment_id) or _store(deployment_id, _NO_VOTES)


def make(deployment_id: str) -> EvidenceSnapshot:
    """Fit the newest votes of a deployment, store the fit as its next snapshot and score all evidence by it."""
    newest = Evidence.objects.of_deployment(deployment_id).newest_first()
    stored = rows.read(newest[:MOST_EVENTS])
    with transaction.atomic():
        lock_evidence()
        snapshot = _store(deployment_id, stored)
    rescore(deployment_id)
    log.info("evidence_snapshot_made", deployment_id=deployment_id, snapshot=snapshot.pk, votes=snapshot.votes)
    return snapshot


def _store(deployment_id: str, stored: StoredVotes) -> EvidenceSnapshot:
    names = sorted(set(stored.model_version_ids))
    codes = {name: code for code, name in enumerate(names)}
    versions = np.array([codes[name] for name in stored.model_version_ids], dtype=np.int64)
    answers = pooled(stored.arrays, stored.answers)
    events = np.bincount(versions, minlength=len(names)).tolist()
    fit = fitting.fit(answers.arrays, versions[answers.first], count=len(names))
    snapshot = EvidenceSnapshot.objects.create(
        deployment_id=deployment_id,
        weights_version=weight_table(deployment_id).version,
        is_fitted=fit.is_fitted,
        agreement=fit.agreement,
        reliability=fit.reliability,
        log_odds=fit.log_odds,
        versions=[
            {"model_version_id": name} | asdict(rate) | {"events": number}
            for name, rate, number in zip(names, fit.versions, events, strict=True)
        ],
        events=len(stored.event_ids),
        votes=len(stored.arrays.voters),
        users=fit.users,
        gold_scores=len(stored.arrays.gold),
    )
    _store_reliabilities(snapshot.pk, fit.users_known)
    return snapshot


def _store_reliabilities(snapshot_id: int, known: Reliabilities) -> None:
    columns = zip(*(one.tolist() for one in (known.voters, known.values, known.votes, known.gold_votes)), strict=True)
    # Django translates the driver's errors in its own methods only, and COPY is not one of them.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY_RELIABILITIES) as copy:
        for row in columns:
            copy.write_row((snapshot_id, *row))


def rescore(deployment_id: str) -> int:
    """Score the evidence of earlier snapshots by the newest one; return how many rows.

    Batches are transactions of their own, and a second call continues where one ended. Then the reliabilities of
    earlier snapshots are of no more use.
    """
    snapshot = EvidenceSnapshot.objects.newest_of(deployment_id)
    if snapshot is None:
        return 0
    scores, done, position = scores_of(snapshot), 0, None
    former = Evidence.objects.of_deployment(deployment_id).of_other_snapshots(snapshot.pk).newest_first()
    while True:
        with transaction.atomic():
            lock_evidence()
            batch = rows.read(former.older_than(position)[:_BATCH])
            if not batch.event_ids:
                break
            done += len(batch.event_ids)
            position = Evidence.objects.values_list("occurred_at", "event_id").get(pk=batch.event_ids[-1])
            _rescore(batch, scores)
    earlier = UserReliability.objects.filter(snapshot__deployment_id=deployment_id, snapshot_id__lt=snapshot.pk)
    earlier.delete()
    return done


def _rescore(stored: StoredVotes, scores: Scores) -> None:
    found = scores.p_good(stored.model_version_ids, stored.arrays).tolist()
    values = [None if np.isnan(value) else value for value in found]
    with connection.cursor() as cursor:
        cursor.execute(_RESCORE, [scores.snapshot_id, uuid_array(stored.event_ids), values])
