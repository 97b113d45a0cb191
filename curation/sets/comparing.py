"""Compares what two versions of a set release."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# What of a row is compared, in the order in which it is named.
FIELDS = ("prompt", "answer", "tools", "label")


@dataclass(frozen=True)
class ComparedRow:
    """A row as a comparison needs it.

    Attributes
    ----------
    key : str
        The same in both versions: of an example its event, of a pair its source and both events.
    label : str
        The strategy of an example, the source of a pair.
    prompt, answer, tools : str
        Digests of what is trained on. Equal ones mean equal content.
    decision : str
        Of a person, or empty.
    model_version : str
        Of the model that answered.
    characters : int
        The length of the answer.
    """

    key: str
    label: str
    prompt: str = ""
    answer: str = ""
    tools: str = ""
    decision: str = ""
    model_version: str = ""
    characters: int = 0


@dataclass(frozen=True)
class Comparison:
    """Keys that one version alone has, and of those in both what differs; the others are unchanged."""

    added: list[str]
    removed: list[str]
    changed: dict[str, list[str]]
    unchanged: int


@dataclass(frozen=True)
class RowFigures:
    """Of the rows of one version: how many have each label, decision and model version, and their mean length."""

    rows: int
    labels: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    model_versions: Mapping[str, int] = field(default_factory=dict)
    mean_characters: float | None = None


def compare(before: Mapping[str, ComparedRow], after: Mapping[str, ComparedRow]) -> Comparison:
    """Return what differs between two versions.

    Parameters
    ----------
    before, after : mapping of str to ComparedRow
        The rows of each version by their keys.

    Returns
    -------
    Comparison
        Keys are sorted.

    Examples
    --------
    >>> before = {key: ComparedRow(key, "diverse", answer="1") for key in "abc"}
    >>> after = {key: ComparedRow(key, "diverse", answer="2" if key == "b" else "1") for key in "bcd"}
    >>> compare(before, after)
    Comparison(added=['d'], removed=['a'], changed={'b': ['answer']}, unchanged=1)
    """
    both = sorted(before.keys() & after.keys())
    changed = {key: fields for key in both if (fields := _differing(before[key], after[key]))}
    return Comparison(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changed=changed,
        unchanged=len(both) - len(changed),
    )


def figures(rows: Iterable[ComparedRow]) -> RowFigures:
    """Return the counts and the mean length of rows.

    Parameters
    ----------
    rows : iterable of ComparedRow
        Those of one version.

    Returns
    -------
    RowFigures
        Counts are sorted by name; rows without a decision, or without a model version, are counted under "".

    Examples
    --------
    >>> found = figures([ComparedRow("a", "diverse", characters=10), ComparedRow("b", "diverse", characters=25)])
    >>> found.rows, dict(found.labels), found.mean_characters
    (2, {'diverse': 2}, 17.5)
    """
    found = list(rows)
    mean = sum(row.characters for row in found) / len(found) if found else None
    return RowFigures(
        rows=len(found),
        labels=_sorted(row.label for row in found),
        decisions=_sorted(row.decision for row in found),
        model_versions=_sorted(row.model_version for row in found),
        mean_characters=mean,
    )


def _differing(before: ComparedRow, after: ComparedRow) -> list[str]:
    return [name for name in FIELDS if getattr(before, name) != getattr(after, name)]


def _sorted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
