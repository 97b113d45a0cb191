from collections.abc import Sequence

from feedback.masking.numbers.digits import fold
from feedback.masking.numbers.identifiers import is_named
from feedback.masking.numbers.phone_words import is_announced, is_labelled
from feedback.masking.options import DEFAULTS, Options
from feedback.masking.patterns import CustomPattern
from feedback.masking.spans import Masked, Span
from feedback.masking.text import mask_where

_NUMBERS = {"CREDIT_CARD", "IBAN", "PHONE", "SSN"}
# What people put between the digits of a number, and versions and ids do not: those have dots at most.
_WRITTEN_WITH = frozenset(" +-/()")
_LOOK_AROUND = 64


def mask_label(text: str, *, patterns: Sequence[CustomPattern] = (), options: Options = DEFAULTS) -> Masked:
    """Mask an identifier, such as a version or the id of a trace, as mask_text does, but for bare digits and addresses.

    Parameters
    ----------
    text : str
        The label.
    patterns : sequence of CustomPattern
        What else is replaced.
    options : Options
        What the installation chooses of masking.

    Returns
    -------
    Masked
        The masked label, and the spans of the label before that were replaced.

    Notes
    -----
    IP addresses stay, since versions have four parts too. Digits in one run, or with dots between, stay unless a word
    announces them ("tel", "card", "IBAN") or a + stands before them.

    Examples
    --------
    >>> [mask_label(text).text for text in ("1.0.0.12", "4111111111111111", "card 4111111111111111", "ann@example.com")]
    ['1.0.0.12', '4111111111111111', 'card [CREDIT_CARD]', '[EMAIL]']
    """
    return mask_where(text, _is_no_identifier, patterns, options)


def _is_no_identifier(text: str, span: Span) -> bool:
    if span.kind not in _NUMBERS:
        return span.kind != "IP"
    beginning = max(0, span.start - _LOOK_AROUND)
    around = fold(text[beginning : span.end + _LOOK_AROUND])
    start, end = span.start - beginning, span.end - beginning
    if not _WRITTEN_WITH.isdisjoint(around[start:end]):
        return True
    return is_announced(around, start) or is_labelled(around, end) or is_named(around, start)
