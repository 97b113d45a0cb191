"""Keys of texts: equal for equal texts, or for texts that differ in case, punctuation and white space alone."""

import hashlib
import unicodedata

import regex

KEY_BYTES = 16
# These are no part of a word: "it's" is "its", and what is invisible separates nothing.
_NOTHING = regex.compile(r"['’ʼ\p{Cf}]|(?!\s)\p{Cc}")
_SPACE = regex.compile(r"\p{P}+")
# The same rules for the texts of ASCII alone, which this makes five times as fast.
_ASCII = {ord(sign): None if _NOTHING.match(sign) else " " for sign in map(chr, range(128)) if not sign.isalnum()}
_ASCII = {code: to for code, to in _ASCII.items() if to is None or _SPACE.match(chr(code))}


def normalised(text: str) -> str:
    """Return a text without what does not tell it from its copies.

    Parameters
    ----------
    text : str
        Any text, of any length; lone surrogates too.

    Returns
    -------
    str
        In Unicode's form NFKC and lower case, without apostrophes and invisible characters, with one space for any
        other punctuation and white space. A text of punctuation alone keeps it, so that ":)" is not ":(". Normalising
        again changes nothing.

    Examples
    --------
    >>> normalised("  It's  ＦＩＶＥ o'clock,\\nisn't it?!")
    'its five oclock isnt it'
    >>> normalised(" ?! "), normalised("")
    ('?!', '')
    """
    if text.isascii():
        lowered = text.lower()
        found = " ".join(lowered.translate(_ASCII).split())
    else:
        lowered = _composed(_composed(text).lower())
        found = " ".join(_SPACE.sub(" ", _NOTHING.sub("", lowered)).split())
    return _composed(found) if found else " ".join(lowered.split())


def exact_key(text: str) -> bytes:
    """Return the key of a text as it is.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bytes
        16 bytes of BLAKE2b: no one can make another text of the same key.

    Examples
    --------
    >>> len(exact_key("Hello")), exact_key("Hello") == exact_key("hello")
    (16, False)
    """
    # Half a surrogate pair has no UTF-8 of its own.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def normal_key(text: str) -> bytes:
    """Return the key of a normalised text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bytes
        The exact key of `normalised(text)`.

    Examples
    --------
    >>> normal_key("Hello,  world!") == normal_key("hello world")
    True
    """
    return exact_key(normalised(text))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
