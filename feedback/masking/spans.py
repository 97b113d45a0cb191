from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points of the given text, and what stands there."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A range of a text, what takes its place, and the kind of what stood there, empty if that was nothing to mask."""

    start: int
    end: int
    text: str
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
    return apply_edits(text, edits_of(spans, replacements))


def edits_of(spans: Iterable[Span], replacements: Mapping[str, str]) -> list[Edit]:
    """The edits that replace each span by its kind's replacement, `[KIND]` where none is given."""
    return [Edit(span.start, span.end, replacements.get(span.kind, f"[{span.kind}]"), span.kind) for span in spans]


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with each of these sorted and disjoint ranges replaced."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.start], edit.text)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def project_spans(found: Iterable[Span], replaced: Sequence[Edit]) -> Iterator[Span]:
    """Turn spans found in the masked text into spans of the text before masking; half a mask stands for all of it."""
    starts: list[int] = []
    ends: list[int] = []
    shift = 0
    for edit in replaced:
        starts.append(edit.start + shift)
        shift += len(edit.text) - (edit.end - edit.start)
        ends.append(edit.end + shift)

    def before_masking(position: int, *, first: bool) -> int:
        index = bisect_right(starts, position if first else position - 1) - 1
        if index < 0:
            return position
        if position < ends[index] or (position == ends[index] and not first):
            return replaced[index].start if first else replaced[index].end
        return position - ends[index] + replaced[index].end

    for span in found:
        yield Span(before_masking(span.start, first=True), before_masking(span.end, first=False), span.kind)


def compose_edits(first: list[Edit], second: Iterable[Edit]) -> list[Edit]:
    """The edits of a text that have the effect of the first ones and then of others, which swallow what they touch."""
    others = list(second)
    ranges = project_spans([Span(edit.start, edit.end, edit.kind) for edit in others], first)
    moved = [replace(edit, start=span.start, end=span.end) for edit, span in zip(others, ranges, strict=True)]
    return merge_edits([*moved, *first])


def merge_edits(edits: list[Edit]) -> list[Edit]:
    """Sort edits; of those that overlap the longest covers all, the earlier one in the list if they are alike."""
    merged: list[Edit] = []
    longest = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        length = edit.end - edit.start
        if merged and edit.start < merged[-1].end:
            last = merged[-1]
            named = edit if length > longest else last
            merged[-1] = replace(named, start=last.start, end=max(last.end, edit.end))
            longest = max(longest, length)
        else:
            merged.append(edit)
            longest = length
    return merged
