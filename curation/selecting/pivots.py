"""Finds the votes without which an answer would not be in a set."""

import numpy as np

from feedback.evidence.arrays import VoteArrays
from feedback.evidence.posterior import logit


def pivotal_votes(arrays: VoteArrays, reliabilities: np.ndarray, p_good: np.ndarray, *, gate: float) -> np.ndarray:
    """Return whether each vote carries its answer over a gate.

    Parameters
    ----------
    arrays : VoteArrays
        The m votes on n events and their gold scores.
    reliabilities : ndarray of float, shape (m,)
        How often the voter of each vote is right, above 0 and below 1.
    p_good : ndarray of float, shape (n,)
        What these votes say of each event: the result of `feedback.evidence.posterior.p_good`.
    gate : float
        The lowest `p_good` that passes, above 0 and below 1.

    Returns
    -------
    ndarray of bool, shape (m,)
        True if the event passes, and without the vote would not: it would fall below the gate, or nothing would be
        known about it. Several votes on an event can each be pivotal, and voters without an identity too.

    Notes
    -----
    Reliabilities stay as they are: the crowd is not fitted again without each voter.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> arrays = vote_arrays([[7, 8], [7, 8, 9], [7]], [[1.0] * 2, [1.0] * 3, [1.0]], [[0.0] * 2, [0.0] * 3, [0.0]],
    ...     [[], [], []])
    >>> pivotal_votes(arrays, np.full(6, 0.8), np.array([0.94, 0.98, 0.8]), gate=0.9).tolist()
    [True, True, False, False, False, False]
    """
    events = arrays.events
    is_only = (np.diff(arrays.offsets) == 1) & (np.diff(arrays.gold_offsets) == 0)
    says = arrays.weights * logit(reliabilities)
    with np.errstate(divide="ignore"):
        falls_below = (says > 0) & (logit(p_good)[events] - says < logit(gate))
    return (p_good >= gate)[events] & (falls_below | is_only[events])
