"""The rules of a deployment's configuration. Every rule returns errors by field; none touches the database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feedback.choices import FEEDBACK_TYPE_OF, MAX_SEGMENT_KEYS, ContentPolicy, FeedbackType
from feedback.deployments.documents import key_problems
from feedback.evidence import weights
from feedback.field_errors import FieldError, printable
from feedback.masking import InvalidPattern, compile_pattern

MAX_RETENTION_DAYS = 36_500
MAX_DOCUMENT_BYTES = 64 * 1024
WEIGHTS = "signal_weights"
DOCUMENTS = ("drift_detection", "retraining_trigger", "options")
FEEDBACK_TYPES = {**{str(name): name for name in FeedbackType}, **{str(k): v for k, v in FEEDBACK_TYPE_OF.items()}}


@dataclass(frozen=True)
class Pattern:
    """A custom masking pattern; without a replacement, the name in brackets is used."""

    name: str
    expression: str
    replacement: str = ""


class InvalidConfiguration(Exception):
    """An invalid configuration, with all its errors."""

    def __init__(self, errors: list[FieldError]):
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def feedback_types(names: list[str]) -> list[FeedbackType]:
    """The types that these names mean, each once; names of signals stand for the type they belong to."""
    return list(dict.fromkeys(FEEDBACK_TYPES[name] for name in names))


def problems(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """The errors of these fields of a deployment, each of the right type."""
    for name in ("sampling_rate", "audit_rate"):
        if not 0 <= values.get(name, 1.0) <= 1:
            yield FieldError(name, "out_of_range", f"{name} must be between 0 and 1")
    days = values.get("retention_days")
    if days is not None and not 1 <= days <= MAX_RETENTION_DAYS:
        message = f"retention_days must be from 1 to {MAX_RETENTION_DAYS:,} days, or null to keep everything"
        yield FieldError("retention_days", "out_of_range", message)
    unknown = [name for name in values.get("feedback_types", []) if name not in FEEDBACK_TYPES]
    if unknown:
        message = f"{', '.join(map(printable, unknown))}: not one of {', '.join(FeedbackType.values)}"
        yield FieldError("feedback_types", "invalid_choice", message)
    if values.get("content_policy", ContentPolicy.MASK) not in ContentPolicy.values:
        yield FieldError(
            "content_policy", "invalid_choice", f"content_policy must be one of {', '.join(ContentPolicy)}"
        )
    yield from _segment_problems(values.get("segment_keys", []))
    yield from _scale_problems(values)
    if values.get(WEIGHTS) is not None:
        yield from _weight_problems(values[WEIGHTS])
    for name in DOCUMENTS:
        if (document := values.get(name)) is not None:
            yield from _document_problems(name, document)
            if isinstance(document, dict):
                yield from key_problems(name, document)


def _scale_problems(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Both ends of the rating scale are given together, or neither is."""
    if "rating_minimum" not in values and "rating_maximum" not in values:
        return
    low, high = values.get("rating_minimum"), values.get("rating_maximum")
    if (low is None) != (high is None) or low is not None and high is not None and not low < high:
        message = "rating_minimum and rating_maximum are given together, the lower one first, or both are null"
        yield FieldError("rating_maximum", "invalid", message)


def _weight_problems(overrides: Any) -> Iterator[FieldError]:
    """An error for each key."""
    if found := list(_document_problems(WEIGHTS, overrides)):
        yield from found
        return
    for key, message in weights.problems(overrides).items():
        yield FieldError(f"{WEIGHTS}.{printable(key)}" if key else WEIGHTS, "invalid", message)


def _segment_problems(keys: Sequence[str]) -> Iterator[FieldError]:
    if len(keys) > MAX_SEGMENT_KEYS or len(set(keys)) < len(keys):
        message = f"segment_keys must be at most {MAX_SEGMENT_KEYS} different metadata keys"
        yield FieldError("segment_keys", "too_many", message)
    if any(not 1 <= len(key) <= 64 or not key.isprintable() or "=" in key for key in keys):
        message = "A segment key has 1 to 64 printable characters and no ="
        yield FieldError("segment_keys", "invalid", message)


def pattern_problems(pattern: Pattern) -> Iterator[FieldError]:
    """The errors of one pattern: of its name, and of its expression or else its replacement."""
    try:
        compile_pattern(pattern.name, pattern.expression, pattern.replacement or None)
    except InvalidPattern as error:
        yield FieldError(error.field, "invalid", str(error))
        if error.field == "name":
            yield from pattern_problems(replace(pattern, name="PATTERN"))


def repeated(names: Sequence[str]) -> list[int]:
    """The indexes of names that occur earlier in the list."""
    return [place for place, name in enumerate(names) if name in names[:place]]


def _document_problems(field: str, document: Any) -> Iterator[FieldError]:
    if not isinstance(document, dict):
        yield FieldError(field, "not_an_object", f"{field} must be a JSON object or null")
        return
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (ValueError, RecursionError):
        message = (
            f"{field} contains a value that cannot be stored: a lone surrogate, an infinite number or too deep nesting"
        )
        yield FieldError(field, "invalid", message)
        return
    if size > MAX_DOCUMENT_BYTES:
        yield FieldError(field, "too_long", f"{field} has more than {MAX_DOCUMENT_BYTES} bytes as JSON")
    if "\\u0000" in text.replace("\\\\", ""):
        yield FieldError(field, "invalid", f"{field} contains a NUL character")
