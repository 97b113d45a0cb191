from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points of the given text, and what stands there."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A text after masking; spans are sorted, disjoint and refer to the text before masking."""

    text: str
    spans: tuple[Span, ...]

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(span.kind for span in self.spans))


# A phone number is the loosest shape, so it yields to any other kind of the same length.
_LOOSEST = "PHONE"


def merge_overlaps(candidates: Iterable[Span]) -> tuple[Span, ...]:
    """Return disjoint spans that cover every candidate; the longest of an overlapping group names it.

    Covering the whole group, and not only its longest member, leaves no digit of a shorter candidate behind.
    """
    merged: list[Span] = []
    longest = 0
    for span in sorted(candidates, key=lambda span: (span.start, span.kind == _LOOSEST)):
        length = span.end - span.start
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            kind = span.kind if length > longest else last.kind
            merged[-1] = Span(last.start, max(last.end, span.end), kind)
            longest = max(longest, length)
        else:
            merged.append(span)
            longest = length
    return tuple(merged)


def replace_spans(text: str, spans: Iterable[Span], replacements: Mapping[str, str]) -> str:
    """Replace each span by its kind's replacement, `[KIND]` where none is given."""
    pieces = []
    position = 0
    for span in spans:
        pieces += (text[position : span.start], _replacement(span, replacements))
        position = span.end
    pieces.append(text[position:])
    return "".join(pieces)


def project_spans(found: Iterable[Span], replaced: Iterable[Span], replacements: Mapping[str, str]) -> Iterator[Span]:
    """Turn spans found in the masked text into spans of the text before masking."""
    masks = []
    shift = 0
    for span in replaced:
        start = span.start + shift
        end = start + len(_replacement(span, replacements))
        masks.append((start, end, span))
        shift += end - start - (span.end - span.start)
    for span in found:
        yield Span(
            _before_masking(span.start, masks, last=False), _before_masking(span.end, masks, last=True), span.kind
        )


def _before_masking(position: int, masks: list[tuple[int, int, Span]], *, last: bool) -> int:
    shift = 0
    for start, end, span in masks:
        if position <= start:
            break
        if position < end:
            return span.end if last else span.start
        shift = span.end - end
    return position + shift


def _replacement(span: Span, replacements: Mapping[str, str]) -> str:
    return replacements.get(span.kind, f"[{span.kind}]")
