from feedback.masking.json_text.splicing import mask_answer, mask_json_text, texts_in_json
from feedback.masking.labels import mask_label
from feedback.masking.nested import MaskedValue, TooDeeplyNested, mask_value, texts_of
from feedback.masking.options import DEFAULTS, Options
from feedback.masking.patterns import (
    KINDS,
    MAX_EXPRESSION,
    MAX_PATTERNS,
    MAX_REPLACEMENT,
    CustomPattern,
    InvalidPattern,
    compile_pattern,
)
from feedback.masking.spans import Masked, Span
from feedback.masking.text import are_clear, mask_text, mask_texts

# Raise it with each change of what is masked.
VERSION = "masking-1"

__all__ = [
    "DEFAULTS",
    "KINDS",
    "MAX_EXPRESSION",
    "MAX_PATTERNS",
    "MAX_REPLACEMENT",
    "CustomPattern",
    "InvalidPattern",
    "Masked",
    "MaskedValue",
    "Options",
    "Span",
    "VERSION",
    "TooDeeplyNested",
    "are_clear",
    "compile_pattern",
    "mask_answer",
    "mask_json_text",
    "mask_label",
    "mask_text",
    "mask_texts",
    "mask_value",
    "texts_in_json",
    "texts_of",
]
