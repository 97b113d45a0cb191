"""What keeps an answer out of every strategy, even if users approve of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import re2

from curation.choices import Outcome

_MASK = re2.compile(r"\[[A-Z][A-Z0-9_]*\]")
_WORD = re2.compile(r"[\pL\pN]")
# Checks of form whose failure says that an answer is none worth learning.
_FAILED = {"truncation": Outcome.TRUNCATED, "no_answer": Outcome.NO_ANSWER}


def gate(text: str, *, has_calls: bool, checks: Iterable[Mapping[str, Any]]) -> Outcome:
    """Return the first gate that an answer does not pass.

    Parameters
    ----------
    text : str
        The answer without reasoning.
    has_calls : bool
        Whether it calls tools.
    checks : iterable of mapping
        The stored results of checks: `name`, `passed` and `details`. A check without a result stops nothing.

    Returns
    -------
    Outcome
        PASSED, or the gate.

    Examples
    --------
    >>> gate("Paris.", has_calls=False, checks=[]).value
    'passed'
    >>> gate("[EMAIL]", has_calls=False, checks=[]).value
    'masks_only'
    >>> cut = [{"name": "truncation", "passed": False, "details": {"signs": ["finish_reason"]}}]
    >>> gate("It is in", has_calls=False, checks=cut).value
    'truncated'
    """
    if not has_calls:
        if not text.strip():
            return Outcome.NO_TEXT
        if is_masks_only(text):
            return Outcome.MASKS_ONLY
    failed = {check["name"]: check["details"] for check in checks if not check["passed"]}
    for name, outcome in _FAILED.items():
        if name in failed:
            return outcome
    if failed.get("refusal", {}).get("refusal") == "full":
        return Outcome.REFUSED
    return Outcome.PASSED


def is_masks_only(text: str) -> bool:
    """Return whether a text has masks of personal data and nothing else to read.

    Parameters
    ----------
    text : str
        As it is stored: masks are capital letters in brackets.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_masks_only("[EMAIL], [PHONE]"), is_masks_only("Write to [EMAIL].")
    (True, False)
    """
    return bool(_MASK.search(text)) and not _WORD.search(_MASK.sub("", text))
