"""Scores responses by a profile."""

from collections.abc import Sequence
from dataclasses import replace

from feedback.quality.answers import Answer, answer_of, readable
from feedback.quality.checks.base import Context
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.base import Profile
from feedback.quality.results import Assessment, CheckResult, Failed


def assess(
    prompt: str,
    response: str | Answer,
    *,
    profile: str | Profile = "default",
    min_length: int = 20,
    max_length: int = 4000,
) -> Assessment:
    """Score one response by the checks of a profile.

    Parameters
    ----------
    prompt : str
        What was asked. No check of the two profiles reads it.
    response : str or Answer
        What was answered; of a text, reasoning in tags is not judged.
    profile : str or Profile
        A name of `PROFILES`, or one that a deployment chose.
    min_length, max_length : int
        Bounds of an ordinary response in grapheme clusters, both inclusive; a profile may have its own.

    Returns
    -------
    Assessment
        Every score is from 0 to 1. A check that does not apply is missing.

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
    return assess_many([prompt], [response], profile=profile, min_length=min_length, max_length=max_length)[0]


def assess_many(
    prompts: Sequence[str],
    responses: Sequence[str | Answer],
    *,
    profile: str | Profile = "default",
    min_length: int = 20,
    max_length: int = 4000,
) -> list[Assessment]:
    """Score responses as `assess` does each, in less time.

    Parameters
    ----------
    prompts : sequence of str
    responses : sequence of str or Answer
        As many as prompts.
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
    chosen = PROFILES[profile] if isinstance(profile, str) else profile
    context = chosen.bounds or Context(min_length, max_length)
    answers = [_read(response, chosen) for response in responses]
    is_text = [chosen.reads_raw_text or answer.is_prose for answer in answers]
    texts = [answer.text for answer, applies in zip(answers, is_text, strict=True) if applies]
    asked = [prompt for prompt, applies in zip(prompts, is_text, strict=True) if applies]
    by_check: list[Sequence[CheckResult | Failed | None]] = []
    for check in chosen.checks:
        if check.reads_text:
            found = iter(check.results(asked, texts, context))
            by_check.append([next(found) if applies else None for applies in is_text])
        else:
            by_check.append(check.results(answers))
    together = zip(*by_check, strict=True)
    if chosen.has_own_checks:
        return [_without_failed(results, chosen) for results in together]
    return [chosen.assessment(results) for results in together]


def _without_failed(results: Sequence[CheckResult | Failed | None], profile: Profile) -> Assessment:
    failures = tuple(result for result in results if isinstance(result, Failed))
    kept = [None if isinstance(result, Failed) else result for result in results]
    return replace(profile.assessment(kept), failures=failures)


def _read(response: str | Answer, profile: Profile) -> Answer:
    if isinstance(response, Answer):
        return response
    return Answer(readable(response)) if profile.reads_raw_text else answer_of(response)
