"""Of several people's edits of one answer, the one that stands for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz.distance import Levenshtein

from curation.edits.texts import normalised

# Texts that are compared with each other, the newest first, and how much of each.
_MOST_COMPARED = 20
_COMPARED_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person made of an answer. editor: a stable sign of the person, "" for someone unknown."""

    id: str
    editor: str
    text: str
    edited_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """The edit that was chosen, if there is any, and the last edits of the other people, newest first."""

    chosen: Edit | None
    alternatives: tuple[Edit, ...]


def choose(edits: Iterable[Edit]) -> Choice:
    """Choose the edit on which people agree most.

    Parameters
    ----------
    edits : iterable of Edit
        Live edits of one answer that were accepted, in any order.

    Returns
    -------
    Choice
        Of each person only the last edit takes part; each unknown person is another one. Chosen is the text that lies
        closest to those of the others, by the mean normalised Levenshtein distance, then the newest, then by id.

    Notes
    -----
    Of each text the first 5,000 characters are compared, and the 20 newest edits take part, so that any number of
    editors costs a bounded time.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> made = [("a", "ann", "Paris, France"), ("b", "bob", "Lyon"), ("c", "eve", "Paris"), ("d", "bob", "In Paris")]
    >>> edits = [Edit(i, who, text, datetime(2026, 1, day, tzinfo=UTC)) for day, (i, who, text) in enumerate(made, 1)]
    >>> choice = choose(edits)
    >>> choice.chosen.text, [edit.text for edit in choice.alternatives]
    ('Paris', ['In Paris', 'Paris, France'])
    """
    newest_first = sorted(edits, key=lambda edit: (-edit.edited_at.timestamp(), edit.id))
    last: dict[str, Edit] = {}
    for edit in newest_first:
        last.setdefault(edit.editor or f"\0{edit.id}", edit)
    candidates = list(last.values())
    if not candidates:
        return Choice(None, ())
    compared = candidates[:_MOST_COMPARED]
    remoteness = _remoteness([normalised(edit.text[:_COMPARED_CHARACTERS]) for edit in compared])
    chosen = compared[min(range(len(compared)), key=lambda place: (remoteness[place], place))]
    return Choice(chosen, tuple(edit for edit in candidates if edit is not chosen))


def _remoteness(texts: Sequence[str]) -> list[float]:
    """Of each text the sum of its distances to all."""
    return [round(sum(Levenshtein.normalized_distance(text, other) for other in texts), 9) for text in texts]
