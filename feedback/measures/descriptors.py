"""What can be counted in a text: named numbers that say in what a way of asking or answering changed.

A batch of texts is read as one array of bytes; a loop over texts in Python would take three times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback.measures.binning import Kind

# Incremented with every change of what is counted in a text: values of two versions are never compared.
VERSION = "1"
# What is measured is the beginning, so that a long text costs no more than half a page.
MEASURED_CHARACTERS = 1_000
KINDS = {
    "words": Kind.COUNT,
    "word_length": Kind.AMOUNT,
    "sentences": Kind.COUNT,
    "sentence_length": Kind.AMOUNT,
    "lines": Kind.COUNT,
    "paragraphs": Kind.COUNT,
    "list_items": Kind.COUNT,
    "headings": Kind.COUNT,
    "bold": Kind.COUNT,
    "code_marks": Kind.COUNT,
    "links": Kind.COUNT,
    "exclamation_marks": Kind.COUNT,
    "question_marks": Kind.COUNT,
    "first_person": Kind.COUNT,
    "digits": Kind.SCORE,
    "capitals": Kind.SCORE,
    "punctuation": Kind.SCORE,
    "non_ascii": Kind.SCORE,
}
# No byte of UTF-8; it stands before each text and after the last.
_BREAK = b"\xff"
# Some hundreds of texts at once stay within the processor's cache.
_TEXTS_AT_ONCE = 400
_OTHER, _SPACE, _NEWLINE, _BETWEEN, _DIGIT, _CAPITAL, _LETTER_I, _MARK, _LEADING = range(9)
_STOP, _EXCLAMATION, _QUESTION, _STAR, _HASH, _TICK, _COLON, _DASH = range(9, 17)
_CLASSES = 17
_OWN = {".": _STOP, "!": _EXCLAMATION, "?": _QUESTION, "*": _STAR, "#": _HASH, "`": _TICK, ":": _COLON, "-": _DASH}
_MARKS = [_MARK, *_OWN.values()]


def _class_of_bytes() -> np.ndarray:
    classes = np.full(256, _OTHER, dtype=np.uint8)
    for code in range(33, 127):
        character = chr(code)
        if character.isdigit():
            classes[code] = _DIGIT
        elif character.isupper():
            classes[code] = _CAPITAL
        elif not character.islower():
            classes[code] = _OWN.get(character, _MARK)
    for character in " \t\r\v\f":
        classes[ord(character)] = _SPACE
    classes[ord("\n")], classes[ord("I")] = _NEWLINE, _LETTER_I
    classes[0xC0:], classes[_BREAK[0]] = _LEADING, _BETWEEN
    return classes


_CLASS = _class_of_bytes()
_IS_GAP = np.isin(np.arange(_CLASSES), [_SPACE, _NEWLINE, _BETWEEN])
_IS_END = np.isin(np.arange(_CLASSES), [_STOP, _EXCLAMATION, _QUESTION])


def describe(texts: Sequence[str]) -> np.ndarray:
    """Return the descriptors of each text.

    Parameters
    ----------
    texts : sequence of str
        n texts. Only the first MEASURED_CHARACTERS of each are read.

    Returns
    -------
    ndarray
        float64, shape (len(KINDS), n), rows in the order of KINDS: counts, shares of characters from 0 to 1, the mean
        length of words in characters and of sentences in words. An empty text has zeros.

    Notes
    -----
    List items and headings are those of Markdown that begin a line; a sentence ends with . ! or ? before white space.

    Examples
    --------
    >>> described = dict(zip(KINDS, describe(["I am. Are you?"]).T[0].tolist(), strict=True))
    >>> [described[name] for name in ("words", "sentences", "sentence_length", "question_marks", "first_person")]
    [4.0, 2.0, 2.0, 1.0, 1.0]
    """
    parts = [_describe(texts[start : start + _TEXTS_AT_ONCE]) for start in range(0, len(texts), _TEXTS_AT_ONCE)]
    return np.concatenate([np.empty((len(KINDS), 0)), *parts], axis=1)


def _describe(texts: Sequence[str]) -> np.ndarray:
    heads = [text[:MEASURED_CHARACTERS] for text in texts]
    characters = np.fromiter(map(len, heads), dtype=np.int64, count=len(heads))
    marks = _Marks.of([head.encode("utf-8", "replace") for head in heads])
    counts = marks.by_class()
    some, written = np.maximum(characters, 1), characters > 0
    words, sentences = marks.words(), marks.sentences()
    rows = {
        "words": words,
        "word_length": (characters - counts[_SPACE] - counts[_NEWLINE]) / np.maximum(words, 1),
        "sentences": sentences,
        "sentence_length": words / np.maximum(sentences, 1),
        "lines": counts[_NEWLINE] + written,
        "paragraphs": marks.paragraph_breaks() + written,
        "list_items": marks.list_items(),
        "headings": marks.headings(),
        "bold": marks.bold(),
        "code_marks": counts[_TICK],
        "links": marks.links(),
        "exclamation_marks": counts[_EXCLAMATION],
        "question_marks": counts[_QUESTION],
        "first_person": marks.first_person(),
        "digits": counts[_DIGIT] / some,
        "capitals": (counts[_CAPITAL] + counts[_LETTER_I]) / some,
        "punctuation": counts[_MARKS].sum(axis=0) / some,
        "non_ascii": counts[_LEADING] / some,
    }
    return np.array([rows[name] for name in KINDS], dtype=np.float64)


@dataclass(frozen=True)
class _Marks:
    """Every byte of some texts that is no small letter: where it is, what it is, and what stands beside it."""

    data: np.ndarray
    at: np.ndarray
    owner: np.ndarray
    kind: np.ndarray
    before: np.ndarray
    after: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, heads: Sequence[bytes]) -> "_Marks":
        # Two bytes more than the texts, so that one may look past the end.
        data = np.frombuffer(_BREAK.join([b"", *heads, b"", b"", b""]), dtype=np.uint8)
        classes = _CLASS[data]
        lengths = np.cumsum([len(head) + 1 for head in heads])
        at = np.flatnonzero(classes[: lengths[-1]] != _OTHER)
        ends = np.searchsorted(at, lengths)
        owner = np.repeat(np.arange(len(heads)), np.diff(ends, prepend=0))
        return cls(data, at, owner, classes[at], classes[at - 1], classes[at + 1], ends)

    def by_class(self) -> np.ndarray:
        """How many of each class, by class and text."""
        return (
            np.bincount(self.owner * _CLASSES + self.kind, minlength=len(self.ends) * _CLASSES).reshape(-1, _CLASSES).T
        )

    def _count(self, chosen: np.ndarray) -> np.ndarray:
        """How many of these places, given as indexes or as flags, are in each text."""
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        # Places are in order, so those of one text stand together.
        return np.diff(np.searchsorted(chosen, self.ends), prepend=0)

    def words(self) -> np.ndarray:
        return self._count(_IS_GAP[self.kind] & ~_IS_GAP[self.after])

    def sentences(self) -> np.ndarray:
        return self._count(_IS_END[self.kind] & _IS_GAP[self.after])

    def paragraph_breaks(self) -> np.ndarray:
        """Runs of more than one line break."""
        return self._count((self.kind == _NEWLINE) & (self.after == _NEWLINE) & (self.before != _NEWLINE))

    def list_items(self) -> np.ndarray:
        breaks = np.flatnonzero((self.kind == _NEWLINE) | (self.kind == _BETWEEN))
        first, second = self.after[breaks], self.data[self.at[breaks] + 2]
        third = self.data[np.minimum(self.at[breaks] + 3, len(self.data) - 1)]
        bullet = ((first == _DASH) | (first == _STAR)) & (second == ord(" "))
        closed = _closes(second) | ((_CLASS[second] == _DIGIT) & _closes(third))
        return self._count(breaks[bullet | ((first == _DIGIT) & closed)])

    def headings(self) -> np.ndarray:
        return self._count(((self.kind == _NEWLINE) | (self.kind == _BETWEEN)) & (self.after == _HASH))

    def bold(self) -> np.ndarray:
        return self._count((self.kind == _STAR) & (self.after == _STAR)) // 2

    def links(self) -> np.ndarray:
        colons = np.flatnonzero(self.kind == _COLON)
        at = self.at[colons]
        return self._count(colons[(self.data[at + 1] == ord("/")) & (self.data[at + 2] == ord("/"))])

    def first_person(self) -> np.ndarray:
        """The word I, also in I'm and I'll."""
        letters = np.flatnonzero((self.kind == _LETTER_I) & _IS_GAP[self.before])
        ends = _IS_GAP[self.after[letters]] | (self.data[self.at[letters] + 1] == ord("'"))
        return self._count(letters[ends])


def _closes(data: np.ndarray) -> np.ndarray:
    """Whether a byte ends the number of a list item."""
    return (data == ord(".")) | (data == ord(")"))
