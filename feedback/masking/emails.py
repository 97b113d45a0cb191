import re
from collections.abc import Collection, Iterator

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
_SIGNS = "@＠"


def find_emails(text: str, *, except_at: Collection[int] = ()) -> Iterator[Span]:
    """Yield addresses, but not the password and host of an address such as postgres://user:password@host."""
    for match in _EMAIL.finditer(text):
        if not except_at or _sign_position(match) not in except_at:
            yield Span(match.start(), match.end(), "EMAIL")


def _sign_position(address: re.Match[str]) -> int:
    return address.start() + next(index for index, character in enumerate(address.group()) if character in _SIGNS)
