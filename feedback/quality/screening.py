"""Searches that are made over many responses at once: one call for all of them, in place of two for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from feedback.quality.formats import MARKDOWN
from feedback.quality.refusals import OPENING, POSSIBLE


@dataclass(frozen=True, slots=True)
class Screened:
    has_markdown: bool
    could_refuse: bool


def readable(response: str) -> str:
    """RE2 reads UTF-8, which has no lone surrogates."""
    return response if response.isascii() else response.encode("utf-8", "replace").decode()


def screen(responses: Sequence[str]) -> list[Screened]:
    """What can be said of each response by the same expressions of RE2 as alone, in order."""
    texts = [readable(response) for response in responses]
    marked = _matches(texts, MARKDOWN)
    refusing = _matches([text[:OPENING] for text in texts], POSSIBLE)
    return [Screened(*pair) for pair in zip(marked, refusing, strict=True)]


def _matches(texts: Sequence[str], expression: str) -> list[bool]:
    return pc.match_substring_regex(pa.array(texts, pa.large_string()), expression).to_pylist()
