"""Finds a text or a hash in every column of every table and in every file of exports, also in those to come."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator

import pyarrow as pa
from django.apps import apps
from pyarrow import parquet

from exports.batches import target


def places(secret: bytes) -> set[str]:
    """Each table and column, and each file, that holds this text, hash or key."""
    return {where for where, content in _everything() if secret.lower() in content.lower()}


def _everything() -> Iterator[tuple[str, bytes]]:
    for model in apps.get_models(include_auto_created=True):
        columns = [field.attname for field in model._meta.concrete_fields]
        for row in model._base_manager.values_list(*columns).iterator():
            for column, value in zip(columns, row, strict=True):
                yield f"{model._meta.label}.{column}", _bytes(value)
    where = target.target()
    for path in where.files.find(where.folder):
        yield path.removeprefix(f"{where.folder}/"), _bytes(where.files.cat_file(path))


def _bytes(value) -> bytes:
    """A value with what it unpacks to: text as it is, numbers and JSON as text, binary ones also as hexadecimals."""
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes | memoryview):
        return json.dumps(value, default=str, ensure_ascii=False).encode()
    content = bytes(value)
    return b"\n".join([content, content.hex().encode(), _unpacked(content)])


def _unpacked(content: bytes) -> bytes:
    """The rows of an Arrow or Parquet file, the files of an archive; nothing for other content."""
    if content.startswith(b"\x1f\x8b"):
        return _bytes(gzip.decompress(content))
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(_bytes(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"PAR1"):
        return _rows(parquet.read_table(io.BytesIO(content)))
    if content.startswith(b"ARROW1"):
        return _rows(pa.ipc.open_file(content).read_all())
    if content.startswith(b"\xff\xff\xff\xff"):
        return _rows(pa.ipc.open_stream(content).read_all())
    return b""


def _rows(table: pa.Table) -> bytes:
    return b"\n".join(_bytes(value) for row in table.to_pylist() for value in row.values())
