"""What the key of a JSON value says about the value."""

import re
from collections.abc import Sequence
from functools import lru_cache

from feedback.masking.options import Options
from feedback.masking.patterns import CustomPattern
from feedback.masking.secrets.named_secrets import is_secret_under
from feedback.masking.spans import Masked, Span, edits_of, merge_overlaps, project_spans, replace_spans
from feedback.masking.text import mask_text, mask_where

# Keys longer than this are no names.
_LONGEST_NAME = 64
_TELLING = re.compile(
    r"(?i)amex|auth|call|car[dt]|cell|celular|contact|contrase[ñn]a|cookie|credential|desk|dial|fax|handy|h(?:elp|ot)line"
    r"|home|key|mob|m[óo]vil|nummer|office|pass|phone|portable|pwd|senha|sig|secret|sms|social|ssn|t[eé]l|token|visa|work"
    r"|手机|手機|携帯|電話|电话|連絡先|연락처|전화"
)
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


def mask_under_key(text: str, key: str, *, patterns: Sequence[CustomPattern], options: Options) -> Masked:
    """Mask a string, read with its key: {"phone": "5551234567"} is read as "phone: 5551234567"."""
    is_name = 0 < len(key) <= _LONGEST_NAME
    if is_name and is_secret_under(key, text, options.secret_names):
        return Masked("[SECRET]", (Span(0, len(text), "SECRET"),))
    if is_name and _VERSION.search(_WORD_BREAK.sub("_", key)):
        return mask_where(text, _is_no_address, patterns, options)
    masked = mask_text(text, patterns=patterns, options=options)
    introduction = introduce(key)
    if not introduction:
        return masked
    introduced = mask_text(introduction + masked.text, patterns=patterns, options=options)
    length = len(introduction)
    if not introduced.spans or introduced.spans[0].start < length:
        return masked
    replacements = {pattern.name: pattern.replacement for pattern in patterns}
    shifted = [Span(span.start - length, span.end - length, span.kind) for span in introduced.spans]
    uncovered = project_spans(shifted, edits_of(masked.spans, replacements))
    spans = merge_overlaps((*masked.spans, *uncovered))
    return Masked(replace_spans(text, spans, replacements), spans)


def _is_no_address(text: str, span: Span) -> bool:
    return span.kind != "IP"
