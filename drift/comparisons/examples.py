"""Answers of two arms to the same prompt whose outcome differs most."""

from collections.abc import Sequence

import numpy as np

from drift.bench.samples import UNKNOWN

EACH = 3


def of_pair(values: Sequence[np.ndarray], prompts: Sequence[Sequence[int]], ids: Sequence[Sequence[str]]) -> list[dict]:
    """Up to EACH prompts where the second arm is highest above the first, and where it is furthest below.

    values, prompts, ids: of each event of both arms; NaN where an event has no value. Largest difference first; without
    prompts that both have, none.
    """
    first, second = (_by_prompt(*one) for one in zip(values, prompts, ids, strict=True))
    differences = sorted(
        ((second[prompt][0] - first[prompt][0], prompt) for prompt in first.keys() & second.keys()), reverse=True
    )
    above = [pair for pair in differences[:EACH] if pair[0] > 0]
    below = [pair for pair in differences[: -EACH - 1 : -1] if pair[0] < 0]
    return [
        {
            "difference": difference,
            "values": [first[prompt][0], second[prompt][0]],
            "events": [first[prompt][1], second[prompt][1]],
        }
        for difference, prompt in (*above, *below)
    ]


def _by_prompt(values: np.ndarray, prompts: Sequence[int], ids: Sequence[str]) -> dict[int, tuple[float, str]]:
    """The value and id of the newest event of each prompt."""
    found: dict[int, tuple[float, str]] = {}
    for value, prompt, event_id in zip(values.tolist(), prompts, ids, strict=True):
        if prompt != UNKNOWN and value == value:
            found.setdefault(prompt, (value, event_id))
    return found
