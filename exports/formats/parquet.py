"""Parquet: one file for each split."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from exports.formats import columnar, raw_files
from exports.formats.base import Draft, FileFacts, Files, Format, Package, Table, by_path

SUFFIX = ".parquet"


def write(draft: Draft, name: str, package: Package) -> Files:
    tables = by_path(name, SUFFIX, package.tables)
    return {path: write_file(draft, path, table).facts for path, table in tables.items()}


def check(draft: Draft, files: Files, package: Package, at_each: Callable[[], None]) -> None:
    for (path, facts), table in zip(files.items(), package.tables, strict=True):
        check_file(draft, path, facts, table, at_each)


@dataclass(frozen=True)
class Written:
    """A table in a file. arrow_bytes: the size of its rows in memory."""

    table: Table
    facts: FileFacts
    arrow_bytes: int


def write_file(draft: Draft, name: str, table: Table) -> Written:
    """Write a table; each slice of its records is a row group."""
    arrow_bytes = 0
    with draft.create(name) as file:
        with pq.ParquetWriter(raw_files.sink(file), columnar.schema(table), compression="zstd") as writer:
            for rows in columnar.slices(table):
                writer.write_table(rows)
                arrow_bytes += rows.nbytes
        return Written(table, file.facts(table.rows), arrow_bytes)


def check_file(draft: Draft, name: str, facts: FileFacts, table: Table, at_each: Callable[[], None]) -> None:
    """Raise InvalidFile unless the file holds the records of the table."""
    raw_files.check_bytes(draft, name, facts, at_each)
    with draft.open(name) as file, pq.ParquetFile(file) as written:
        columnar.check_slices(name, _row_groups(written), table, at_each)


def _row_groups(file: pq.ParquetFile) -> Iterator[pa.Table]:
    return (file.read_row_group(index) for index in range(file.num_row_groups))


FORMAT = Format("parquet", media_type="application/vnd.apache.parquet", fit=columnar.fit, write=write, check=check)
