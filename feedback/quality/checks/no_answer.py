"""Whether what was stored as an answer is none: an empty value, an error of a server, or a stack trace."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import re2

from feedback.quality.answers import Answer
from feedback.quality.checks import structured_output
from feedback.quality.checks.base import AnswerCheck
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = "no_answer", "no_answer-1"
_LONGEST = 100_000
_NOTHING = (
    r"(?i)^\s*[\"'`]?(?:null|none|undefined|nil|\(null\)|<nil>|<null>|<none>|<no value>"
    r"|(?:\[object \w+\][\s,]*)+)[\"'`]?\s*$"
    r"|^\s*<(?:[\w.]+ object at 0x[0-9a-fA-F]+"
    r"|(?:coroutine|generator|async_generator|function|bound method)[^<>\n]*)>\s*$"
)
_STATUS = (
    r"(?:bad gateway|gateway time-?out|service (?:temporarily )?unavailable|internal server error|too many requests"
    r"|upstream request timeout|no healthy upstream|request time-?out|origin (?:is unreachable|dns error)"
    r"|web server is (?:down|returning an unknown error)|connection timed out|a timeout occurred)"
)
_PAGE = re2.compile(
    rf"(?is)^\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype html[^>]*>\s*)?<html.*?<(?:title|h1)[^>]*>[^<]*"
    rf"(?:\b5[0-9][0-9]\b|\b429\b|{_STATUS})[^<]*</(?:title|h1)>"
    r"|^\s*(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>"
)
_GATEWAY = (
    rf"(?i)^\s*(?:http/[0-9.]+ )?(?:error:? ?)?(?:(?:[45][0-9][0-9]\b[ :-]*)?{_STATUS}"
    r"|error code: ?[0-9]{3,4})[\s.!]*$"
    r"|^\s*upstream connect error or disconnect/reset before headers|^\s*(?:stream timeout|rst_stream)\s*$"
    r"|^\s*[Ee]rror code: [45][0-9][0-9] - [{'\"]|^\s*(?:Error: )?Request failed with status code [45][0-9][0-9]\s*$"
    r"|^\s*(?:\w+\.)*(?:RateLimitError|APIConnectionError|APITimeoutError|APIStatusError|APIError|InternalServerError"
    r"|ServiceUnavailableError|AuthenticationError|BadRequestError|OverloadedError|HTTPError|ConnectError"
    r"|ConnectionError|ReadTimeout|ConnectTimeout|TimeoutError)(?::|\(['\"])"
    r"|^\s*HTTPS?ConnectionPool\(host="
)
_TRACE = (
    r"^\s*Traceback \(most recent call last\):\n|^\s*(?:Exception in thread [^\n]*?\s)?(?:[\w$]+\.)*[\w$]*"
    r"(?:Exception|Error)\b[^\n]*\n\s+at [^\n]*|^\s*panic: [^\n]*\n(?:[^\n]*\n){0,3}\n?goroutine [0-9]+ \["
)
_PLAIN = {"nothing": re2.compile(_NOTHING), "gateway": re2.compile(_GATEWAY), "stack_trace": re2.compile(_TRACE)}
_POSSIBLE = re2.compile(rf"{_NOTHING}|{_GATEWAY}|{_TRACE}|(?i)^\s*(?:<\?xml|<!doctype html|<html|<error>)|^\s*\{{")
# Lines of a stack trace; all others are prose.
_TRACE_LINE = re2.compile(
    r"^(?:\s+.*|Traceback .*|[\w$.]*(?:Exception|Error|Exit|Interrupt|Warning)\b.*|(?:Caused by|panic|goroutine"
    r"|During handling|The above exception|created by|exit status|Exception in thread)\b.*"
    r"|[\w./*()]+\(.*\)|\[signal .*)?$"
)
_ERROR_KEYS = frozenset(
    (
        *("error", "message", "detail", "details", "title", "type", "status", "statusCode", "status_code"),
        *("code", "param", "path", "timestamp", "request_id", "requestId", "trace_id", "traceId", "success", "ok"),
        *(
            "error_description",
            "error_code",
            "errorCode",
            "errorMessage",
            "errorType",
            "stackTrace",
            "instance",
            "fault",
        ),
        *("object", "id", "reason", "retry_after", "documentation_url", "Message", "__type"),
    )
)
_ERROR_SIGNS = ("error", "errorMessage", "error_description", "fault")
_ERROR_MESSAGES = re2.compile(rf"(?i)^(?:{_STATUS}|not found|unauthorized|forbidden|endpoint request timed out)\.?$")


def judge(answer: Answer) -> CheckResult | None:
    """Judge whether an answer is one.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    CheckResult or None
        Score 0 for what is no answer, and None for anything else. details: `kind`: "nothing" (null, None, undefined,
        [object Object]), "error_page", "error_body" (JSON), "gateway" (the message of a proxy or a client library) or
        "stack_trace".

    Examples
    --------
    >>> judge(Answer("[object Object]")).details, judge(Answer("None of them.")) is None
    ({'kind': 'nothing'}, True)
    >>> judge(Answer('{"error": {"message": "Overloaded", "type": "server_error"}}')).details
    {'kind': 'error_body'}
    """
    kind = kind_of(answer)
    return CheckResult(_NAME, 0.0, False, {"kind": kind}, _VERSION) if kind else None


def may_apply(answers: Sequence[Answer]) -> list[bool]:
    """Tell which answers begin like something that is none.

    Parameters
    ----------
    answers : sequence of Answer

    Returns
    -------
    list of bool

    Examples
    --------
    >>> may_apply([Answer("Hello"), Answer("null")])
    [False, True]
    """
    return matches(_POSSIBLE, [answer.text[:_LONGEST] for answer in answers])


def kind_of(answer: Answer) -> str:
    """Name what an answer is instead of one.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    str
        "" for an answer.

    Examples
    --------
    >>> kind_of(Answer("<html><head><title>502 Bad Gateway</title></head></html>"))
    'error_page'
    """
    text = answer.text
    if not text or len(text) > _LONGEST or not answer.is_prose or _is_as_asked(answer):
        return ""
    if text.lstrip()[:1] == "{":
        return "error_body" if _is_error_body(text) else ""
    if _PAGE.search(text):
        return "error_page"
    kind = next((name for name, expression in _PLAIN.items() if expression.search(text)), "")
    return "" if kind == "stack_trace" and not _is_all_trace(text) else kind


def _is_as_asked(answer: Answer) -> bool:
    if not answer.response_format:
        return False
    result = structured_output.judge(answer)
    return result is not None and result.passed and result.details["asked"] == "json_schema"


def _is_error_body(text: str) -> bool:
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(body, dict) or not body or not body.keys() <= _ERROR_KEYS:
        return False
    return any(_is_filled(body.get(key)) for key in _ERROR_SIGNS) or _says_error(body)


def _is_filled(value: Any) -> bool:
    return isinstance(value, str | dict | list) and bool(value) or value is True


def _says_error(body: Mapping[str, Any]) -> bool:
    """Whether a body without a key for errors says one: {"message": "Internal Server Error"}."""
    texts = [body.get(key) for key in ("message", "Message", "detail", "title")]
    return any(isinstance(text, str) and _ERROR_MESSAGES.search(text) for text in texts)


def _is_all_trace(text: str) -> bool:
    return all(_TRACE_LINE.search(line) for line in text.strip().split("\n"))


NO_ANSWER = AnswerCheck(_NAME, _VERSION, judge, may_apply)
