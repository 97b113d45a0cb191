"""What people leave in an editing field that is no answer, recognised by the text alone."""

import regex

from curation.edits.texts import is_structured, normalised, words_of

_MASK = regex.compile(r"\[[A-Z][A-Z0-9_ ]+\]")
_TAG = regex.compile(r"</?[A-Za-z!][^<>]{0,500}>|&[a-z]{2,8};")
_MARKDOWN = regex.compile(r"[#*_~`>|\\\-=+\[\](){}:.\s]+")
_CONTENT = regex.compile(r"[\p{L}\p{N}]")
_LONGEST_MARKUP, _LONGEST_SHRUG, _LONGEST_NOISE = 100_000, 40, 2_000
_SHRUGS = frozenset(
    (
        *("ok", "okay", "okey", "okk", "k", "kk", "oki", "test", "testing", "tests", "test test", "teste", "prueba"),
        *("lol", "lmao", "haha", "hahaha", "hehe", "idk", "i dont know", "i don't know", "dunno", "whatever", "meh"),
        *(
            "nah",
            "hmm",
            "hm",
            "umm",
            "uh",
            "eh",
            "wtf",
            "omg",
            "lgtm",
            "nice",
            "cool",
            "great",
            "good job",
            "well done",
        ),
        *("thx", "ty", "thanks", "thank you", "foo", "bar", "foo bar", "foobar", "blah", "blah blah", "bla", "bla bla"),
        *("n/a", "na", "no comment", "nothing", "same", "done", "edited", "edit", "fixed", "new text", "some text"),
        *("text", "hello world", "lorem ipsum", "tbd", "todo", "none", "xxx", "тест", "да", "ок", "好", "好的", "测试"),
        *("テスト", "네", "ㅋㅋ", "ㅋㅋㅋ"),
    )
)
_ROWS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopü", "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm"),
    *("йцукенгшщзхъ", "фывапролджэ"),
)
_ADJACENT = frozenset(
    pair for row in _ROWS for one, other in zip(row, row[1:], strict=False) for pair in (one + other, other + one)
)
_VOWELS = frozenset("aeiouyäöüáéíóúàèìòùâêîôûãõ")
_NOISE_SHARE = 0.6
# Words whose letters all lie side by side on a keyboard.
_REAL = frozenset(("were", "weer", "trew"))
# Words without a vowel up to this length may be names: HTTPS.
_LONGEST_ACRONYM = 5


def is_bare_markup(text: str) -> bool:
    """Tell whether nothing is left of a text without its tags and signs of Markdown.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        False for a text without any markup.

    Examples
    --------
    >>> is_bare_markup("<br>"), is_bare_markup("**bold**"), is_bare_markup("")
    (True, False, False)
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST_MARKUP or not stripped:
        return False
    left = _TAG.sub(" ", stripped)
    return (left != stripped or stripped[0] in "#*_~`>|-=<") and not _MARKDOWN.sub("", left)


def is_masks_only(text: str) -> bool:
    """Tell whether a text has neither letters nor digits besides masks.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        False for a text without masks.

    Examples
    --------
    >>> is_masks_only("[EMAIL], [PHONE]"), is_masks_only("Write to [EMAIL]"), is_masks_only("...")
    (True, False, False)
    """
    left = _MASK.sub("", text)
    return left != text and not has_content(left)


def has_content(text: str) -> bool:
    """Tell whether a text has a letter or a digit.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool

    Examples
    --------
    >>> has_content("👍"), has_content("7")
    (False, True)
    """
    return _CONTENT.search(text) is not None


def is_shrug(text: str) -> bool:
    """Tell whether a text says nothing, such as "ok" or "test".

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_shrug("Test!"), is_shrug("No")
    (True, False)
    """
    return (
        len(text) <= _LONGEST_SHRUG
        and regex.sub(r"[^\p{L}\p{N}/' ]+", "", normalised(text)).strip().casefold() in _SHRUGS
    )


def is_keyboard_noise(text: str) -> bool:
    """Tell whether most letters of a text are in words that fingers hit at random.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        False for JSON, markup and code, and beyond 2,000 characters.

    Examples
    --------
    >>> is_keyboard_noise("asdf asdf"), is_keyboard_noise("sdkfjh sdfkjh"), is_keyboard_noise("As if")
    (True, True, False)
    """
    if len(text) > _LONGEST_NOISE or is_structured(text):
        return False
    words = [word for word in words_of(text) if not word.isdigit()]
    letters = sum(map(len, words))
    noise = sum(len(word) for word in words if _is_noise(word))
    return letters >= 3 and noise >= _NOISE_SHARE * letters


def _is_noise(word: str) -> bool:
    if len(word) < 4 or not word.isalpha() or word in _REAL:
        return False
    if len(set(word)) == 1 or _is_side_by_side(word):
        return True
    is_consonants = word.isascii() and len(word) > _LONGEST_ACRONYM and not _VOWELS & set(word)
    return is_consonants or _repeats(word)


def _repeats(word: str) -> bool:
    """Whether a word is a few letters side by side, or without a vowel, again and again: qweqwe, fjfjfj."""
    units = (word[:size] for size in (2, 3, 4) if len(word) >= 6 and word == word[:size] * (len(word) // size))
    return any(not _VOWELS & set(unit) or (len(unit) > 2 and _is_side_by_side(unit)) for unit in units)


def _is_side_by_side(word: str) -> bool:
    return all(word[place : place + 2] in _ADJACENT for place in range(len(word) - 1))
