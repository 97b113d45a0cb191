"""How far an edited text is from the answer."""

from dataclasses import dataclass
from os.path import commonprefix

from rapidfuzz.distance import Levenshtein

# Characters of one text times those of the other, without what both begin and end with: a quarter of a second.
_MOST_COMPARED = 50_000**2


@dataclass(frozen=True, slots=True)
class Distance:
    """characters: inserted, deleted or replaced; share: of the longer text, 0 to 1."""

    characters: int
    share: float


def distance_of(original: str, edited: str) -> Distance | None:
    """Measure the Levenshtein distance of two texts.

    Parameters
    ----------
    original, edited : str
        Normalised texts.

    Returns
    -------
    Distance or None
        None if more than 50,000 characters of either, or as many pairs, are neither in a common beginning nor in a
        common end.

    References
    ----------
    Levenshtein (1966), Soviet Physics Doklady 10(8), 707-710.

    Examples
    --------
    >>> distance_of("The sky is red", "The sky is blue")
    Distance(characters=4, share=0.26666666666666666)
    """
    old, new = changed_parts(original, edited)
    if len(old) * len(new) > _MOST_COMPARED:
        return None
    characters = Levenshtein.distance(old, new)
    return Distance(characters, characters / max(len(original), len(edited), 1))


def changed_parts(original: str, edited: str) -> tuple[str, str]:
    """Cut off what two texts begin with and end with alike.

    Parameters
    ----------
    original, edited : str
        Any texts.

    Returns
    -------
    tuple of str
        What is left of each.

    Examples
    --------
    >>> changed_parts("It is red today", "It is blue today"), changed_parts("Yes", "Yes, it is")
    (('red', 'blue'), ('', ', it is'))
    """
    begin = len(commonprefix((original, edited)))
    old, new = original[begin:], edited[begin:]
    end = len(commonprefix((old[::-1], new[::-1])))
    return old[: len(old) - end], new[: len(new) - end]
