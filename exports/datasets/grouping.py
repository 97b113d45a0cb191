"""Which rows belong together, so that no sample and no fold holds what its rest repeats."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from curation.duplicates.near_pairs import near_pairs
from curation.duplicates.signed_rows import LARGEST_BUCKET, THRESHOLD
from feedback.signatures import band_keys, normal_key, signatures


def groups_of(group_ids: Sequence[str], prompts: Sequence[str], *, threshold: float = THRESHOLD) -> np.ndarray:
    """Return the group of each row: rows of one group are linked, directly or over others.

    Parameters
    ----------
    group_ids : sequence of str, n
        The session, user or prompt that a set keeps together; "" for none.
    prompts : sequence of str, n
        Rows with equal prompts are linked, and rows whose prompts are near-copies.
    threshold : float
        The similarity from which prompts are near-copies, 0 to 1.

    Returns
    -------
    ndarray of int, shape (n,)
        Groups are numbered from 0 in the order of their first rows.

    Notes
    -----
    Prompts that share a key of their signatures with more than 200 others, as those of a template do, are linked to all
    of them without a comparison: a group that is too large costs choice, one that is too small leaks.

    Examples
    --------
    >>> groups_of(["a", "b", "", "b"], ["How do I pay?", "Where is it?", "how do I pay", "Thank you"]).tolist()
    [0, 1, 0, 1]
    """
    if len(group_ids) != len(prompts):
        raise ValueError(f"{len(group_ids)} group ids and {len(prompts)} prompts do not belong together.")
    if not prompts:
        return np.empty(0, np.int64)
    first_of: dict[bytes, int] = {}
    of_prompt = [first_of.setdefault(normal_key(prompt), row) for row, prompt in enumerate(prompts)]
    first_named: dict[str, int] = {}
    of_id = [first_named.setdefault(name, row) if name else row for row, name in enumerate(group_ids)]
    rows = np.arange(len(prompts))
    unique = np.array(sorted(first_of.values()))
    near = unique[_near([prompts[row] for row in unique], threshold)]
    links = np.concatenate([np.stack([rows, of_prompt]), np.stack([rows, of_id]), near], axis=1)
    graph = coo_array((np.ones(links.shape[1], np.int8), links), shape=(len(prompts), len(prompts)))
    _, found = connected_components(graph, directed=False)
    _, numbers = np.unique(found, return_index=True)
    return np.argsort(np.argsort(numbers))[found]


def _near(prompts: Sequence[str], threshold: float) -> np.ndarray:
    """Links between near-copies, as two rows of positions."""
    signed = signatures(prompts)
    pairs = near_pairs(signed, signed, threshold=threshold)
    links = [np.stack([pairs.queries, pairs.members])]
    if pairs.skipped:
        links += [_crowded(keys) for keys in band_keys(signed).T]
    return np.concatenate(links, axis=1).astype(np.int64)


def _crowded(keys: np.ndarray) -> np.ndarray:
    """Links between the positions that share a key with too many others: each with the first."""
    _, first, key_of, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    members = np.flatnonzero(counts[key_of] > LARGEST_BUCKET)
    return np.stack([members, first[key_of[members]]])
