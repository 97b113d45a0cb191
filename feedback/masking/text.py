from collections.abc import Iterable, Iterator, Sequence

import re2

from feedback.masking.credentials import find_secrets
from feedback.masking.digits import digit_chains, fold
from feedback.masking.emails import find_emails
from feedback.masking.identifiers import find_cards, find_ibans, find_ssns
from feedback.masking.network import find_addresses
from feedback.masking.patterns import CustomPattern, find_custom
from feedback.masking.phones import find_phones
from feedback.masking.spans import Masked, Span, merge_overlaps, project_spans, replace_spans

# One pass over the text that matches wherever a detector could. Most texts end here.
_CANDIDATE = re2.compile(
    r"[^\s@＠][@＠][^\s@＠]"
    r"|\p{Nd}(?:[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}./()．（）]{0,3}\p{Nd}){5}"
    r"|\p{Nd}[.．]\p{Nd}{1,3}[.．]\p{Nd}{1,3}[.．]\p{Nd}"
    r"|[A-Fa-f\p{Nd}]::|::[A-Fa-f\p{Nd}]|[A-Fa-f\p{Nd}]:[A-Fa-f\p{Nd}]{1,4}:[A-Fa-f\p{Nd}]{1,4}:"
    r"|[A-Za-z]{2}\p{Nd}{2}[\pZ\t\p{Pd}\x{200b}\x{2060}\x{feff}\x{2212}]?[A-Za-z\p{Nd}]{3}"
    r"|[A-Za-z0-9][_\-.:][A-Za-z0-9_\-]{16}|_live_|_test_|xox|eyJ|A[KS]IA|AIza|dapi|hooks\.slack|PRIVATE KEY"
    r"|(?i:bearer\s|basic\s|(?:key|token|secret)[\"']?\s*(?:[:=]|is))|://[^\s/@]*:"
)

# Each pass may uncover what stood beside the last mask. A text made to need more passes is not worth the time.
_PASSES = 4


def mask_text(text: str, *, patterns: Sequence[CustomPattern] = ()) -> Masked:
    """Replace what identifies a person or opens a door by the name of its kind in brackets.

    A masked text masks to itself: what becomes recognisable only beside a mask is masked at once, not the next time.
    """
    replacements = {pattern.name: pattern.replacement for pattern in patterns}
    spans = _find(text, patterns)
    masked = Masked(replace_spans(text, spans, replacements), spans) if spans else Masked(text, ())
    for _ in range(_PASSES if spans else 0):
        found = _find(masked.text)
        if not found:
            break
        spans = merge_overlaps((*spans, *project_spans(found, spans, replacements)))
        masked = Masked(replace_spans(text, spans, replacements), spans)
    return masked


def mask_texts(texts: Iterable[str], *, patterns: Sequence[CustomPattern] = ()) -> list[Masked]:
    return [mask_text(text, patterns=patterns) for text in texts]


def _find(text: str, patterns: Sequence[CustomPattern] = ()) -> tuple[Span, ...]:
    if not text.isascii():
        # RE2 reads UTF-8, which has no lone surrogates; a question mark keeps the offsets.
        text = text.encode("utf-8", "replace").decode()
    candidates = [span for pattern in patterns for span in find_custom(text, pattern)]
    if _CANDIDATE.search(text):
        candidates.extend(_find_builtin(text))
    return merge_overlaps(candidates)


def _find_builtin(text: str) -> Iterator[Span]:
    if "@" in text or "＠" in text:
        yield from find_emails(text)
    yield from find_secrets(text)
    folded = fold(text)
    yield from find_addresses(folded)
    yield from find_ibans(folded)
    for chain in digit_chains(folded):
        yield from find_cards(folded, chain)
        yield from find_ssns(folded, chain)
        yield from find_phones(folded, chain)
