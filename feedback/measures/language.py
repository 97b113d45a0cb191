"""Which language a text is in: by its script, by common English words, and else by a model that may say unknown."""

import re
from functools import cache

from py3langid.langid import LanguageIdentifier

# Incremented with every change that gives a text another language: values of two versions are never compared.
VERSION = "2"
# Enough to detect a language.
_READ_CHARACTERS = 160
_LEAST_CONFIDENCE = 0.8
_FEWEST_LETTERS = 4
UNKNOWN = "unknown"
# Scripts of one language each; a script of several, such as Cyrillic, is left to the model.
_SCRIPTS = (
    ("ja", "\u3040-\u30ff"),
    ("ko", "\u1100-\u11ff\uac00-\ud7af"),
    ("zh", "\u4e00-\u9fff\u3400-\u4dbf"),
    ("he", "\u0590-\u05ff"),
    ("th", "\u0e00-\u0e7f"),
    ("el", "\u0370-\u03ff"),
)
# One group for each script; the first of three characters side by side decides.
_SCRIPT = re.compile("|".join(f"([{ranges}]{{2}})" for _, ranges in _SCRIPTS))
_LANGUAGES = (
    *("ar", "bg", "bn", "cs", "da", "de", "en", "es", "fa", "fi", "fr", "hi", "hr", "hu", "id", "it", "nl", "no", "pl"),
    *("pt", "ro", "ru", "sk", "sv", "tr", "uk", "ur", "vi"),
)
_ENGLISH = "en"
# Words that English has and no other language of the list. They spare most texts the model.
_ENGLISH_WORDS = frozenset(
    ("and", "been", "could", "does", "from", "have", "how", "it's", "should", "that", "the", "their", "them", "there")
    + ("these", "they", "this", "to", "what", "when", "where", "which", "who", "why", "with", "would", "you", "your")
    + ("please", "about", "into", "than", "then", "because")
)
_ENOUGH = 2


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the language of a text, or "unknown".

    Parameters
    ----------
    text : str
        Only the first 160 characters are read.

    Returns
    -------
    str
        "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it",
        "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "uk", "ur", "vi" or "zh". "unknown" for
        less than four letters, and where the model gives its best language less than 80 %.

    References
    ----------
    Lui & Baldwin (2012), langid.py: an off-the-shelf language identification tool, ACL 2012 System Demonstrations,
    25-30; here in the edition py3langid.

    Examples
    --------
    >>> language_of("Wie komme ich zum Bahnhof?"), language_of("42"), language_of("Как изменить пароль?")
    ('de', 'unknown', 'ru')
    """
    head = text[:_READ_CHARACTERS]
    if head.isascii():
        words = head.lower().split()
        if sum(map(_ENGLISH_WORDS.__contains__, words)) >= _ENOUGH:
            return _ENGLISH
    elif (found := _SCRIPT.search(head)) and found.lastindex:
        # Japanese is written with Chinese characters too, and not without its own.
        name = _SCRIPTS[found.lastindex - 1][0]
        return "ja" if name == "zh" and re.search("[\u3040-\u30ff]", head) else name
    if sum(map(str.isalpha, head)) < _FEWEST_LETTERS:
        return UNKNOWN
    language, confidence = _model().classify(head)
    return language if confidence >= _LEAST_CONFIDENCE else UNKNOWN


@cache
def _model() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
