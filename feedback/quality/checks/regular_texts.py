"""Texts whose regular structure repeats words without being a loop: tables, lists of links, data, code, forms."""

import re
from collections.abc import Sequence

# Marks between cells, and the mean length of cells: commas part clauses, too.
_CELLS = {"\t": 24, "|": 24, ";": 24, ",": 12}
_FEWEST_CELLS = {"\t": 2, "|": 2, ";": 2, ",": 3}
_FEWEST_ROWS = 3
_MOSTLY = 0.7
# Lines of markup, links, logs, data, code and forms.
_ROW = re.compile(
    r"\s*(?:"
    r"\|.*\|?|<[/!?a-z].*|.*>|[-+|:=\s]{4,}"
    r"|(?:[-*+•]|[0-9]+[.)])?\s*\S*(?:https?://|www\.)\S+.*|(?:/|\./|~/|[a-z]:\\)\S+"
    r"|\[?[0-9]{2,4}[-/:.][0-9]{2}[-/:.][0-9]{2,4}.*|(?:\[?(?:info|warn|warning|error|debug|trace|notice)\b).*"
    r"|.*[;{\[\\](?:\s*(?://|\#).*)?|.*[=\"].*[}\])],?|[\[(][^a-z]*[\])],?"
    r"|(?:(?:public|private|protected|static|async|export|export default|final|virtual|inline|pub)\s+)*"
    r"(?:def|class|fn|func|function|interface|import|from|return|if|elif|else|for|while|try|except|let|const|var|val|int"
    r"|void|string|double|float|bool|char|select|insert|update|delete|create|alter|drop|\#include|using|package)\b.*[(:;{)=,].*"
    r"|[\w.\-\"']+\s*(?:=|:=|\+=)\s*\S.*|[\"'][^\"']*[\"']\s*:.*|[\w.\[\]]+\([^()]*\)[:;]?(?:\s*(?:\#|->).*)?"
    r"|[+\-]?[0-9.eE+\-%]+(?:[\s,;&]+[+\-]?[0-9.eE+\-%]+)+\s*(?:\\\\)?"
    r"|.*_{4,}.*|.*\.{6,}.*|\W+|[!-~]+"
    r")"
)
_NUMBERED = re.compile(r"\W*(?:\w+ )?[0-9]+\b\s?[:.)–—\-].*")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_INLINE_MARKUP = re.compile(r"<[/a-z][^<>]{0,200}>|[{}\[\]\"]\s*[,:]\s*[{\[\"0-9a-z]")


def lines_of(text: str) -> list[str]:
    """Return the lines that hold anything, without white space around.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str

    Examples
    --------
    >>> lines_of("a\\n\\n b ")
    ['a', 'b']
    """
    return [line for line in map(str.strip, text.splitlines()) if line]


def is_regular(text: str, lines: Sequence[str]) -> bool:
    """Tell whether a text has a structure in which the same words may come again and again.

    Parameters
    ----------
    text : str
        Any text without capitals.
    lines : sequence of str
        Its lines.

    Returns
    -------
    bool
        Whether most lines are rows of a table or a list of links, of data, of markup, a log, code or a form.

    Examples
    --------
    >>> table = "| id | state |\\n|---|---|\\n| 1 | ok |\\n| 2 | ok |"
    >>> is_regular(table, lines_of(table)), is_regular("so it ends", ["so it ends"])
    (True, False)
    """
    if not lines:
        return False
    if len(lines) < _FEWEST_ROWS:
        marks = sum(len(match[0]) for match in _INLINE_MARKUP.finditer(text[-5_000:]))
        links = sum(len(match[0]) for match in _LINK.finditer(text[-5_000:]))
        return marks >= 0.25 * min(len(text), 5_000) or links >= 0.5 * min(len(text), 5_000)
    rows = sum(_ROW.fullmatch(line[:400]) is not None for line in lines)
    return rows >= _MOSTLY * len(lines) or _has_columns(lines)


def is_numbered(lines: Sequence[str]) -> bool:
    """Tell whether most lines begin with a number, as those of a plan do.

    Parameters
    ----------
    lines : sequence of str
        Those of a text.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_numbered(["Day 1: run 3 km", "Day 2: run 5 km", "Day 3: rest"]), is_numbered(["It rains.", "It pours."])
    (True, False)
    """
    rows = sum(_NUMBERED.fullmatch(line) is not None for line in lines)
    return len(lines) >= _FEWEST_ROWS and rows >= _MOSTLY * len(lines)


def _has_columns(lines: Sequence[str]) -> bool:
    """Tell whether most lines have equally many short cells."""
    for mark, mean in _CELLS.items():
        rows = [line.rstrip(mark).split(mark) for line in lines]
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count)
        characters, cells = sum(map(len, lines)), sum(widths)
        if usual >= _FEWEST_CELLS[mark] and widths.count(usual) >= _MOSTLY * len(lines) and characters <= mean * cells:
            return True
    return False
