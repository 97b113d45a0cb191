"""Measures near-copies of 100,000 rows, beside datasketch if installed: `python -m benchmarks.near_copies_large`."""

import importlib.util
import time
from importlib import metadata

import numpy as np

from benchmarks import near_copies
from benchmarks.labelled_data import print_table

ROWS, MEMBERS = 100_000, 1_000_000
PEER = "datasketch"


def main() -> None:
    lines = near_copies.measure(ROWS, MEMBERS)
    if importlib.util.find_spec(PEER):
        lines.append(_by_the_peer())
    print_table("Near-copies, large", near_copies.HEADER, lines)


def _by_the_peer() -> near_copies.Line:
    """The prompts with datasketch: 128 permutations, an index for 0.7, verified at 0.7."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - not always installed

    from feedback.signatures import normalised  # noqa: PLC0415

    planted = near_copies.planted_rows(ROWS, np.random.default_rng(7))
    begun = time.perf_counter()
    index = MinHashLSH(threshold=0.7, num_perm=128)
    signed: list[MinHash] = []
    is_found = np.zeros(ROWS, bool)
    for at, text in enumerate(map(normalised, planted.prompts)):
        signature = MinHash(num_perm=128)
        signature.update_batch([text[start : start + 5].encode() for start in range(len(text) - 4)])
        is_found[at] = any(signature.jaccard(signed[other]) >= 0.7 for other in index.query(signature))
        index.insert(at, signature)
        signed.append(signature)
    seconds = time.perf_counter() - begun
    name = f"prompts in memory, {PEER} {metadata.version(PEER)}"
    return name, ROWS, ROWS, seconds, *near_copies.shares(planted, is_found)


if __name__ == "__main__":
    main()
