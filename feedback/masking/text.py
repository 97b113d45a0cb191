from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import itemgetter

from feedback.masking.candidates import all_signs_of, signs_of
from feedback.masking.emails import find_emails, find_encoded_emails
from feedback.masking.network import find_addresses
from feedback.masking.numbers.digits import digit_chains, fold
from feedback.masking.numbers.identifiers import (
    could_be_card,
    find_broken_cards,
    find_cards,
    find_ibans,
    find_ssns,
    rejoined,
    uuid_ranges,
)
from feedback.masking.numbers.phones import find_phones
from feedback.masking.options import DEFAULTS, Options
from feedback.masking.patterns import CustomPattern, find_custom
from feedback.masking.secrets.credentials import find_secrets, find_url_passwords
from feedback.masking.secrets.named_secrets import find_named_secrets
from feedback.masking.signs import Sign
from feedback.masking.spans import Masked, Span, edits_of, merge_overlaps, project_spans, replace_spans

# Each pass may uncover what stood beside the last mask. A text made to need more passes is masked in one piece.
_PASSES = 4
# Texts that are searched together, since most have nothing in them.
_TOGETHER = 64
# Whether a span that was found in a text is to be masked.
Applies = Callable[[str, Span], bool]


def mask_text(text: str, *, patterns: Sequence[CustomPattern] = (), options: Options = DEFAULTS) -> Masked:
    """Replace personal data and credentials by the names of their kinds in brackets.

    Parameters
    ----------
    text : str
        Any text.
    patterns : sequence of CustomPattern
        What else is replaced.
    options : Options
        What the installation chooses of masking.

    Returns
    -------
    Masked
        The masked text, and the spans of the text before that were replaced.

    Notes
    -----
    A masked text masks to itself: what becomes recognisable only beside a mask is masked at once, not the next time.

    Examples
    --------
    >>> masked = mask_text("Write to ann@example.com.")
    >>> masked.text, masked.spans
    ('Write to [EMAIL].', (Span(start=9, end=24, kind='EMAIL'),))
    """
    return mask_where(text, None, patterns, options)


def mask_where(text: str, applies: Applies | None, patterns: Sequence[CustomPattern], options: Options) -> Masked:
    """Mask a text as mask_text does, but of what the built-in kinds find only what applies, if that is given."""
    spans = _find(text, applies, patterns, options)
    if not spans:
        return Masked(text, ())
    replacements = {pattern.name: pattern.replacement for pattern in patterns}
    masked = Masked(replace_spans(text, spans, replacements), spans)
    for number in range(_PASSES + 1):
        found = _find(masked.text, applies, patterns, options)
        if not found:
            return masked
        uncovered = list(project_spans(found, edits_of(masked.spans, replacements)))
        if number == _PASSES:
            uncovered = [Span(uncovered[0].start, uncovered[-1].end, uncovered[0].kind)]
        spans = merge_overlaps((*masked.spans, *uncovered))
        masked = Masked(replace_spans(text, spans, replacements), spans)
    if _find(masked.text, applies, patterns, options):
        spans = (Span(0, len(text), spans[0].kind),)
        masked = Masked(replace_spans(text, spans, replacements), spans)
    return masked


def are_clear(texts: Iterable[str], *, options: Options = DEFAULTS) -> bool:
    """Return whether no built-in kind can occur in these texts, by one search over all of them together.

    Parameters
    ----------
    texts : iterable of str
        Any texts.
    options : Options
        What the installation chooses of masking.

    Returns
    -------
    bool
        False if any of them may hold something; mask_text decides.

    Examples
    --------
    >>> are_clear(["Hello", "42"]), are_clear(["Hello", "ann@example.com"])
    (True, False)
    """
    return not signs_of(readable("\n".join(texts)), options)


def unclear(texts: Sequence[str], options: Options) -> set[int]:
    """The indices of the texts in which a built-in kind could occur, by searching many of them together."""
    indices: set[int] = set()
    for start in range(0, len(texts), _TOGETHER):
        block = texts[start : start + _TOGETHER]
        if not are_clear(block, options=options):
            found = (index for index, text in enumerate(block, start) if not are_clear([text], options=options))
            indices.update(found)
    return indices


def mask_texts(
    texts: Iterable[str], *, patterns: Sequence[CustomPattern] = (), options: Options = DEFAULTS
) -> list[Masked]:
    """Mask each text as mask_text does.

    Parameters
    ----------
    texts : iterable of str
        Any texts.
    patterns : sequence of CustomPattern
        What else is replaced.
    options : Options
        What the installation chooses of masking.

    Returns
    -------
    list of Masked
        In the order given.

    Examples
    --------
    >>> [masked.text for masked in mask_texts(["Hello", "ann@example.com"])]
    ['Hello', '[EMAIL]']
    """
    return [mask_text(text, patterns=patterns, options=options) for text in texts]


def _find(text: str, applies: Applies | None, patterns: Sequence[CustomPattern], options: Options) -> tuple[Span, ...]:
    text = readable(text)
    signs = signs_of(text, options)
    if not signs and not patterns:
        return ()
    builtin = _find_builtin(text, signs, options) if signs else ()
    found = (span for span in builtin if applies is None or applies(text, span))
    return merge_overlaps((*find_custom(text, patterns), *found))


def readable(text: str) -> str:
    """RE2 reads UTF-8, which has no lone surrogates; a question mark keeps the offsets."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _find_builtin(text: str, signs: Collection[int], options: Options) -> Iterator[Span]:
    passwords = list(find_url_passwords(text)) if Sign.URL_PASSWORD in signs else []
    yield from passwords
    if Sign.EMAIL in signs:
        yield from find_emails(text, except_at={span.end for span in passwords})
    if Sign.ENCODED in signs:
        yield from find_encoded_emails(text)
    if Sign.SECRET in signs or options.secret_names:
        yield from find_secrets(text, signs)
        yield from find_named_secrets(text, signs, options.secret_names)
    if Sign.NUMBER in signs:
        folded = fold(text)
        yield from _find_in_folded(folded, signs if folded == text else all_signs_of(folded, options), options)


def _find_in_folded(text: str, signs: Collection[int], options: Options) -> Iterator[Span]:
    if Sign.IP_V4 in signs or Sign.IP_V6 in signs:
        yield from find_addresses(text, with_private=options.private_addresses)
    if Sign.IBAN in signs or Sign.DIGITS in signs or Sign.BROKEN_NUMBER in signs:
        yield from _find_numbers(text, signs)


def _find_numbers(text: str, signs: Collection[int]) -> Iterator[Span]:
    found = list(_find_digits(text, signs))
    inside = uuid_ranges(text) if found else []
    for span in found:
        index = bisect_right(inside, span.start, key=itemgetter(0)) - 1
        if index < 0 or span.end > inside[index][1]:
            yield span


def _find_digits(text: str, signs: Collection[int]) -> Iterator[Span]:
    if Sign.IBAN in signs:
        yield from find_ibans(text)
    for chain in digit_chains(text) if Sign.DIGITS in signs else ():
        spans = [*find_cards(text, chain), *find_ssns(text, chain), *find_phones(text, chain)]
        yield from spans
        # Where only a part of the digits of a card looks like something else, all of them go.
        if spans and could_be_card(text, chain):
            yield Span(chain[0][0], chain[-1][1], "CREDIT_CARD")
    if Sign.BROKEN_NUMBER in signs:
        broken = rejoined(text)
        yield from find_ibans(broken)
        for chain in digit_chains(broken):
            if text.find("\n", chain[0][0], chain[-1][1]) >= 0:
                yield from find_broken_cards(text, broken, chain)
