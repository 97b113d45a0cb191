"""JSON Lines: one JSON object per line."""

from collections.abc import Callable

import msgspec

from exports.choices import LeftOut
from exports.formats.base import Check, Draft, Files, Format, Package, Record, as_it_is, by_path
from feedback import exact_json

SUFFIX = ".jsonl"


def line(record: Record) -> bytes:
    """Return a record as one UTF-8 line without newline, with keys in their original order."""
    return exact_json.on_one_line(exact_json.dump(record))


def write(draft: Draft, name: str, package: Package) -> Files:
    tables = by_path(name, SUFFIX, package.tables)
    return {path: draft.write_lines(path, table.lines()) for path, table in tables.items()}


def check(draft: Draft, files: Files, package: Package, at_each: Callable[[], None]) -> None:
    for name, facts in files.items():
        draft.check_lines(name, facts, problem=problem, at_each=at_each)


def check_with(broken_rule: Callable[[Record], LeftOut | None]) -> Check:
    """The check of a format of lines that has rules for each record."""

    def problem_of(written: bytes) -> str:
        if found := problem(written):
            return found
        broken = broken_rule(exact_json.decode(written))
        return f"breaks a rule of the format: {broken.label}." if broken else ""

    def check(draft: Draft, files: Files, package: Package, at_each: Callable[[], None]) -> None:
        for name, facts in files.items():
            draft.check_lines(name, facts, problem=problem_of, at_each=at_each)

    return check


def problem(written: bytes) -> str:
    """Return what is wrong with a line, or an empty string for a complete JSON object."""
    try:
        is_whole = written.endswith(b"\n") and isinstance(exact_json.decode(written), dict)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return f"is not JSON: {error}"
    return "" if is_whole else "is not one whole JSON object."


FORMAT = Format("jsonl", media_type="application/x-ndjson", fit=as_it_is, write=write, check=check)
