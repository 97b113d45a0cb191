import orjson
import re2

_JSON_START = re2.compile(r"^\s*(?:\{\s*(?:[\"}]|$)|\[\s*(?:[\[{\"\]]|$|(?:-?[0-9][0-9.eE+\-]*|true|false|null)\s*,))")
_JSON_FENCE = re2.compile(r"^\s*```(?i:json)?[ \t]*\n((?s:.*))\n[ \t]*```\s*$")
_FENCE_LINE = re2.compile(r"(?m)^[ \t>]*(?:[-*+] +|[0-9]+[.)] +)?(`{3,}|~{3,})([^`\n]*)$")
MARKDOWN = (
    r"(?m)^ {0,3}(?:```|~~~|#{1,6} |[-*+] |[0-9]{1,3}[.)] |> |\|.*\|)|\*\*[^*\n]+\*\*|`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)"
)
_MARKDOWN = re2.compile(MARKDOWN)


def is_json(text: str) -> bool:
    """Tell whether the whole text is one JSON value. Source: RFC 8259, without NaN, infinities and lone surrogates."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def fenced_json(text: str) -> str | None:
    """Return the body of a response that is nothing but one fenced JSON block."""
    if "```" not in text:
        return None
    match = _JSON_FENCE.match(text)
    body = match.group(1) if match else ""
    return body if starts_json(body) and "```" not in body else None


def starts_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and _JSON_START.search(text) is not None


def has_markdown(text: str) -> bool:
    return _MARKDOWN.search(text) is not None


def fences_are_closed(text: str) -> bool:
    """Tell whether every fenced code block ends. Source: CommonMark 0.31, section 4.5."""
    if "```" not in text and "~~~" not in text:
        return True
    opened = ""
    for match in _FENCE_LINE.finditer(text):
        fence, info = match.group(1), match.group(2).strip()
        if not opened:
            opened = fence
        elif fence[0] == opened[0] and len(fence) >= len(opened) and not info:
            opened = ""
    return not opened
