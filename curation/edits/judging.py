"""Judges an edit: the first rule that rejects it decides, else the first that leaves it to a person."""

from dataclasses import replace

from curation.edits import content, size
from curation.edits.case import Case, Rule
from curation.edits.verdicts import EditVerdict, Outcome
from feedback.quality.answers import answer_of

RULES: tuple[Rule, ...] = (*size.FIRST_RULES, *content.RULES, *size.RULES)


def judge(
    prompt: str, original: str, edited: str, *, response_format: str | None = None, flags_count: bool = True
) -> EditVerdict:
    """Judge whether to learn from what a user made of an answer.

    Parameters
    ----------
    prompt : str
        What was asked: the last message of the user, "" if it is unknown.
    original : str
        The answer, as the user saw it.
    edited : str
        The text of the user, with personal data masked.
    response_format : str or None
        The structure that was asked for, as JSON text.
    flags_count : bool
        Whether injection and abuse count against the text. A build leaves out what is flagged before it judges edits,
        unless a person dismissed the flag.

    Returns
    -------
    EditVerdict
        accepted, queued for a person, or rejected, with a code of `CODES`, a sentence with the number that decided, and
        the normalised Levenshtein distance, None for texts that are too long to compare or empty.

    Notes
    -----
    Reasoning in tags is not judged. Time grows in step with the texts, and at most 50,000 characters of each are
    compared one with another.

    Examples
    --------
    >>> verdict = judge("Capital of France?", "The capital of France is the city of Lyon.", "It is Paris, up north.")
    >>> verdict.outcome.value, verdict.reason
    ('accepted', '80 % of the longer text changed.')
    >>> verdict = judge("Capital of France?", "The capital of France is the city of Lyon.", "ok")
    >>> verdict.outcome.value, verdict.code, verdict.reason
    ('rejected', 'shrug', 'The text has 2 characters that say nothing.')
    """
    case = Case(prompt, answer_of(original).text, answer_of(edited).text, response_format, flags_count)
    waiting = None
    for rule in RULES:
        verdict = rule(case)
        if verdict is not None and verdict.outcome == Outcome.REJECTED:
            return _with_distance(verdict, case)
        waiting = waiting or verdict
    return _with_distance(waiting or _accepted(case), case)


def _accepted(case: Case) -> EditVerdict:
    share = case.distance.share if case.distance else 0.0
    return EditVerdict(Outcome.ACCEPTED, "accepted", f"{100 * share:.0f} % of the longer text changed.")


def _with_distance(verdict: EditVerdict, case: Case) -> EditVerdict:
    """Add the distance, if a rule has measured it already."""
    measured = vars(case).get("distance")
    return replace(verdict, distance=measured.share) if measured else verdict
