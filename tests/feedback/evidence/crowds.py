"""Simulated users who vote on answers whose quality is known."""

from dataclasses import dataclass

import numpy as np

from feedback.evidence.arrays import VoteArrays


@dataclass(frozen=True)
class Crowd:
    """Votes on answers, and which of these are good."""

    arrays: VoteArrays
    versions: np.ndarray
    is_good: np.ndarray


def crowd(rng, right, *, rates=(0.2, 0.8), events=1000, votes=5, gold=0, gold_is_right=True):
    """Users, each right with their own probability (or who always say "up" or "down"), vote on random answers."""
    versions = np.arange(events) % len(rates)
    is_good = rng.random(events) < np.asarray(rates)[versions]
    users = rng.random((events, len(right))).argpartition(votes, axis=1)[:, :votes].ravel()
    good = np.repeat(is_good, votes)
    always = np.array([{"up": 1, "down": -1}.get(one, 0) for one in right])[users]
    chance = np.array([0.5 if isinstance(one, str) else one for one in right])[users]
    truth = np.where(good, 1, -1)
    voted = np.where(rng.random(len(users)) < chance, truth, -truth)
    scores = np.where(is_good[:gold] == gold_is_right, 1.0, 0.0)
    arrays = VoteArrays(
        np.arange(events + 1) * votes,
        users.astype(np.int64) + 10,
        np.where(always, always, voted).astype(float),
        np.minimum(np.arange(events + 1), gold),
        scores,
    )
    return Crowd(arrays, versions, is_good)
