"""The check as it was before: a peer to measure beside."""

from collections.abc import Sequence

import msgspec
import orjson
import re2

from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = ("format", "format-4")
_BROKEN = 0.3
_BARE = "(?:-?[0-9][0-9.eE+\\-]*|true|false|null)"
_JSON_START = re2.compile(
    f'^\\s*(?:\\{{\\s*(?:[\\"}}]|$)|\\[\\s*(?:[{{\\"\\]]|$|{_BARE}\\s*,|(?:\\[\\s*)+(?:[{{\\"\\]]|$|{_BARE}\\s*[,\\]])))'  # noqa: E501
)
_PYTHON_STRING = "'(?:[^'\\\\\\n]|\\\\.)*'"
_PYTHON_START = re2.compile(
    f"""^\\s*(?:\\[\\s*)*(?:\\{{\\s*(?:{_PYTHON_STRING}\\s*:|-?[0-9]+(?:\\.[0-9]+)?:\\s+(?:['\\"\\[{{(0-9\\-]|True|False|None))|\\[\\s*(?:{_PYTHON_STRING}\\s*(?:,|\\]+\\s*$)|(?:True|False|None)\\s*,))"""  # noqa: E501
)
_CITATION = re2.compile(
    "^\\s*(?:\\[{1,2}[^\\[\\]{}\\\"'\\n]*[^\\[\\]{}\\\"'\\s]\\]{1,2}[ \\t]*[\\p{L}\\p{N}(\\[:–—\\-]|(?:\\[[ \\t]*\\]|\\{[ \\t]*\\})[ \\t]+\\p{L})"  # noqa: E501
)
_JSON_FENCE = re2.compile("^\\s*```(?i:(json|jsonl|jsonlines|ndjson))?[ \\t]*\\n((?s:.*))\\n[ \\t]*```\\s*$")
_FENCE_LINE = re2.compile("(?m)^[ \\t>]*(?:[-*+] +|[0-9]+[.)] +)?(`{3,}|~{3,})([^`\\n]*)$")
_MARKDOWN = re2.compile(
    "(?m)^ {0,3}(?:```|~~~|#{1,6} |[-*+] |[0-9]{1,3}[.)] |> |\\|.*\\|)|\\*\\*[^*\\n]+\\*\\*|`[^`\\n]+`|\\[[^\\]\\n]+\\]\\([^)\\n]+\\)"  # noqa: E501
)


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    return _judged(response, None)


def judge_many(prompts: Sequence[str], responses: Sequence[str], context: Context) -> list[CheckResult]:
    return list(map(_judged, responses, matches(_MARKDOWN, responses)))


def is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return "infinity" in str(error) and _has_large_integers(text)
    return True


def _has_large_integers(text: str) -> bool:
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
        return ("empty", False)
    if starts_json(text) or _starts_python(text):
        return ("json", _is_well_formed(text))
    fenced = _fenced_json(text)
    if fenced is not None:
        return ("json", _is_well_formed(fenced))
    if not fences_are_closed(text):
        return ("markdown", False)
    found = _MARKDOWN.search(text) is not None if is_markdown is None else is_markdown
    return ("markdown" if found else "plain", True)


def _fenced_json(text: str) -> str | None:
    if "```" not in text:
        return None
    match = _JSON_FENCE.match(text)
    label, body = match.groups() if match else (None, "")
    is_meant = starts_json(body) or (label and _starts_python(body))
    return body if is_meant and "```" not in body else None


def starts_json(text: str) -> bool:
    return _opens(text) and _JSON_START.search(text) is not None and (_CITATION.search(text) is None)


def _starts_python(text: str) -> bool:
    return _opens(text) and _PYTHON_START.search(text) is not None and (_CITATION.search(text) is None)


def _opens(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _is_well_formed(text: str) -> bool:
    if is_json(text):
        return True
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) > 1 and all(_opens(line) and is_json(line) for line in lines)


def fences_are_closed(text: str) -> bool:
    if "```" not in text and "~~~" not in text:
        return True
    opened = ""
    for match in _FENCE_LINE.finditer(text):
        fence, info = (match.group(1), match.group(2).strip())
        if not opened:
            opened = fence
        elif fence[0] == opened[0] and len(fence) >= len(opened) and (not info):
            opened = ""
    return not opened


FORMAT = Check(_NAME, _VERSION, judge, judge_many)
