"""The check as it was before: a peer to measure beside."""

from collections.abc import Sequence
from functools import lru_cache

import orjson
import re2

from benchmarks.former_checks.format import fences_are_closed, starts_json
from feedback.quality.answers import Answer
from feedback.quality.checks.base import AnswerCheck
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = ("truncation", "truncation-1")
_CUT_OFF = frozenset(
    (
        *("length", "max_tokens", "max_output_tokens", "max_new_tokens", "max_completion_tokens", "max_length"),
        *("token_limit", "model_length", "model_context_window_exceeded", "context_length_exceeded", "incomplete"),
        *("truncated", "length_capped", "max_tokens_reached", "context_window_exceeded"),
    )
)
_WRAPPING = "answer|response|result|output|final|final_answer|solution|summary|tool_calls?|tool_use|function_calls?|function|invoke|json|xml|code|artifact|antArtifact|document|html|body|head|svg|table|div|ul|ol|script|style|think|thinking"  # noqa: E501
_OPENED = re2.compile(f"^\\s*<({_WRAPPING})(?:\\s[^<>]*)?>")
_PARTIAL_TAG = re2.compile("(?:</[A-Za-z][\\w:-]*|<\\|[a-z_]*\\|?)$")
_POSSIBLE = re2.compile(f"^\\s*[{{\\[]|```|~~~|^\\s*<(?:{_WRAPPING})|(?:</[A-Za-z][\\w:-]*|<\\|[a-z_]*\\|?)$")


def judge(answer: Answer) -> CheckResult | None:
    signs = signs_of(answer)
    return CheckResult(_NAME, 0.0, False, {"signs": signs}, _VERSION) if signs else None


def may_apply(answers: Sequence[Answer]) -> list[bool]:
    possible = matches(_POSSIBLE, [answer.text for answer in answers])
    return [found or _is_bound(answer.finish_reason) for answer, found in zip(answers, possible, strict=True)]


def signs_of(answer: Answer) -> list[str]:
    text = answer.text
    found = {
        "finish_reason": _is_bound(answer.finish_reason),
        "code_block": not fences_are_closed(text),
        "json": starts_json(text) and _ends_within_json(text),
        "tag": _ends_within_tag(text),
    }
    return [sign for sign, applies in found.items() if applies]


@lru_cache(maxsize=1000)
def _is_bound(finish_reason: str | None) -> bool:
    return (finish_reason or "").rpartition(".")[2].strip().lower().replace("-", "_").replace(" ", "_") in _CUT_OFF


def _ends_within_json(text: str) -> bool:
    lines = text.rstrip().rpartition("\n")
    return _is_cut_off(text) or (starts_json(lines[2]) and _is_cut_off(lines[2]))


def _is_cut_off(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return "unexpected end of data" in str(error)
    return False


def _ends_within_tag(text: str) -> bool:
    if _PARTIAL_TAG.search(text.rstrip()):
        return True
    opened = _OPENED.search(text)
    return opened is not None and f"</{opened[1]}" not in text and (not text.rstrip().endswith("/>"))


TRUNCATION = AnswerCheck(_NAME, _VERSION, judge, may_apply)
