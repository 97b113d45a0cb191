from collections.abc import Iterator

import re2

from feedback.masking.spans import Span

_LETTER = r"\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Armenian}\p{Georgian}\p{Devanagari}\p{Thai}\pM"
_IDEOGRAPH = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}ー"
_LOCAL = rf"[{_LETTER}\pN_](?:[{_LETTER}\pN_.+%'\-]*[{_LETTER}\pN_+%\-])?"
_DOMAIN = rf"(?:[{_LETTER}\pN][{_LETTER}\pN\-]*\.)+[{_LETTER}][{_LETTER}0-9\-]*[{_LETTER}0-9]"
# Scripts written without spaces stand apart from the others, or the words around an address would belong to it.
_EMAIL = re2.compile(
    rf"{_LOCAL}[@＠]{_DOMAIN}"
    rf"|[{_IDEOGRAPH}A-Za-z0-9_.]+[@＠](?:[{_IDEOGRAPH}A-Za-z0-9\-]+\.)+[{_IDEOGRAPH}]+"
)


def find_emails(text: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(text):
        yield Span(match.start(), match.end(), "EMAIL")
