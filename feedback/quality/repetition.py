import re
from collections.abc import Sequence

# White space that breaks a line; a no-break space joins two words.
_WORD = re.compile("[^\t-\r \x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+")
_LONGEST_TEXT = 50_000
_SHORTEST_LOOP = 12


def trigram_ratio(words: Sequence[str]) -> float:
    """Return 1 - unique trigrams / trigrams, from 0 (none repeats) to below 1; 0 for fewer than three words."""
    total = len(words) - 2
    if total < 1:
        return 0.0
    return 1 - len(set(zip(words, words[1:], words[2:], strict=False))) / total


def word_repetition(text: str) -> float:
    """Return the trigram ratio of the words of a text, case and punctuation kept; 0 below ten words."""
    words = _WORD.findall(text)
    return trigram_ratio(words) if len(words) >= 10 else 0.0


def repetition(text: str) -> float:
    """Return how much of a text repeats itself, from 0 to 1; at least 0.75 when it ends in a loop.

    Case is ignored. Text with few spaces (Chinese, one endless word) is read in pieces of five characters, not words.
    Only the last 50,000 characters are read: loops of language models run to the end.
    """
    text = text[-_LONGEST_TEXT:].casefold()
    words = text.split()
    if len(text) > 16 * len(words) and len(text) >= 20:
        pieces = len(text) - 4
        ratio = 1 - len({text[start : start + 5] for start in range(pieces)}) / pieces
        return max(ratio, 0.75) if ends_in_loop(text) else ratio
    ratio = trigram_ratio(words)
    return max(ratio, 0.75) if ends_in_loop(words) else ratio


def ends_in_loop(items: Sequence[str], *, longest_period: int = 64) -> bool:
    """Tell whether the items end with three or more equal periods of at least twelve items together."""
    count = len(items)
    if not count or items[-1] not in items[max(0, count - 1 - longest_period) : -1]:
        return False
    for period in range(1, min(longest_period, count // 3) + 1):
        if items[-1] != items[-1 - period]:
            continue
        needed = max(2 * period, _SHORTEST_LOOP - period)
        if count >= needed + period and items[count - needed :] == items[count - needed - period : count - period]:
            return True
    return False
