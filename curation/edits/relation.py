"""Whether an edited text still has to do with the prompt and the answer."""

import re

from curation.edits.texts import words_of
from feedback.measures.language import UNKNOWN, language_of

_HEAD = 160
# Words that say nothing about the subject.
_COMMON = frozenset(
    (
        *("a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been"),
        *("before", "both", "but", "by", "can", "could", "did", "do", "does", "each", "for", "from", "had"),
        *("has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "make"),
        *("many", "may", "me", "more", "most", "much", "my", "no", "not", "of", "on", "one", "only", "or"),
        *("other", "our", "out", "over", "s", "she", "should", "so", "some", "such", "t", "than", "that", "the"),
        *("their", "them", "then", "there", "these", "they", "this", "to", "up", "us", "use", "used", "using"),
        *("very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "will", "with", "would"),
        *("you", "your"),
    )
)
# A word stands for its forms by its beginning.
_STEM = 5
_ASKS_FOR_LANGUAGE = re.compile(
    r"(?i)translat|traduc|traduz|tradui|tradur|übersetz|перев[еоё]|翻译|翻譯|翻訳|번역|language|"
    r"\b(?:arabic|chinese|dutch|english|french|german|greek|hebrew|hindi|italian|japanese|korean|polish|portuguese"
    r"|russian|spanish|swedish|turkish|ukrainian|vietnamese)\b"
)


def shared_words(prompt: str, original: str, edited: str) -> tuple[int, int]:
    """Count the words of an edited text that the prompt or the answer has too.

    Parameters
    ----------
    prompt, original, edited : str
        Any texts.

    Returns
    -------
    tuple of int
        Different words that are shared, and all different words; common words are left out, and a word counts by its
        first five letters. Text without spaces counts by pairs of characters.

    Examples
    --------
    >>> shared_words("Which planets have rings?", "Only Saturn.", "Saturn and the planet Uranus.")
    (2, 3)
    """
    words, known = _subjects(edited), _subjects(prompt) | _subjects(original)
    return len(words & known), len(words)


def shared_numbers(prompt: str, original: str, edited: str) -> tuple[int, int]:
    """Count the numbers of an edited text that the prompt or the answer has too.

    Parameters
    ----------
    prompt, original, edited : str
        Any texts.

    Returns
    -------
    tuple of int
        Different runs of digits that are shared, and all different ones.

    Examples
    --------
    >>> shared_numbers("What is 6 * 7?", "41", "6 * 7 = 42")
    (2, 3)
    """
    numbers = _numbers(edited)
    return len(numbers & (_numbers(prompt) | _numbers(original))), len(numbers)


def foreign_languages(prompt: str, original: str, edited: str) -> set[str]:
    """Name the languages in which an edited text begins or ends, and in which neither prompt nor answer is.

    Parameters
    ----------
    prompt, original, edited : str
        Any texts.

    Returns
    -------
    set of str
        ISO 639-1 codes; empty where the language of the answer is unknown, or the prompt asks for a language.

    Examples
    --------
    >>> foreign_languages("What is rain?", "Rain is water that falls from the clouds.", "Wie komme ich zum Bahnhof?")
    {'de'}
    >>> foreign_languages("What is rain in German?", "Rain is the word that you want.", "Der Regen fällt auf das Dach.")
    set()
    """
    known = _languages(original)
    if not known or _ASKS_FOR_LANGUAGE.search(prompt[:10_000]):
        return set()
    return _languages(edited) - known - _languages(prompt)


def _languages(text: str) -> set[str]:
    parts = [text[:_HEAD]] if len(text) < 3 * _HEAD else [text[:_HEAD], text[-_HEAD:]]
    return {language_of(part) for part in parts} - {UNKNOWN}


def _subjects(text: str) -> set[str]:
    words = [word for word in words_of(text) if not word.isdigit()]
    found = {word[:_STEM] for word in words if word not in _COMMON and word.isascii()}
    for word in words:
        if not word.isascii():
            long = len(word) > _STEM and ord(max(word)) >= 0x2E80
            found.update([word[place : place + 2] for place in range(len(word) - 1)] if long else [word[:_STEM]])
    return found


def _numbers(text: str) -> set[str]:
    return {word for word in words_of(text) if word.isdigit()}
