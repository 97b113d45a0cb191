"""Scores responses by a profile."""

from collections.abc import Sequence

from feedback.quality.checks.base import Context
from feedback.quality.profiles import PROFILES
from feedback.quality.results import Assessment
from feedback.quality.screening import readable


def assess(
    prompt: str, response: str, *, profile: str = "default", min_length: int = 20, max_length: int = 4000
) -> Assessment:
    """Score one response by the checks of a profile.

    Parameters
    ----------
    prompt, response : str
        What was asked and what was answered. No check of the two profiles reads the prompt.
    profile : str
        A name of `PROFILES`.
    min_length, max_length : int
        Bounds of an ordinary response in grapheme clusters, both inclusive.

    Returns
    -------
    Assessment
        Every score is from 0 to 1.

    Raises
    ------
    KeyError
        The profile is unknown. No text raises anything.

    Examples
    --------
    >>> assessment = assess("What is the capital of France?", "I'm sorry, but I can't help with that.")
    >>> assessment.score, [(check.name, check.score) for check in assessment.checks if not check.passed]
    (0.15000000000000002, [('refusal', 0.0)])
    >>> assessment.caps
    [Cap(name='full_refusal', at=0.2)]
    """
    chosen, context, text = PROFILES[profile], Context(min_length, max_length), readable(response)
    return chosen.assessment(tuple(check.judge(prompt, text, context) for check in chosen.checks))


def assess_many(
    prompts: Sequence[str],
    responses: Sequence[str],
    *,
    profile: str = "default",
    min_length: int = 20,
    max_length: int = 4000,
) -> list[Assessment]:
    """Score responses as `assess` does each, in less time.

    Parameters
    ----------
    prompts, responses : sequence of str
        As many of the one as of the other.
    profile, min_length, max_length
        As of `assess`.

    Returns
    -------
    list of Assessment
        In the order of the responses.

    Raises
    ------
    KeyError
        The profile is unknown.
    ValueError
        The numbers of prompts and responses differ.

    Examples
    --------
    >>> [assessment.score for assessment in assess_many(["Who?", "Why?"], ["Ann, the new colleague.", ""])]
    [1.0, 0.0]
    """
    if len(prompts) != len(responses):
        raise ValueError(f"{len(prompts)} prompts and {len(responses)} responses")
    chosen, context = PROFILES[profile], Context(min_length, max_length)
    texts = [readable(response) for response in responses]
    by_check = [check.results(prompts, texts, context) for check in chosen.checks]
    return [chosen.assessment(results) for results in zip(*by_check, strict=True)]
