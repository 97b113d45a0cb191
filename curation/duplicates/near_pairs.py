"""Finds the near-copies of many texts among a million others at once, by their signatures."""

from dataclasses import dataclass

import numpy as np

from curation.duplicates.signed_rows import LARGEST_BUCKET, THRESHOLD
from feedback.signatures import BANDS, keys_of_band, similarity

# Pairs whose signatures are compared at a time.
_VERIFIED = 20_000
_FILTER = 1 << 22


@dataclass(frozen=True)
class NearPairs:
    """Pairs of a query and a member with their similarity, as three arrays; `skipped` buckets were too large."""

    queries: np.ndarray
    members: np.ndarray
    similarities: np.ndarray
    skipped: int


def near_pairs(
    members: np.ndarray, queries: np.ndarray, *, threshold: float = THRESHOLD, largest: int = LARGEST_BUCKET
) -> NearPairs:
    """Return the members that are near-copies of each query.

    Parameters
    ----------
    members, queries : ndarray of uint32, shape (n, 128) and (m, 128)
        Signatures. A query that is among the members finds itself.
    threshold : float
        The lowest similarity of a pair, 0 to 1.
    largest : int
        A key that more members share than this is skipped.

    Returns
    -------
    NearPairs
        Each pair once, by query and then by member.

    Notes
    -----
    Works band by band, so beside the signatures it needs some 20 bytes a member. Members whose key no query has are
    left out before anything is sorted.

    Examples
    --------
    >>> from feedback.signatures import signatures
    >>> members = signatures(["Where is my invoice?", "How do I reset my password?", "Thank you"])
    >>> found = near_pairs(members, signatures(["how do i reset my password", "Hello"]))
    >>> found.queries.tolist(), found.members.tolist(), found.similarities.tolist()
    ([0], [1], [1.0])
    """
    found = [np.empty(0, np.int64)]
    skipped = 0
    for band in range(BANDS):
        pairs, too_large = _candidates(keys_of_band(members, band), keys_of_band(queries, band), largest)
        found.append(pairs)
        skipped += too_large
    candidates = np.unique(np.concatenate(found))
    of_query, of_member = np.divmod(candidates, max(len(members), 1))
    similarities = np.empty(len(candidates))
    for start in range(0, len(candidates), _VERIFIED):
        some = slice(start, start + _VERIFIED)
        similarities[some] = similarity(queries[of_query[some]], members[of_member[some]])
    is_near = similarities >= threshold
    return NearPairs(of_query[is_near], of_member[is_near], similarities[is_near], skipped)


def _candidates(members: np.ndarray, queries: np.ndarray, largest: int) -> tuple[np.ndarray, int]:
    """Pairs that share a key, each as one number, and the number of keys that too many members share."""
    is_asked = np.zeros(_FILTER, bool)
    is_asked[queries & (_FILTER - 1)] = True
    rows = np.flatnonzero(is_asked[members & (_FILTER - 1)])
    rows = rows[np.argsort(members[rows], kind="stable")]
    keys = members[rows]
    first, end = np.searchsorted(keys, queries, "left"), np.searchsorted(keys, queries, "right")
    sizes = end - first
    is_too_large = sizes > largest
    sizes[is_too_large] = 0
    of_query = np.repeat(np.arange(len(queries)), sizes)
    within = np.arange(len(of_query)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    pairs = of_query * len(members) + rows[first[of_query] + within]
    return pairs, len(np.unique(queries[is_too_large]))
