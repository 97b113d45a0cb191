"""Compares short texts word by word: one changed word is too large a share of their shingles for a signature."""

from collections.abc import Sequence

import numpy as np
import regex
import xxhash
from rapidfuzz.distance import Levenshtein

# A text of at most so many words is short.
SHORT_WORDS = 48
# Two short texts may differ in so many words.
MOST_CHANGED = 4
# Of prompts, this share of words is enough where the answers share so many: they say that both ask the same.
LEAST_SAME, TELLING_ANSWER = 0.4, 20
# Words that short rows must share, prompt and answer together: "yes" to two questions says little.
LEAST_SHARED = 8
# The bands find rows of more words.
BANDS_FIND = 24
# From so many words on a text is found without one of them.
_LEAST_WORDS = 4
# What two copies have in common: numbers, signs of calculation, and words that negate.
_TELLING = regex.compile(
    r"\d+|\p{Sm}|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|hundred|thousand|million|billion"
    r"|no|not|never|none|nothing|nobody|neither|nor|without|cannot"
    r"|(?:ca|do|does|did|is|are|was|were|wo|would|should|could|must|has|have|had|need)nt"
    r"|nicht|nichts|nie|niemals|ohne|kein(?:e[mnrs]?)?|pas|jamais|sans|aucune?|nunca|sin|nada)\b"
)
# The prompt and the answer of a row, normalised; None if it is not short.
ShortRow = tuple[str | None, str | None]
LONG: ShortRow = (None, None)


def short(normal: str) -> str | None:
    """The normalised text if it is short, else None."""
    return normal if normal.count(" ") < SHORT_WORDS else None


def word_keys(row: ShortRow) -> list[int]:
    """Return the keys by which a short row is found, beside its bands.

    Parameters
    ----------
    row : ShortRow
        Its prompt and answer.

    Returns
    -------
    list of int
        Signed numbers of 64 bits: the hash of the prompt, and of the prompt without each of its words, so that two
        prompts which differ in one word share a key. None if prompt and answer have more than 24 words together,
        since then the bands find them.

    Examples
    --------
    >>> one, other = word_keys(("how do i pay", "by card")), word_keys(("how do we pay", "by card"))
    >>> len(one), len(set(one) & set(other))
    (5, 1)
    """
    prompt, answer = row
    if prompt is None or answer is None:
        return []
    words = prompt.split()
    if len(words) + answer.count(" ") >= BANDS_FIND:
        return []
    texts = {prompt}
    if len(words) >= _LEAST_WORDS:
        texts |= {" ".join(words[:at] + words[at + 1 :]) for at in range(len(words))}
    hashes = (xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")) for text in texts)
    return [found - (1 << 64) if found >> 63 else found for found in hashes]


def row_similarities(
    of_prompts: np.ndarray, of_answers: np.ndarray, row: ShortRow, others: Sequence[ShortRow], *, threshold: float
) -> np.ndarray:
    """Return how similar a row is to others.

    Parameters
    ----------
    of_prompts, of_answers : ndarray of float, shape (n,)
        The estimated Jaccard similarity of the shingles of their prompts, and of their answers.
    row : ShortRow
        The prompt and answer of the row.
    others : sequence of ShortRow
        Those of the n others.
    threshold : float
        From this similarity on two texts are near-copies.

    Returns
    -------
    ndarray of float, shape (n,)
        0 to 1, the larger of two: the lower estimate, and the share of words that are equal in order, of prompt and
        answer together, if at most four words of a text are not and the rows share at least eight: `threshold` of the
        words of each text must be equal, or 0.4 of a prompt's if 20 of the answer are. 0 where short texts differ in a
        number, a negation or a sign of calculation.

    Examples
    --------
    >>> row = "how do i change my password", "open settings choose security and follow the link"
    >>> others = [("how do i reset my password", row[1]), ("how do i not change my password", row[1])]
    >>> row_similarities(np.array([0.5, 0.6]), np.ones(2), row, others, threshold=0.7).round(2).tolist()
    [0.93, 0.0]
    """
    if row == LONG:
        return np.minimum(of_prompts, of_answers)
    estimates = zip(of_prompts.tolist(), of_answers.tolist(), strict=True)
    found = (_similarity(some, row, other, threshold) for some, other in zip(estimates, others, strict=True))
    return np.fromiter(found, float, len(others))


def _similarity(estimates: tuple[float, float], row: ShortRow, other: ShortRow, threshold: float) -> float:
    pairs = list(zip(row, other, strict=True))
    found = max(min(estimates), _similarity_of_words(estimates, pairs, threshold))
    if found < threshold:
        return found
    are_short = [(text, known) for text, known in pairs if text is not None and known is not None]
    return 0.0 if any(telling(text) != telling(known) for text, known in are_short) else found


def _similarity_of_words(
    estimates: tuple[float, float], pairs: list[tuple[str | None, str | None]], threshold: float
) -> float:
    same_of_answers, answer_words = _same_words(pairs[1], estimates[1])
    if estimates[1] < threshold and same_of_answers < threshold * answer_words:
        return 0.0
    same_of_prompts, prompt_words = _same_words(pairs[0], estimates[0])
    least = min(threshold, LEAST_SAME) if same_of_answers >= TELLING_ANSWER else threshold
    if estimates[0] < threshold and same_of_prompts < least * prompt_words:
        return 0.0
    shared = same_of_prompts + same_of_answers
    return shared / (prompt_words + answer_words) if shared >= LEAST_SHARED else 0.0


def telling(text: str) -> tuple[str, list[str]]:
    """The digits of a text, since "1,000" is "1000", and its other signs and words, which may stand elsewhere."""
    found = _TELLING.findall(text)
    return "".join(one for one in found if one.isdecimal()), sorted(one for one in found if not one.isdecimal())


def _same_words(pair: tuple[str | None, str | None], estimate: float) -> tuple[float, int]:
    """Words that are equal in order, none if too many differ, of all words of the longer text.

    By the estimate where a text is not short; it counts as the longest short one.
    """
    text, other = pair
    if text is None or other is None:
        return estimate * SHORT_WORDS, SHORT_WORDS
    words, others = text.split(), other.split()
    changed = Levenshtein.distance(words, others, score_cutoff=MOST_CHANGED)
    longest = max(len(words), len(others))
    return (longest - changed if changed <= MOST_CHANGED else 0), longest
