"""Rows of JSON Lines and of JSON arrays, one at a time."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from feedback import exact_json
from feedback.ingestion.loading.rows import MAX_ROW_BYTES, FileRow, Share, UnreadableFile, malformed, opened
from feedback.ingestion.parsing import raw_lists

_PIECE_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"


def json_rows(path: Path, advance: Share = lambda share: None) -> Iterator[Any]:
    """The values of JSON Lines; None for a line that is no JSON. Raises UnreadableFile."""
    return (row.value for row in line_rows(path, advance))


def line_rows(path: Path, advance: Share) -> Iterator[FileRow]:
    with opened(path, advance) as (stream, report):
        yield from _lines(stream, report)


def document_rows(path: Path, advance: Share) -> Iterator[FileRow]:
    """The rows of an array, or of lines, which many programs call .json as well."""
    with opened(path, advance) as (stream, report):
        start = stream.peek(_PIECE_BYTES).removeprefix(_BOM).lstrip()
        if not start.startswith(b"["):
            yield from _lines(stream, report)
            return
        try:
            for number, piece in enumerate(raw_lists.items_of_stream(stream.read, _PIECE_BYTES, MAX_ROW_BYTES)):
                yield FileRow(number, _value(piece))
                report()
        except raw_lists.UnclosedList as error:
            raise UnreadableFile(f"{path.name}: the JSON array does not end, or more follows behind its end") from error


def _lines(stream: io.BufferedReader, report: Callable[[], None]) -> Iterator[FileRow]:
    number = line = 0
    while text := stream.readline(MAX_ROW_BYTES + 1):
        line += 1
        is_whole = len(text) <= MAX_ROW_BYTES
        while not is_whole and text and not text.endswith(b"\n"):
            text = stream.readline(_PIECE_BYTES)
        if text.strip():
            value = _value(text) if is_whole else malformed(f"the row has more than {MAX_ROW_BYTES} bytes")
            yield FileRow(number, value, line)
            number += 1
        report()


def _value(text: bytes) -> Any:
    try:
        return json.loads(text, parse_float=exact_json.number)
    except ValueError:
        return None
    except RecursionError:
        return malformed("the row is nested too deeply")
