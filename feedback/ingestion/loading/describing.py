"""What becomes of the columns of a file, in lines for a terminal."""

from collections.abc import Iterator

from feedback.choices import ItemKind
from feedback.field_errors import printable
from feedback.ingestion.loading.columns import Column
from feedback.ingestion.loading.loader import Loading

MOST_COLUMNS = 200
_WIDEST = 30


def described(loading: Loading) -> Iterator[str]:
    """The columns, what each becomes and what it may be instead, and what nothing gives."""
    known = f", recognised as {loading.known.name}" if loading.known else ""
    yield f"{loading.path.name}: {len(loading.columns)} columns{known}"
    width = min(max((len(column.name) for column in loading.columns), default=0), _WIDEST)
    for column in loading.columns[:MOST_COLUMNS]:
        yield f"  {_line(column, width)}"
    if len(loading.columns) > MOST_COLUMNS:
        yield f"  … and {len(loading.columns) - MOST_COLUMNS} more"
    if loading.missing and loading.columns:
        yield f"No column becomes {loading.missing}, which every row needs; name one with --map COLUMN=FIELD."
    if loading.kind == ItemKind.EVENT and loading.columns and not _has_time(loading):
        yield "No column becomes occurred_at: events get the time at which they are loaded."


def _line(column: Column, width: int) -> str:
    name = printable(column.name)
    target = column.target or "left out"
    why = f" ({column.why})" if column.why else ""
    advice = f"; did you mean --map {name}={column.suggestion}?" if column.suggestion else ""
    return f"{name:<{width}} → {target}{why}{advice}"


def _has_time(loading: Loading) -> bool:
    return any("occurred_at" in column.target for column in loading.columns)


def noted(loading: Loading) -> Iterator[str]:
    """What was read in rows that their columns do not tell."""
    if loading.reader.rows_with_tool_results:
        yield (
            f"In {loading.reader.rows_with_tool_results} rows JSON of the user right after a tool call was read as the "
            "result of the tool."
        )
