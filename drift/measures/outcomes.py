"""Outcomes that a comparison can read, by name."""

import re
from dataclasses import dataclass

APPROVAL, P_GOOD = "approval", "p_good"
# Numbers in the row of an event: the column, the label, the unit, and whether higher or lower is better.
_COLUMNS = {
    "quality": ("quality_score", "score of the checks", "", "higher"),
    "latency_ms": ("latency_ms", "latency", "ms", "lower"),
    "cost_usd": ("cost_usd", "cost", "USD", "lower"),
    "prompt_tokens": ("prompt_tokens", "prompt tokens", "", ""),
    "completion_tokens": ("completion_tokens", "completion tokens", "", ""),
    "total_tokens": ("token_count", "total tokens", "", ""),
    "prompt_length": ("prompt_length", "prompt length", "characters", ""),
    "response_length": ("response_length", "response length", "characters", ""),
}
_EVIDENCE = {APPROVAL: "approval", P_GOOD: "probability of a good answer"}
# Signals whose share among events is an outcome.
_SIGNALS = {
    "copy": ("share of copied answers", "higher"),
    "share": ("share of shared answers", "higher"),
    "edit": ("share of edited answers", "lower"),
    "regenerate": ("share of regenerated answers", "lower"),
    "report": ("share of reported answers", "lower"),
}
_NAMED = re.compile(r"(check|score|judge|people|rating|metadata)\.(.{1,255})", re.DOTALL)
_LABELS = {
    "check": "check {}",
    "score": "score {}",
    "judge": "score of judge {}",
    "people": "people's score {}",
    "rating": "rating {}",
    "metadata": "metadata {}",
}
_HIGHER = ("check", "judge", "people", "rating")
DEFAULT = (APPROVAL, "quality", "latency_ms")
MOST_OUTCOMES = 20
FORMS = (
    f"{', '.join((APPROVAL, P_GOOD, *_COLUMNS, 'rating'))}, signal.TYPE, check.NAME, score.NAME, judge.NAME, "
    "people.RUBRIC, rating.NAME or metadata.KEY"
)


class UnknownOutcome(ValueError):
    """No outcome has this name."""

    def __init__(self, name: str):
        super().__init__(f"Unknown outcome {name[:80]}; specify {FORMS}.")


@dataclass(frozen=True)
class Outcome:
    """What is compared.

    Attributes
    ----------
    name : str
        As requested.
    kind : str
        Where its values are: column, approval, p_good, signal, check, score, judge, people, rating or metadata.
    key : str
        The column, type of signal, name or key there.
    label : str
        In words, within a sentence.
    unit : str
        "" for a number without one.
    better : str
        "higher", "lower", or "" where that is not known.
    """

    name: str
    kind: str
    key: str
    label: str
    unit: str = ""
    better: str = ""


def parse_outcome(name: str) -> Outcome:
    """Return the outcome of a name.

    Parameters
    ----------
    name : str

    Returns
    -------
    Outcome

    Raises
    ------
    UnknownOutcome
        If no outcome has this name.

    Examples
    --------
    >>> parse_outcome("latency_ms").better, parse_outcome("judge.strict").label
    ('lower', 'score of judge strict')
    """
    if name in _COLUMNS:
        column, label, unit, better = _COLUMNS[name]
        return Outcome(name, "column", column, label, unit, better)
    if name in _EVIDENCE:
        return Outcome(name, name, name, _EVIDENCE[name], "", "higher")
    if name == "rating":
        return Outcome(name, "rating", "", "rating", "", "higher")
    kind, _, key = name.partition(".")
    if kind == "signal" and key in _SIGNALS:
        label, better = _SIGNALS[key]
        return Outcome(name, "signal", key, label, "", better)
    found = _NAMED.fullmatch(name)
    if found is None:
        raise UnknownOutcome(name)
    kind, key = found.groups()
    return Outcome(name, kind, key, _LABELS[kind].format(key), "", "higher" if kind in _HIGHER else "")
