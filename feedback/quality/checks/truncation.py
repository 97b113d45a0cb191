"""Whether an answer was cut off."""

import re
from collections.abc import Sequence
from functools import lru_cache

import orjson
import re2

from feedback.quality.answers import Answer
from feedback.quality.checks.base import AnswerCheck
from feedback.quality.checks.format import fences_are_closed, starts_json
from feedback.quality.results import CheckResult

_NAME, _VERSION = "truncation", "truncation-1"
# As OpenAI, Anthropic, Gemini, Cohere, Mistral, Hugging Face and others say that the bound on tokens was reached.
_CUT_OFF = frozenset(
    (
        *("length", "max_tokens", "max_output_tokens", "max_new_tokens", "max_completion_tokens", "max_length"),
        *("token_limit", "model_length", "model_context_window_exceeded", "context_length_exceeded", "incomplete"),
        *("truncated", "length_capped", "max_tokens_reached", "context_window_exceeded"),
    )
)
# Elements that wrap a whole answer; HTML lets others stay open.
_WRAPPING = (
    r"answer|response|result|output|final|final_answer|solution|summary|tool_calls?|tool_use|function_calls?|function"
    r"|invoke|json|xml|code|artifact|antArtifact|document|html|body|head|svg|table|div|ul|ol|script|style|think|thinking"
)
_OPENED = re2.compile(rf"^\s*<({_WRAPPING})(?:\s[^<>]*)?>")
_PARTIAL_TAG = re.compile(r"^(?:</[A-Za-z][\w:-]*+|<\|[a-z_]*+\|?)$")


def judge(answer: Answer) -> CheckResult | None:
    """Judge whether an answer was cut off.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    CheckResult or None
        Score 0 for an answer that was cut off, and None for any other. details: its `signs`: "finish_reason",
        "code_block", "json" or "tag".

    Examples
    --------
    >>> judge(Answer("It is in", finish_reason="length")).details
    {'signs': ['finish_reason']}
    >>> judge(Answer('{"city": "Par')).details["signs"], judge(Answer("Paris.")) is None
    (['json'], True)
    """
    signs = signs_of(answer)
    return CheckResult(_NAME, 0.0, False, {"signs": signs}, _VERSION) if signs else None


def may_apply(answers: Sequence[Answer]) -> list[bool]:
    """Tell which answers reached a bound or have anything that may be left open.

    Parameters
    ----------
    answers : sequence of Answer

    Returns
    -------
    list of bool

    Examples
    --------
    >>> may_apply([Answer("Hello", finish_reason="stop"), Answer("Hello", finish_reason="length"), Answer("```")])
    [False, True, True]
    """
    return [_is_bound(answer.finish_reason) or _has_opened(answer.text) for answer in answers]


def _has_opened(text: str) -> bool:
    """Whether anything may be left open."""
    return "```" in text or "~~~" in text or text.lstrip()[:1] in ("{", "[", "<") or _ends_within_mark(text)


def signs_of(answer: Answer) -> list[str]:
    """List what shows that an answer was cut off.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    list of str
        "finish_reason", "code_block", "json" and "tag", in this order.

    Examples
    --------
    >>> signs_of(Answer("<answer>It is", finish_reason="MAX_TOKENS"))
    ['finish_reason', 'tag']
    """
    text = answer.text
    found = {
        "finish_reason": _is_bound(answer.finish_reason),
        "code_block": not fences_are_closed(text),
        "json": starts_json(text) and _ends_within_json(text),
        "tag": _ends_within_tag(text),
    }
    return [sign for sign, applies in found.items() if applies]


@lru_cache(maxsize=1_000)
def _is_bound(finish_reason: str | None) -> bool:
    """Whether it is the bound on tokens, also as the name of a constant, such as FinishReason.MAX_TOKENS."""
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
    if _ends_within_mark(text.rstrip()):
        return True
    opened = _OPENED.search(text) if text.lstrip()[:1] == "<" else None
    return opened is not None and f"</{opened[1]}" not in text and not text.rstrip().endswith("/>")


def _ends_within_mark(text: str) -> bool:
    last = text.rfind("<")
    return last >= 0 and _PARTIAL_TAG.search(text[last:]) is not None


TRUNCATION = AnswerCheck(_NAME, _VERSION, judge, may_apply)
