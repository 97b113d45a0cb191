"""Measures the language detector on short labelled texts, Django's translations: `python -m benchmarks.languages`."""

import gettext
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import django

from benchmarks.labelled_data import print_table
from feedback.measures.language import UNKNOWN, language_of

# Folder of a translation by language; sentences of three words on, or of eight characters where no spaces are written.
FOLDERS = {
    name: name
    for name in (
        *("ar", "bg", "cs", "da", "de", "el", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl"),
        *("pl", "ro", "ru", "sv", "th", "tr", "uk", "vi"),
    )
}
FOLDERS |= {"pt": "pt_BR", "zh": "zh_Hans", "no": "nb"}
WITHOUT_SPACES = {"ja", "th", "zh"}


def main() -> None:
    language_of("The model is loaded before it is timed")
    header = ("language", "texts", "right", "unknown", "wrong", "taken for")
    print_table("Language of short texts: user interface strings", header, list(lines()))


def lines() -> Iterator[tuple]:
    together: Counter = Counter()
    begun = time.process_time()
    for language, texts in {"en": _english(), **{name: _texts(name) for name in FOLDERS}}.items():
        found = Counter(map(language_of, texts))
        wrong = {name: n for name, n in found.items() if name not in (language, UNKNOWN)}
        together.update(texts=len(texts), right=found[language], unknown=found[UNKNOWN], wrong=sum(wrong.values()))
        shares = (n / len(texts) for n in (found[language], found[UNKNOWN], sum(wrong.values())))
        yield language, len(texts), *shares, ", ".join(sorted(wrong))
    spent = time.process_time() - begun
    n = together["texts"]
    yield "all", n, *(together[name] / n for name in ("right", "unknown", "wrong")), f"{spent / n * 1e6:.0f} µs a text"


def _texts(language: str) -> list[str]:
    texts = {translated for original, translated in _catalogue(FOLDERS[language]) if translated != original}
    return sorted(text for text in texts if _is_sentence(text, language))


def _english() -> list[str]:
    return sorted({original for original, _ in _catalogue("de") if _is_sentence(original, "en")})


def _is_sentence(text: str, language: str) -> bool:
    if any(sign in text for sign in "%{<\n"):
        return False
    return len(text) >= 8 if language in WITHOUT_SPACES else len(text.split()) >= 3


def _catalogue(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted(Path(django.__file__).parent.glob(f"**/locale/{folder}/LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            for key, translated in gettext.GNUTranslations(file)._catalog.items():
                yield (key if isinstance(key, str) else key[0]), translated


if __name__ == "__main__":
    main()
