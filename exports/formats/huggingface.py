"""A folder for `datasets.load_dataset`: Parquet for each product and split, a card, the manifest and hashes."""

from collections.abc import Callable
from posixpath import basename

import orjson

from exports.formats import columnar, parquet, raw_files, trainers
from exports.formats.base import Draft, Files, Format, Package
from feedback import exact_json

_SORTED = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def write(draft: Draft, name: str, package: Package) -> Files:
    from exports.formats import card  # noqa: PLC0415 - huggingface-hub loads for 0.3 s, in workers only

    tables = {f"{one.product}/{one.split}-00000-of-00001{parquet.SUFFIX}": one for one in package.tables}
    written = {path: parquet.write_file(draft, f"{name}/{path}", table) for path, table in tables.items()}
    files = {path: one.facts for path, one in written.items()}
    described = {
        "README.md": card.text(package.manifest, written).encode(),
        "manifest.json": exact_json.dump(package.manifest, options=_SORTED),
    }
    described |= {path: text.encode() for path, text in trainers.of(package.tables).items()}
    for path, content in described.items():
        files[path] = raw_files.write_bytes(draft, f"{name}/{path}", content)
    sums = "".join(f"{facts.sha256}  {path}\n" for path, facts in files.items())
    files["SHA256SUMS"] = raw_files.write_bytes(draft, f"{name}/SHA256SUMS", sums.encode())
    return {f"{name}/{path}": facts for path, facts in files.items()}


def check(draft: Draft, files: Files, package: Package, at_each: Callable[[], None]) -> None:
    tables = iter(package.tables)
    for path, facts in files.items():
        if basename(path).endswith(parquet.SUFFIX):
            parquet.check_file(draft, path, facts, next(tables), at_each)
        else:
            raw_files.check_bytes(draft, path, facts, at_each)


FORMAT = Format("huggingface", media_type="application/zip", fit=columnar.fit, write=write, check=check)
