"""Scores an answer against the reference of a person."""

import unicodedata
from collections.abc import Sequence

import regex
from rapidfuzz.distance import Indel

from exports.choices import GateMetric

# References of at most so many words are short; exact match needs this share of them.
SHORT_WORDS = 5
SHORT_SHARE = 0.9
# Words of a text that are compared.
MOST_WORDS = 4_000
# Scripts without spaces between words count by character.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(rf"[{_UNSPACED}]\p{{M}}*|(?:(?![{_UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}_])+")
_ARTICLES = frozenset({"a", "an", "the"})
# Punctuation that belongs to what it stands beside: C#, 5%, -5, R&D, @home.
_MEANING = frozenset("#%-&@/")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        At most `MOST_WORDS`; the characters if there is no word.

    Examples
    --------
    >>> words("Open Settings, then “Log in”.")
    ['open', 'settings', 'then', 'log', 'in']
    >>> words("東京 Tower"), words("++")
    (['東', '京', 'tower'], ['+', '+'])
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = [match[0] for match in _WORD.finditer(folded)] or [sign for sign in folded if not sign.isspace()]
    return found[:MOST_WORDS]


def normalised(text: str) -> str:
    """Return a short answer without case, articles, and punctuation around and between words.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Words with single spaces between them. A text of articles alone keeps them, so that "A" is an answer.

    References
    ----------
    Rajpurkar et al. (2016), SQuAD, EMNLP, 2383-2392. Signs inside of words stay here, so that 1.5 is not 15.

    Examples
    --------
    >>> normalised("- The  Eiffel Tower."), normalised("A."), normalised("**1.5**"), normalised("C#")
    ('eiffel tower', 'a', '1.5', 'c#')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    stripped = [word for word in map(_bare, folded.split()) if word]
    named = [word for word in stripped if any(map(str.isalnum, word))]
    return " ".join([word for word in named if word not in _ARTICLES] or named or stripped)


def metric_for(references: Sequence[str]) -> GateMetric:
    """Return the metric for these references, chosen without reading an answer.

    Parameters
    ----------
    references : sequence of str
        What people wrote.

    Returns
    -------
    GateMetric
        Exact match if at least 90 % have at most five words, else similarity.

    Examples
    --------
    >>> metric_for(["Paris", "In 1889"]).value, metric_for(["Paris", "Open the page and follow the link."]).value
    ('exact_match', 'similarity')
    """
    short = sum(len(words(reference)) <= SHORT_WORDS for reference in references)
    return GateMetric.EXACT_MATCH if short and short >= SHORT_SHARE * len(references) else GateMetric.SIMILARITY


def exact_match(answer: str, reference: str) -> float:
    """Return whether an answer is the reference.

    Parameters
    ----------
    answer, reference : str
        Compared as `normalised` writes them.

    Returns
    -------
    float
        1 or 0.

    Examples
    --------
    >>> exact_match("the Seine!", "Seine"), exact_match("Seine river", "Seine"), exact_match("", "...")
    (1.0, 0.0, 0.0)
    """
    found = normalised(answer)
    return float(bool(found) and found == normalised(reference))


def similarity(answer: Sequence[str], reference: Sequence[str]) -> float:
    """Return how alike two texts are: ROUGE-L, the F measure of their longest common subsequence of words.

    Parameters
    ----------
    answer, reference : sequence of str
        Words as `words` returns them.

    Returns
    -------
    float
        0 to 1: twice the length of the subsequence by the number of all words; 0 if one has none.

    References
    ----------
    Lin (2004), ROUGE, Text Summarization Branches Out, 74-81. The sentence of its section 3, with beta = 1:

    Examples
    --------
    >>> round(similarity(words("police kill the gunman"), words("police killed the gunman")), 2)
    0.75
    """
    return float(Indel.normalized_similarity(answer, reference)) if answer and reference else 0.0


def _bare(word: str) -> str:
    """A word without punctuation at its ends."""
    first, last = 0, len(word)
    while first < last and _is_mark(word[first]):
        first += 1
    while first < last and _is_mark(word[last - 1]):
        last -= 1
    return word[first:last]


def _is_mark(sign: str) -> bool:
    return sign not in _MEANING and (unicodedata.category(sign).startswith("P") or sign in "`^~|")
