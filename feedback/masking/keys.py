"""What the key of a JSON value says about the value."""

import re
from collections.abc import Sequence
from functools import lru_cache

from feedback.masking.options import Options
from feedback.masking.patterns import CustomPattern
from feedback.masking.secrets.named_secrets import is_secret_under
from feedback.masking.spans import Masked, Span, edits_of, merge_overlaps, project_spans, replace_spans
from feedback.masking.text import mask_text, mask_where, readable

# Keys longer than this are no names.
_LONGEST_NAME = 64
_TELLING = re.compile(
    r"(?i)amex|auth|call|car[dt]|cell|celular|contact|contrase[ñn]a|cookie|credential|desk|dial|fax|handy|h(?:elp|ot)line"
    r"|home|key|mob|m[óo]vil|nummer|office|pass|phone|portable|pwd|senha|sig|secret|sms|social|ssn|t[eé]l|token|visa|work"
    r"|手机|手機|携帯|電話|电话|連絡先|연락처|전화"
)
# Each pass may uncover what stood beside the last mask. A text made to need more passes is masked in one piece.
_PASSES = 4
_WORD_BREAK = re.compile(r"_|(?<=[a-z])(?=[A-Z])")
_VERSION = re.compile(
    r"(?i)(?:(?:^|[_\-. ])(?:build|firmware|release|revision|ver)|(?<!con)versions?)"
    r"(?:[_\-. ]?(?:code|id|name|no|number|string|tag))?$"
)


def introduce(key: str) -> str:
    """What is read before the values of this key, nothing if the key tells nothing about them."""
    return _introduction(key) if 0 < len(key) <= _LONGEST_NAME else ""


@lru_cache(maxsize=4_096)
def _introduction(key: str) -> str:
    return f"{_WORD_BREAK.sub(' ', key)}: " if _TELLING.search(key) else ""


def is_secret(text: str, key: str, options: Options) -> bool:
    """Tell whether a whole value is a secret, as its key says."""
    return 0 < len(key) <= _LONGEST_NAME and is_secret_under(readable(key), readable(text), options.secret_names)


def mask_under_key(text: str, key: str, *, patterns: Sequence[CustomPattern], options: Options) -> Masked:
    """Mask a string, read with its key: {"phone": "5551234567"} is read as "phone: 5551234567"."""
    if is_secret(text, key, options):
        return Masked("[SECRET]", (Span(0, len(text), "SECRET"),))
    if 0 < len(key) <= _LONGEST_NAME and _VERSION.search(_WORD_BREAK.sub("_", key)):
        return mask_where(text, _is_no_address, patterns, options)
    masked = mask_text(text, patterns=patterns, options=options)
    replacements = {pattern.name: pattern.replacement for pattern in patterns}
    for number in range(_PASSES + 1):
        uncovered = _find_introduced(masked.text, introduce(key), patterns, options)
        if not uncovered:
            return masked
        projected = project_spans(uncovered, edits_of(masked.spans, replacements))
        spans = merge_overlaps((*masked.spans, *projected))
        if number == _PASSES:
            spans = (Span(0, len(text), spans[0].kind),)
        masked = Masked(replace_spans(text, spans, replacements), spans)
    return masked


def _find_introduced(text: str, introduction: str, patterns: Sequence[CustomPattern], options: Options) -> list[Span]:
    """What is found in a masked text behind an introduction, and what of that uncovers more without it."""
    if not introduction:
        return []
    found, length = mask_text(introduction + text, patterns=patterns, options=options).spans, len(introduction)
    if found and found[0].start >= length:
        return [Span(span.start - length, span.end - length, span.kind) for span in found]
    return list(mask_text(text, patterns=patterns, options=options).spans)


def _is_no_address(text: str, span: Span) -> bool:
    return span.kind != "IP"
