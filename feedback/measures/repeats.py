"""Answers that a version gives to many prompts, word for word."""

from collections import Counter
from collections.abc import Hashable, Sequence

FEWEST_CHARACTERS = 40
FEWEST_PROMPTS = 20
LEAST_SHARE = 0.02


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
