from collections.abc import Iterable, Iterator, Sequence

import re2

from feedback.masking.credentials import find_secrets, find_url_passwords
from feedback.masking.digits import digit_chains, fold
from feedback.masking.emails import find_emails
from feedback.masking.identifiers import could_be_card, find_cards, find_ibans, find_ssns
from feedback.masking.network import find_addresses
from feedback.masking.patterns import CustomPattern, find_custom
from feedback.masking.phones import announced_positions, find_phones
from feedback.masking.spans import Masked, Span, merge_overlaps, project_spans, replace_spans

# One pass over the text that matches wherever a detector could. Most texts end here.
_CANDIDATE = re2.compile(
    r"[^\s@＠][@＠][^\s@＠]"
    r"|\p{Nd}(?:[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}./()．（）]{0,3}\p{Nd}){5}"
    r"|\p{Nd}[.．]\p{Nd}{1,3}[.．]\p{Nd}{1,3}[.．]\p{Nd}"
    r"|[A-Fa-f\p{Nd}]::|::[A-Fa-f\p{Nd}]|[A-Fa-f\p{Nd}]:[A-Fa-f\p{Nd}]{1,4}:[A-Fa-f\p{Nd}]{1,4}:"
    r"|[A-Za-z]{2}\p{Nd}{2}[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}]?[A-Za-z\p{Nd}]{3}"
    r"|[A-Za-z0-9][_\-.:][A-Za-z0-9_\-]{16}|_live_|_test_|xox|eyJ|A[BCKS][CI]A|AIza|(?:AC|SK|dapi)[0-9a-f]{8}|1//0|whsec_"
    r"|sntry|hooks\.slack|/api/webhooks/|PRIVATE KEY|(?i:authorization|(?:bearer|basic|token)\s+[A-Z0-9._~+/\-]{16})"
    r"|(?i:(?:key|token|secret|sig)[\"']?\s*(?:[:=]|is))"
    r"|://[^\s/@]*:"
)

# Each pass may uncover what stood beside the last mask. A text made to need more passes is masked in one piece.
_PASSES = 4


def mask_text(text: str, *, patterns: Sequence[CustomPattern] = ()) -> Masked:
    """Replace personal data and credentials by the names of their kinds in brackets.

    Parameters
    ----------
    text : str
        Any text.
    patterns : sequence of CustomPattern
        What else is replaced.

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
    spans = _find(text, patterns)
    if not spans:
        return Masked(text, ())
    replacements = {pattern.name: pattern.replacement for pattern in patterns}
    masked = Masked(replace_spans(text, spans, replacements), spans)
    for number in range(_PASSES + 1):
        found = _find(masked.text, patterns)
        if not found:
            return masked
        uncovered = list(project_spans(found, masked.spans, replacements))
        if number == _PASSES:
            uncovered = [Span(uncovered[0].start, uncovered[-1].end, uncovered[0].kind)]
        spans = merge_overlaps((*masked.spans, *uncovered))
        masked = Masked(replace_spans(text, spans, replacements), spans)
    if _find(masked.text, patterns):
        spans = (Span(0, len(text), spans[0].kind),)
        masked = Masked(replace_spans(text, spans, replacements), spans)
    return masked


def are_clear(texts: Iterable[str]) -> bool:
    """Return whether no built-in kind can occur in these texts, by one search over all of them together.

    Parameters
    ----------
    texts : iterable of str
        Any texts.

    Returns
    -------
    bool
        False if any of them may hold something; mask_text decides.

    Examples
    --------
    >>> are_clear(["Hello", "42"]), are_clear(["Hello", "ann@example.com"])
    (True, False)
    """
    return not _CANDIDATE.search(_readable("\n".join(texts)))


def mask_texts(texts: Iterable[str], *, patterns: Sequence[CustomPattern] = ()) -> list[Masked]:
    """Mask each text as mask_text does.

    Parameters
    ----------
    texts : iterable of str
        Any texts.
    patterns : sequence of CustomPattern
        What else is replaced.

    Returns
    -------
    list of Masked
        In the order given.

    Examples
    --------
    >>> [masked.text for masked in mask_texts(["Hello", "ann@example.com"])]
    ['Hello', '[EMAIL]']
    """
    return [mask_text(text, patterns=patterns) for text in texts]


def _find(text: str, patterns: Sequence[CustomPattern] = ()) -> tuple[Span, ...]:
    text = _readable(text)
    candidates = list(find_custom(text, patterns)) if patterns else []
    if _CANDIDATE.search(text):
        candidates.extend(_find_builtin(text))
    return merge_overlaps(candidates)


def _readable(text: str) -> str:
    """RE2 reads UTF-8, which has no lone surrogates; a question mark keeps the offsets."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _find_builtin(text: str) -> Iterator[Span]:
    if "@" in text or "＠" in text:
        passwords = list(find_url_passwords(text))
        yield from passwords
        yield from find_emails(text, except_at={span.end for span in passwords})
    yield from find_secrets(text)
    folded = fold(text)
    yield from find_addresses(folded)
    yield from find_ibans(folded)
    announced = None
    for chain in digit_chains(folded):
        if announced is None:
            announced = announced_positions(folded)
        spans = [
            *find_cards(folded, chain),
            *find_ssns(folded, chain),
            *find_phones(folded, chain, announced),
        ]
        yield from spans
        # Where only a part of the digits of a card looks like something else, all of them go.
        if spans and could_be_card(folded, chain):
            yield Span(chain[0][0], chain[-1][1], "CREDIT_CARD")
