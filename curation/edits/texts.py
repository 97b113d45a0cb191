"""The forms in which texts are compared."""

import unicodedata

import regex

# Typography that editors and phones change by themselves.
_ALIKE = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-"}
)
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Variation_Selector}]+")
_STOPS, _MARKS = " .。…", "!?！？;:,"
_STRUCTURED = regex.compile(
    r"\A\s*[\[{<]|```|^(?:def|class|import|from|SELECT|function|const|let|var|#include) ", regex.M
)
_WORD = regex.compile(r"[\p{L}\p{N}]+")
_NUMBER = regex.compile(r"\p{N}+(?:[.,]\p{N}+)*")


def normalised(text: str) -> str:
    """Bring a text into the form in which edits are compared.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        In NFKC, with plain quotes and dashes, single spaces, and without invisible characters and the punctuation at
        the end.

    Examples
    --------
    >>> normalised("It’s  here . "), normalised("It's here!")
    ("It's here", "It's here")
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = _INVISIBLE.sub("", plain).translate(_ALIKE) if not plain.isascii() else plain.replace("`", "'")
    return _without_end(" ".join(plain.split()))


def _without_end(text: str) -> str:
    """Without the marks at the end, which belong to the sense behind a digit or a sign: 5!"""
    bare = text.rstrip(_STOPS + _MARKS)
    return bare if bare[-1:].isalpha() or bare[-1:] in "\"')]" else text.rstrip(_STOPS)


def without_form(text: str) -> str:
    """Take case and spaces from a normalised text.

    Parameters
    ----------
    text : str
        A normalised text.

    Returns
    -------
    str

    Examples
    --------
    >>> without_form("New York")
    'newyork'
    """
    return text.replace(" ", "").casefold()


def is_structured(text: str) -> bool:
    """Tell whether a text is, or holds, JSON, markup or code, in which every character may count.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_structured('{"a": 1}'), is_structured("One and two.")
    (True, False)
    """
    return _STRUCTURED.search(text) is not None


def words_of(text: str) -> list[str]:
    """List the words of a text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Runs of letters and digits, without regard to case.

    Examples
    --------
    >>> words_of("Don't use 2.5 m")
    ['don', 't', 'use', '2', '5', 'm']
    """
    return _WORD.findall(text.casefold())


def numbers_of(text: str) -> list[str]:
    """List the numbers of a text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        In order, as written.

    Examples
    --------
    >>> numbers_of("From 1,200 to 3.5")
    ['1,200', '3.5']
    """
    return _NUMBER.findall(text)
