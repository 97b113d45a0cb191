"""Rows of CSV files: of any usual delimiter, in UTF-8 or UTF-16."""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from feedback.ingestion.loading.rows import MAX_ROW_BYTES, FileRow, Share, UnreadableFile, malformed, opened

DELIMITERS = ",;\t|"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def delimited_rows(path: Path, advance: Share) -> Iterator[FileRow]:
    """The rows as text by column; an empty cell is ''. Raises UnreadableFile."""
    csv.field_size_limit(MAX_ROW_BYTES)
    with opened(path, advance) as (stream, report):
        start = stream.peek()
        encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
        sample = start.decode(encoding, "replace")
        # A byte that is no character rejects its row alone.
        with io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="") as text:
            reader = csv.reader(text, delimiter=_delimiter(path, sample), strict=True)
            names = _names(path, reader)
            number = 0
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield FileRow(number, malformed(f"the row is not CSV: {error}"), line)
                    number += 1
                    continue
                if cells:
                    yield FileRow(number, _row(names, cells), line)
                    number += 1
                report()


def _delimiter(path: Path, sample: str) -> str:
    if ".tsv" in path.suffixes:
        return "\t"
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader(io.StringIO(sample), delimiter=delimiter), [])))


def _names(path: Path, reader) -> list[str]:
    try:
        names = [name.strip() for name in next(reader, [])]
    except (csv.Error, UnicodeError) as error:
        raise UnreadableFile(f"{path.name}: the header is not CSV ({error})") from error
    if not any(names):
        raise UnreadableFile(f"{path.name}: the first line has no names of columns")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UnreadableFile(f"{path.name}: columns appear twice: {', '.join(twice)}")
    return names


def _row(names: list[str], cells: list[str]):
    if len(cells) != len(names):
        return malformed(f"the row has {len(cells)} cells, the header has {len(names)}")
    try:
        for cell in cells:
            cell.encode()
    except UnicodeEncodeError:
        return malformed("the row is not text in UTF-8")
    # Data frames write their index into a column without a name.
    return {name: cell for name, cell in zip(names, cells, strict=True) if name}
