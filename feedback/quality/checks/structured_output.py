"""Whether an answer has the structure that response_format asks for."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from feedback import exact_json
from feedback.quality.answers import Answer
from feedback.quality.checks.base import AnswerCheck
from feedback.quality.results import CheckResult
from feedback.tools.checking import judge_json
from feedback.tools.schemas import Schema, Unjudged

_NAME, _VERSION = "structured_output", "structured_output-1"
_JSON, _SCHEMA = "json_object", "json_schema"
_JSON_TYPES = frozenset((_JSON, "json", "application/json"))
_SCHEMA_KEYS = ("schema", "responseSchema", "response_schema", "responseJsonSchema", "response_json_schema")
_MEDIA_TYPE_KEYS = ("responseMimeType", "response_mime_type", "mimeType", "mime_type")
_KEPT = 64
_NOT_JSON = (msgspec.DecodeError, UnicodeEncodeError, exact_json.NumberOutOfRange, RecursionError)


def judge(answer: Answer) -> CheckResult | None:
    """Judge an answer by the structure that was asked for.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    CheckResult or None
        Score 1 if it fits, else 0. None where no JSON was asked for, and for a refusal or tool calls without text.
        details: `asked` ("json_object" or "json_schema"), `valid`, `unjudged` (why the schema gave no verdict, or "")
        and `problems`.

    Examples
    --------
    >>> judge(Answer('{"a": 1', response_format='{"type": "json_object"}')).details["problems"]
    [{'code': 'not_json'}]
    >>> judge(Answer("Hello")) is None
    True
    """
    if not answer.response_format or not answer.is_prose or answer.is_refusal:
        return None
    asked, schema = asked_for(answer.response_format)
    if not asked:
        return None
    try:
        value = exact_json.decode(answer.text)
    except _NOT_JSON:
        return _result(asked, [{"code": "not_json"}])
    if asked == _JSON:
        return _result(asked, [] if isinstance(value, dict) else [{"code": "not_object"}])
    if isinstance(schema, str):
        return _result(asked, [], schema)
    violations, unjudged = judge_json(value, schema)
    return _result(asked, [_shown(one.keyword, one.path, one.names) for one in violations], unjudged)


def may_apply(answers: Sequence[Answer]) -> list[bool]:
    """Tell to which answers a response_format belongs.

    Parameters
    ----------
    answers : sequence of Answer

    Returns
    -------
    list of bool

    Examples
    --------
    >>> may_apply([Answer("Hello"), Answer("{}", response_format='{"type": "json_object"}')])
    [False, True]
    """
    return [bool(answer.response_format) for answer in answers]


@lru_cache(maxsize=_KEPT)
def asked_for(response_format: str) -> tuple[str, Schema | str | None]:
    """Read what a response_format asks for: that of OpenAI, Anthropic or Gemini, or a JSON Schema itself.

    Parameters
    ----------
    response_format : str
        JSON text, or a bare word.

    Returns
    -------
    asked : str
        "json_object", "json_schema", or "" for anything else, such as text.
    schema : Schema, str or None
        Ready to judge, or why it gives no verdict.

    Examples
    --------
    >>> asked_for('{"type": "json_object"}'), asked_for('{"type": "text"}')
    (('json_object', None), ('', None))
    """
    try:
        value = exact_json.decode(response_format)
    except _NOT_JSON:
        value = response_format.strip()
    if isinstance(value, str):
        return (_JSON if value in _JSON_TYPES else ""), None
    if not isinstance(value, dict):
        return "", None
    schema = _schema_in(value)
    if schema is None:
        kinds = {value.get("type"), *(value.get(key) for key in _MEDIA_TYPE_KEYS)} if _is_flat(value) else set()
        return (_JSON if kinds & _JSON_TYPES else ""), None
    try:
        return _SCHEMA, Schema(schema)
    except Unjudged as error:
        return _SCHEMA, error.reason


def _schema_in(value: Mapping[str, Any]) -> dict[str, Any] | None:
    wrapped = value.get("json_schema")
    for held in (wrapped, value):
        if isinstance(held, dict):
            for key in _SCHEMA_KEYS:
                if isinstance(held.get(key), dict):
                    return dict(held[key])
    return dict(value) if value.get("type") == "object" and isinstance(value.get("properties"), dict) else None


def _is_flat(value: Mapping[str, Any]) -> bool:
    return all(isinstance(value.get(key, ""), str) for key in ("type", *_MEDIA_TYPE_KEYS))


def _shown(keyword: str, path: str, names: tuple[str, ...]) -> dict[str, Any]:
    optional = {"path": path, "names": list(names)}
    return {"code": "schema", "keyword": keyword} | {key: held for key, held in optional.items() if held}


def _result(asked: str, problems: list[dict[str, Any]], unjudged: str = "") -> CheckResult:
    valid = not problems
    details = {"asked": asked, "valid": valid, "unjudged": unjudged, "problems": problems}
    return CheckResult(_NAME, float(valid), valid, details, _VERSION)


STRUCTURED_OUTPUT = AnswerCheck(_NAME, _VERSION, judge, may_apply)
