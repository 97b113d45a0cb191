"""CSV whose texts no spreadsheet runs as formulas, and that a reader can turn back exactly."""

import io
import re

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

# Spreadsheets take a cell for a formula if it begins with one of these, also behind a line end and full-width.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = "=+\\-@\t\r\n＝＋－＠"
# Apostrophes before such a character count as well, so that restored() tells ours from those of the text.
_RISKY = re.compile(f"'*[{FORMULA_STARTS}]")
_DEFUSED = re.compile(f"'+[{FORMULA_STARTS}]")
_RISKY_IN_ARROW = rf"\A('*[{FORMULA_STARTS}])"


def defused(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs as a formula.

    Parameters
    ----------
    text
        Any text without lone surrogates.

    Returns
    -------
    str
        The text, behind one apostrophe if it begins with ``= + - @``, a tab or a line end, or with apostrophes and
        then one of these.

    Notes
    -----
    Use it for texts only. A number in a column of numbers is written as it is, so that -5 stays a number.

    Examples
    --------
    >>> defused("=1+1"), defused("'=1+1"), defused("1+1"), defused("it's")
    ("'=1+1", "''=1+1", '1+1', "it's")
    """
    return f"'{text}" if _RISKY.match(text) else text


def restored(cell: str) -> str:
    """Return the text that ``defused`` made a cell of.

    Parameters
    ----------
    cell
        What ``defused`` returned, as a CSV reader reads it.

    Returns
    -------
    str
        The text before it was defused.

    Examples
    --------
    >>> restored("'=1+1"), restored("''=1+1"), restored("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return cell[1:] if _DEFUSED.match(cell) else cell


def encoded(rows: pa.RecordBatch | pa.Table, *, header: bool) -> bytes:
    """Return rows as CSV in UTF-8, with every text defused.

    Parameters
    ----------
    rows
        Columns of texts, numbers, booleans, times and dates. Nested values must be texts already.
    header
        Whether the first line has the names of the columns.

    Returns
    -------
    bytes
        Lines that end with a newline. Texts are quoted, numbers are not, a null is an empty cell without quotes and an
        empty text one with quotes.

    Raises
    ------
    pyarrow.ArrowInvalid
        For a column of another type.

    Examples
    --------
    >>> rows = pa.table({"text": ["=A1", "", None], "number": [-5, 2, None]})
    >>> print(encoded(rows, header=True).decode(), end="")
    "text","number"
    "'=A1",-5
    "",2
    ,
    """
    columns = [_defused_column(column) if _is_text(column.type) else column for column in rows.columns]
    written = io.BytesIO()
    options = csv.WriteOptions(include_header=header, quoting_style="needed")
    csv.write_csv(pa.table(columns, names=rows.schema.names), written, options)
    return written.getvalue()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _defused_column(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return pc.replace_substring_regex(column, pattern=_RISKY_IN_ARROW, replacement=r"'\1")
