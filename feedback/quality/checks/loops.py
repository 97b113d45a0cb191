"""Loops at the end of a text: equal periods, and periods that differ by a counter alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[0-9]+")
_LONGEST_PERIOD = 400
_FEWEST_COUNTED = 8
_FEWEST_SPOKEN = 4


@dataclass(frozen=True, slots=True)
class Loop:
    """Equal periods at the end of a text, in items: words or characters."""

    length: int
    period: int

    @property
    def periods(self) -> float:
        return self.length / self.period


def find_loop(items: Sequence[str], *, shortest: int = 12, longest_period: int = _LONGEST_PERIOD) -> Loop | None:
    """Find the loop that items end in.

    Parameters
    ----------
    items : sequence of str
        Words in order; a str is read by character.
    shortest : int
        Items of the shortest loop.
    longest_period : int
        Items of the longest period that is looked for.

    Returns
    -------
    Loop or None
        Three equal periods and more, the last of which may be cut, or two long ones that fill half of the items.
        The last item may be cut, too.

    Examples
    --------
    >>> find_loop(["yes", *["no", "never"] * 6]), find_loop(["ha", "ha", "ha"])
    (Loop(length=12, period=2), None)
    """
    return _found(items, shortest, longest_period) or _found(items[:-1], shortest, longest_period)


def _found(items: Sequence[str], shortest: int, longest_period: int) -> Loop | None:
    count = len(items)
    last = items[-1] if count else ""
    if last not in items[-1 - longest_period : -1]:
        return None
    for period in range(1, min(longest_period, int(count / 1.7)) + 1):
        if items[-1 - period] != last:
            continue
        length = period + _matching(items, period)
        is_long = length >= max(2 * period, 0.5 * count) or length >= max(1.7 * period, 0.6 * count)
        if length >= max(3 * period, shortest) or (period >= shortest and is_long):
            return Loop(length, period)
    return None


def _matching(items: Sequence[str], period: int) -> int:
    """Count the items at the end that equal the one a period before."""
    index = len(items) - 1
    while index >= period and items[index] == items[index - period]:
        index -= 1
    return len(items) - 1 - index


def is_counted_loop(words: Sequence[str]) -> bool:
    """Tell whether words end in a sentence again and again, in which counters alone change.

    Parameters
    ----------
    words : sequence of str
        In order.

    Returns
    -------
    bool
        Whether at least eight periods of four words and more fill half of the text, and each number in them stays as it
        is or changes by a constant step.

    Examples
    --------
    >>> is_counted_loop(" ".join(f"{n}. I am a very good person." for n in range(1, 20)).split())
    True
    >>> is_counted_loop(" ".join(f"{n}. ok." for n in range(1, 20)).split())
    False
    """
    return _is_counted(words) or _is_counted(words[:-1])


def _is_counted(words: Sequence[str]) -> bool:
    masked = [_NUMBER.sub("0", word) for word in words]
    if masked == list(words):
        return False
    for period in range(1, min(_LONGEST_PERIOD, len(masked) // _FEWEST_COUNTED) + 1):
        if masked[-1 - period] != masked[-1]:
            continue
        length = period + _matching(masked, period)
        if length < max(_FEWEST_COUNTED * period, len(words) / 2):
            continue
        spoken = sum(any(map(str.isalpha, word)) for word in masked[-period:])
        return spoken >= _FEWEST_SPOKEN and _counts(words[len(words) - length // period * period :], period)
    return False


def _counts(words: Sequence[str], period: int) -> bool:
    """Tell whether the numbers of each period differ from those before by the same steps."""
    rows = [
        [int(number[:12]) for word in words[start : start + period] for number in _NUMBER.findall(word)]
        for start in range(0, len(words), period)
    ]
    if len({*map(len, rows)}) != 1:
        return False
    steps = [
        [after - before for before, after in zip(row, following, strict=True)]
        for row, following in zip(rows, rows[1:], strict=False)
    ]
    return all(step == steps[0] for step in steps)
