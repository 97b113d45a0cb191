"""A folder for `datasets.load_from_disk`: a DatasetDict of Arrow streams, also for a single split."""

from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa

from exports.formats import columnar, raw_files
from exports.formats.base import Draft, FileFacts, Files, Format, Package, Table

SHARD = "data-00000-of-00001.arrow"
# As long as those that `datasets` makes.
FINGERPRINT_DIGITS = 16


def write(draft: Draft, name: str, package: Package) -> Files:
    files: dict[str, FileFacts] = {}
    described: dict[str, Any] = {f"{name}/dataset_dict.json": {"splits": [table.split for table in package.tables]}}
    for table in package.tables:
        folder = f"{name}/{table.split}"
        shard = files[f"{folder}/{SHARD}"] = _write_shard(draft, f"{folder}/{SHARD}", table)
        described[f"{folder}/dataset_info.json"] = {"features": columnar.features(columnar.schema(table))}
        described[f"{folder}/state.json"] = _state(table, shard)
    return files | {path: raw_files.write_bytes(draft, path, _json(value)) for path, value in described.items()}


def _write_shard(draft: Draft, name: str, table: Table) -> FileFacts:
    with draft.create(name) as file:
        with pa.ipc.new_stream(raw_files.sink(file), columnar.schema(table)) as stream:
            for rows in columnar.slices(table):
                stream.write_table(rows)
        return file.facts(table.rows)


def _state(table: Table, shard: FileFacts) -> dict[str, Any]:
    """What `load_from_disk` asks for; the fingerprint is of the content, so that caches know it again."""
    return {
        "_data_files": [{"filename": SHARD}],
        "_fingerprint": shard.sha256[:FINGERPRINT_DIGITS],
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": table.split,
    }


def _json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def check(draft: Draft, files: Files, package: Package, at_each: Callable[[], None]) -> None:
    tables = iter(package.tables)
    for path, facts in files.items():
        raw_files.check_bytes(draft, path, facts, at_each)
        if path.endswith(SHARD):
            with draft.open(path) as file, pa.ipc.open_stream(file) as stream:
                slices = (pa.Table.from_batches([rows]) for rows in stream)
                columnar.check_slices(path, slices, next(tables), at_each)


FORMAT = Format("arrow", media_type="application/zip", fit=columnar.fit, write=write, check=check)
