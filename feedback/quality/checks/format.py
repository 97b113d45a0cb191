"""Whether a response is well-formed as what it appears to be: JSON, Markdown or plain text."""

import re
from collections.abc import Sequence

import msgspec
import orjson
import re2

from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = "format", "format-4"
_BROKEN = 0.3
_BARE = r"(?:-?[0-9][0-9.eE+\-]*|true|false|null)"
_JSON_START = re2.compile(
    rf"^\s*(?:\{{\s*(?:[\"}}]|$)|\[\s*(?:[{{\"\]]|$|{_BARE}\s*,|(?:\[\s*)+(?:[{{\"\]]|$|{_BARE}\s*[,\]])))"
)
# What Python prints of a dictionary or a list; models take it for JSON.
_PYTHON_STRING = r"'(?:[^'\\\n]|\\.)*'"
_PYTHON_START = re2.compile(
    rf"^\s*(?:\[\s*)*(?:\{{\s*(?:{_PYTHON_STRING}\s*:|-?[0-9]+(?:\.[0-9]+)?:\s+(?:['\"\[{{(0-9\-]|True|False|None))"
    rf"|\[\s*(?:{_PYTHON_STRING}\s*(?:,|\]+\s*$)|(?:True|False|None)\s*,))"
)
# A citation, a footnote or an open task, and behind it the text that it belongs to.
_CITATION = re2.compile(
    r"^\s*(?:\[{1,2}[^\[\]{}\"'\n]*[^\[\]{}\"'\s]\]{1,2}[ \t]*[\p{L}\p{N}(\[:–—\-]"
    r"|(?:\[[ \t]*\]|\{[ \t]*\})[ \t]+\p{L})"
)
_JSON_FENCE = re2.compile(r"^\s*```(?i:(json|jsonl|jsonlines|ndjson))?[ \t]*\n((?s:.*))\n[ \t]*```\s*$")
# Possessive, so that no line takes more steps than it has characters. On short lines re is faster than RE2.
_FENCE_LINE = re.compile(r"^[ \t>]*+(?:[-*+] ++|[0-9]++[.)] ++)?(`{3,}+|~{3,}+)([^`\n]*+)$")
_MARKDOWN = re2.compile(
    r"(?m)^ {0,3}(?:```|~~~|#{1,6} |[-*+] |[0-9]{1,3}[.)] |> |\|.*\|)|\*\*[^*\n]+\*\*|`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)"
)


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    """Judge whether a response is well-formed.

    Parameters
    ----------
    prompt, context
        Not read.
    response : str
        Text without lone surrogates.

    Returns
    -------
    CheckResult
        Score 1 for a well-formed response, 0.3 for broken JSON or an unclosed code block, 0 for an empty one.
        details: `format` ("json", "markdown", "plain" or "empty") and `valid`.

    Examples
    --------
    >>> judge("", '{"total": 3', Context()).details
    {'format': 'json', 'valid': False}
    """
    return _judged(response, None)


def judge_many(prompts: Sequence[str], responses: Sequence[str], context: Context) -> list[CheckResult]:
    """Judge many responses as `judge` does each.

    Parameters
    ----------
    prompts, context
        Not read.
    responses : sequence of str
        Texts without lone surrogates.

    Returns
    -------
    list of CheckResult
        In the order of the responses.

    Examples
    --------
    >>> [result.details["format"] for result in judge_many(["", ""], ["Yes.", "**Yes.**"], Context())]
    ['plain', 'markdown']
    """
    return list(map(_judged, responses, matches(_MARKDOWN, responses)))


def is_json(text: str) -> bool:
    """Tell whether a text is one JSON value, without NaN, infinities and lone surrogates.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool

    References
    ----------
    RFC 8259, "The JavaScript Object Notation (JSON) Data Interchange Format", 2017.

    Examples
    --------
    >>> is_json('{"a": [1, 2]}'), is_json("NaN")
    (True, False)
    """
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return "infinity" in str(error) and _has_large_integers(text)
    return True


def _has_large_integers(text: str) -> bool:
    """Tell whether a text is JSON apart from integers beyond the largest float, which orjson takes for infinite."""
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def _judged(text: str, is_markdown: bool | None) -> CheckResult:
    name, valid = _format_of(text, is_markdown)
    score = 1.0 if valid else 0.0 if name == "empty" else _BROKEN
    return CheckResult(_NAME, score, valid, {"format": name, "valid": valid}, _VERSION)


def _format_of(text: str, is_markdown: bool | None) -> tuple[str, bool]:
    if not text.strip():
        return "empty", False
    if starts_json(text) or _starts_python(text):
        return "json", _is_well_formed(text)
    fenced = _fenced_json(text)
    if fenced is not None:
        return "json", _is_well_formed(fenced)
    if not fences_are_closed(text):
        return "markdown", False
    found = _MARKDOWN.search(text) is not None if is_markdown is None else is_markdown
    return ("markdown" if found else "plain"), True


def _fenced_json(text: str) -> str | None:
    """Return the body of a response that is nothing but one fenced JSON block."""
    if "```" not in text:
        return None
    match = _JSON_FENCE.match(text)
    label, body = match.groups() if match else (None, "")
    is_meant = starts_json(body) or (label and _starts_python(body))
    return body if is_meant and "```" not in body else None


def starts_json(text: str) -> bool:
    """Tell whether a text starts like a JSON object or array, and not like a citation.

    Parameters
    ----------
    text : str
        Text without lone surrogates.

    Returns
    -------
    bool

    Examples
    --------
    >>> starts_json('{"a": 1'), starts_json("[1] Lind")
    (True, False)
    """
    return _opens(text) and _JSON_START.search(text) is not None and _CITATION.search(text) is None


def _starts_python(text: str) -> bool:
    return _opens(text) and _PYTHON_START.search(text) is not None and _CITATION.search(text) is None


def _opens(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _is_well_formed(text: str) -> bool:
    """Tell whether a text is a JSON value, or JSON lines: a whole object or array on each line."""
    if is_json(text):
        return True
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) > 1 and all(_opens(line) and is_json(line) for line in lines)


def fences_are_closed(text: str) -> bool:
    """Tell whether every fenced code block ends.

    Parameters
    ----------
    text : str
        Text without lone surrogates.

    Returns
    -------
    bool

    References
    ----------
    CommonMark 0.31, section 4.5.

    Examples
    --------
    >>> fences_are_closed("```\\nx\\n```"), fences_are_closed("```\\nx")
    (True, False)
    """
    if "```" not in text and "~~~" not in text:
        return True
    opened = ""
    lines = [line for line in text.split("\n") if "```" in line or "~~~" in line]
    for match in filter(None, map(_FENCE_LINE.search, lines)):
        fence, info = match.group(1), match.group(2).strip()
        if not opened:
            opened = fence
        elif fence[0] == opened[0] and len(fence) >= len(opened) and not info:
            opened = ""
    return not opened


FORMAT = Check(_NAME, _VERSION, judge, judge_many)
