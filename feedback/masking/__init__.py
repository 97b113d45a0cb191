from feedback.masking.nested import MaskedValue, TooDeeplyNested, mask_value
from feedback.masking.patterns import CustomPattern, InvalidPattern, compile_pattern
from feedback.masking.spans import Masked, Span
from feedback.masking.text import mask_text, mask_texts

__all__ = [
    "CustomPattern",
    "InvalidPattern",
    "Masked",
    "MaskedValue",
    "Span",
    "TooDeeplyNested",
    "compile_pattern",
    "mask_text",
    "mask_texts",
    "mask_value",
]
