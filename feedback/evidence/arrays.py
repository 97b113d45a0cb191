"""The votes on many events as flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class VoteArrays:
    """The votes on n events: those on event i are from offsets[i] to offsets[i + 1], its gold scores likewise.

    Attributes
    ----------
    offsets : ndarray of int, shape (n + 1,)
        Where the votes on each event begin; the last is their number m.
    voters : ndarray of int64, shape (m,)
        By hash; one voter at most once an event.
    weights : ndarray of float, shape (m,)
        What each voter says for the answer minus what it says against it.
    gold_offsets : ndarray of int, shape (n + 1,)
        Where the gold scores of each event begin; the last is their number k.
    gold : ndarray of float, shape (k,)
        0 to 1.
    """

    offsets: np.ndarray
    voters: np.ndarray
    weights: np.ndarray
    gold_offsets: np.ndarray
    gold: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def events(self) -> np.ndarray:
        """The position of the event of each vote, shape (m,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def events_of_gold(self) -> np.ndarray:
        """The position of the event of each gold score, shape (k,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.gold_offsets))

    def without_gold(self, hidden: np.ndarray | None = None) -> "VoteArrays":
        """The same without any gold score, or without those of some events: hidden has shape (n,) of bool."""
        if hidden is None:
            hidden = np.ones(len(self), bool)
        seen = ~hidden[self.events_of_gold]
        sizes = np.where(hidden, 0, np.diff(self.gold_offsets))
        return replace(self, gold_offsets=np.concatenate([[0], np.cumsum(sizes)]), gold=self.gold[seen])


def vote_arrays(
    voters: Sequence[Sequence[int]],
    ups: Sequence[Sequence[float]],
    downs: Sequence[Sequence[float]],
    gold: Sequence[Sequence[float]],
) -> VoteArrays:
    """Return lists of votes, one an event, as arrays.

    Parameters
    ----------
    voters : sequence of sequences of int
        The voters of each event.
    ups, downs : sequence of sequences of float
        What each of them says for and against the answer.
    gold : sequence of sequences of float
        The gold scores of each event, 0 to 1.

    Returns
    -------
    VoteArrays
        The same, flat.

    Examples
    --------
    >>> arrays = vote_arrays([[7, 9], []], [[1.0, 0.0], []], [[0.0, 0.5], []], [[], [1.0]])
    >>> arrays.offsets, arrays.weights, arrays.gold_offsets
    (array([0, 2, 2]), array([ 1. , -0.5]), array([0, 0, 1]))
    """
    return VoteArrays(
        _offsets(voters),
        _flat(voters, np.int64),
        _flat(ups, np.float64) - _flat(downs, np.float64),
        _offsets(gold),
        _flat(gold, np.float64),
    )


def _offsets(lists: Sequence[Sequence]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum([len(one) for one in lists], dtype=np.int64)])


def _flat(lists: Sequence[Sequence], dtype: type) -> np.ndarray:
    return np.fromiter((one for several in lists for one in several), dtype=dtype)
