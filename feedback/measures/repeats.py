"""Answers that a version gives to many prompts, word for word."""

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import NamedTuple

FEWEST_CHARACTERS = 40
FEWEST_PROMPTS = 20
LEAST_SHARE = 0.02


class SampledAnswer(NamedTuple):
    """What is known of the answer of a sampled event.

    Attributes
    ----------
    version : str
        The model version.
    prompt, answer : bytes
        Keys that are equal for equal normalised texts.
    characters : int
        The length of the answer; 0 for one that is not to be counted, as a label chosen from a list.
    occurred_at : datetime
        When the event occurred.
    """

    version: str
    prompt: bytes
    answer: bytes
    characters: int
    occurred_at: datetime


def repeated_answers(
    versions: Sequence[str], prompts: Sequence[Hashable], answers: Sequence[Hashable], lengths: Sequence[int]
) -> set[tuple[str, Hashable]]:
    """Return the answers that a version gives to many prompts.

    Parameters
    ----------
    versions : sequence of str, length n
        The model version of each event.
    prompts, answers : sequence of hashable, length n
        Keys that are equal for equal normalised texts.
    lengths : sequence of int, length n
        Characters of each answer; 0 for one that is not to be counted, as a label chosen from a list.

    Returns
    -------
    set of (str, hashable)
        Version and answer: of 40 characters or more, given to at least 20 different prompts and in at least 2 % of the
        version's answers. Labels of classifiers are shorter.

    Examples
    --------
    >>> n = 30
    >>> repeated_answers(["v1"] * n, list(range(n)), ["same"] * n, [60] * n)
    {('v1', 'same')}
    >>> repeated_answers(["v1"] * n, [1] * n, ["same"] * n, [60] * n)
    set()
    """
    totals = Counter(versions)
    counts: Counter[tuple[str, Hashable]] = Counter()
    asked: dict[tuple[str, Hashable], set[Hashable]] = {}
    long = [
        (version, answer, prompt)
        for version, prompt, answer, length in zip(versions, prompts, answers, lengths, strict=True)
        if length >= FEWEST_CHARACTERS
    ]
    counts.update((version, answer) for version, answer, _ in long)
    frequent = {
        key for key, count in counts.items() if count >= FEWEST_PROMPTS and count >= LEAST_SHARE * totals[key[0]]
    }
    for version, answer, prompt in long:
        if (version, answer) in frequent:
            asked.setdefault((version, answer), set()).add(prompt)
    return {key for key, found in asked.items() if len(found) >= FEWEST_PROMPTS}


def repeated_of(answers: Sequence[SampledAnswer]) -> set[tuple[str, Hashable]]:
    """Return the answers of a sample that a version gives to many prompts.

    Parameters
    ----------
    answers : sequence of SampledAnswer
        Of any versions.

    Returns
    -------
    set of (str, hashable)
        What `repeated_answers` returns for them.

    Examples
    --------
    >>> at = datetime(2026, 1, 1)
    >>> repeated_of([SampledAnswer("v1", str(k).encode(), b"same", 60, at) for k in range(20)])
    {('v1', b'same')}
    """
    return repeated_answers(
        [one.version for one in answers],
        [one.prompt for one in answers],
        [one.answer for one in answers],
        [one.characters for one in answers],
    )


def count_repeated(*samples: Sequence[SampledAnswer]) -> list[int]:
    """Return how many answers of each sample are repeated ones.

    Parameters
    ----------
    *samples : sequence of SampledAnswer
        Of two windows, for example.

    Returns
    -------
    list of int
        An answer that is repeated in any of the samples counts in all of them, so that samples of different sizes can
        be compared: in a small one 20 prompts are a larger share.

    Examples
    --------
    >>> at = datetime(2026, 1, 1)
    >>> many = [SampledAnswer("v1", str(k).encode(), b"same", 60, at) for k in range(20)]
    >>> count_repeated(many, many[:3]), count_repeated(many[:3])
    ([20, 3], [0])
    """
    keys = {answer for sample in samples for _, answer in repeated_of(sample)}
    return [sum(one.characters > 0 and one.answer in keys for one in sample) for sample in samples]
