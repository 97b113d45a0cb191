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
    r"|.*(?:[a-z0-9]{2,}://|www\.)\S+.*|(?:/|\./|~/|[a-z]:\\)\S+|[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b.*"
    r"|[│├└┌┬╭╰┃┣┗].*|.*\S\s*(?:[-=]+>|<[-=]+|→|⇒)\s*\S.*|(?:[-*+•]\s*)?(?:\[[ x]?\]|[☐☑☒✓✔✗✘❌✅])\s*\S.*"
    r"|(?:-\s+)?[\w.\-/\"']+:(?:\s+\S+){0,4}"
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
_FENCED = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
_SHORTEST_SPAN = 40
_BRACKETS = {("[", "]"), ("{", "}"), ("(", ")")}
# Four words in a row, the end of a sentence, or many letters, as a literal has in long strings alone.
_SPOKEN = re.compile(
    r"[^\W\d_][.!?](?:\s|$)|\b\w+(?:['’]\w+)?\s+\w+(?:['’]\w+)?\s+\w+(?:['’]\w+)?\s+[^\W\d_]|[^\W\d_]{30}"
)
_FEWEST_LISTED = 10
_LONGEST_WORDS = 14
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
        is_marked = marks >= 0.25 * min(len(text), 5_000) or links >= 0.5 * min(len(text), 5_000)
        return is_marked or _is_list(text)
    rows = sum(_ROW.fullmatch(line[:400]) is not None for line in lines)
    return rows >= _MOSTLY * len(lines) or _has_columns(lines)


def is_literal(text: str) -> bool:
    """Tell whether a text is one value in brackets, such as a list that Python prints, without long strings.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_literal("[true, false, true]"), is_literal("[true, false, tr")
    (True, False)
    """
    text = text.strip()
    return (text[:1], text[-1:]) in _BRACKETS and _SPOKEN.search(text) is None


def parts_of(text: str) -> list[str]:
    """Part a text into what stands around its code blocks, rows, data and markup, and each of these.

    Parameters
    ----------
    text : str
        Any text without capitals.

    Returns
    -------
    list of str
        The text around first.

    Examples
    --------
    >>> parts_of("it is:\\n```\\n[0, 0]\\n```\\nall is zero.")
    ['it is:\\nall is zero.', '[0, 0]\\n']
    """
    blocks = _FENCED.findall(text)
    lines = lines_of(_FENCED.sub("\n", text))
    is_row = [_ROW.fullmatch(line[:400]) is not None for line in lines]
    if sum(is_row) >= _FEWEST_ROWS:
        blocks.append("\n".join(line for line, row in zip(lines, is_row, strict=True) if row))
        lines = [line for line, row in zip(lines, is_row, strict=True) if not row]
    around = []
    for line in lines:
        start, end = _span(line)
        if start < end:
            blocks.append(line[start:end])
        around.append(line[:start] + line[end:])
    return ["\n".join(around), *blocks]


def _span(line: str) -> tuple[int, int]:
    """Where brackets or markup begin and end in a line; an empty span at its end without any."""
    for opening, closing in (("[", "]"), ("{", "}"), ("<", ">")):
        start, end = line.find(opening), line.rfind(closing) + 1
        if start >= 0 and end - start >= _SHORTEST_SPAN:
            return start, end
    return len(line), len(line)


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


def _is_list(text: str) -> bool:
    """Tell whether a text is a list of single words or numbers, parted by commas."""
    cells = text.split(",")
    words = sum(len(cell.split()) <= 1 for cell in cells)
    return len(cells) >= _FEWEST_LISTED and words >= len(cells) - 1 and len(text) <= _LONGEST_WORDS * len(cells)


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
