"""Reads the texts of evaluation sets from files and Hugging Face directories, a row at a time."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from feedback.field_errors import FieldError
from feedback.ingestion.loading import UnreadableFile, file_rows

# Where no column is named, the first of these that the first row has.
USUAL_COLUMNS = ("prompt", "question", "instruction", "problem", "query", "input", "text", "messages", "conversations")
SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".arrow")
# What directories of Hugging Face hold beside their rows.
DESCRIPTIONS = {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json"}
_ASKING = {"user", "human"}


class UnknownColumn(ValueError):
    """A column that the file does not have, or a file with none of the usual ones."""


class EvaluationFile:
    """The texts of a file or of all files of a directory; counts rows while they are read."""

    def __init__(self, path: Path, *, columns: Sequence[str] = (), source: str = "") -> None:
        """Raises UnreadableFile if there is no such file, or none with rows in the directory."""
        self.source = source or path.name
        self.columns = tuple(columns)
        self.rows = self.rows_skipped = 0
        self._files = _files(path)

    def texts(self) -> Iterator[tuple[int, str]]:
        """The texts with the number of their row, from 1 through all files. Raises UnreadableFile and UnknownColumn."""
        for path in self._files:
            for value in _values(path):
                self.rows += 1
                texts = self._texts_of(value)
                self.rows_skipped += not texts
                yield from ((self.rows, text) for text in texts)

    def _texts_of(self, value: Any) -> list[str]:
        if isinstance(value, str):
            return [value] if value.strip() else []
        if not isinstance(value, dict):
            return []
        if not self.columns:
            self.columns = (_usual(value),)
        if self.rows == 1 and (missing := [name for name in self.columns if name not in value]):
            raise UnknownColumn(f"{self.source} has no column {missing[0]}; it has {', '.join(sorted(value))}.")
        texts = [_text(value.get(name)) for name in self.columns]
        return [text for text in texts if text.strip()]


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UnreadableFile(f"{path.name}: no such file or directory")
    if not path.is_dir():
        return [path]
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        and file.name not in DESCRIPTIONS
        and (file.suffix in SUFFIXES or file.suffix == ".gz" and Path(file.stem).suffix in SUFFIXES)
    ]
    if not files:
        raise UnreadableFile(f"{path.name}: no file with rows ({', '.join(SUFFIXES)}) in this directory")
    return files


def _values(path: Path) -> Iterator[Any]:
    if path.suffix == ".arrow":
        yield from _arrow_rows(path)
        return
    for row in file_rows(path):
        yield None if isinstance(row.value, FieldError) else row.value


def _arrow_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows that `save_to_disk` of Hugging Face wrote."""
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
            for batch in reader:
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def _usual(row: dict[str, Any]) -> str:
    found = next((name for name in USUAL_COLUMNS if name in row), None)
    if found is None:
        raise UnknownColumn(f"Name the column of the texts; the file has {', '.join(sorted(row)) or 'none'}.")
    return found


def _text(value: Any) -> str:
    """A text as it is; of a conversation what users say; other values as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and value and all(isinstance(message, dict) for message in value):
        asked = [
            message.get("content", message.get("value"))
            for message in value
            if message.get("role", message.get("from")) in _ASKING
        ]
        return "\n".join(_said(content) for content in asked)
    return json.dumps(value, ensure_ascii=False, default=str)


def _said(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return content if isinstance(content, str) else ""
