"""Reads the body of a chat completion. Any body results in a reply."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from feedback.conversations.reasoning import separate

MOST_CHARACTERS = 1_000_000
MOST_TOKENS = 10_000_000
CHARACTERS_PER_TOKEN = 4


class ReplyOutcome(StrEnum):
    """What came of one question."""

    ANSWERED = "answered"
    EMPTY = "empty"
    MISSING = "missing"


@dataclass(frozen=True)
class Reply:
    """What came of one question.

    prompt_tokens, completion_tokens: estimated where the server does not count. reason: why an answer is missing.
    is_down: whether the server could not answer at all, rather than this question alone. status: of the HTTP response,
    0 without one.
    """

    outcome: ReplyOutcome
    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reason: str = ""
    is_down: bool = False
    status: int = 0

    @property
    def tokens(self) -> int:
        """Of question and answer."""
        return self.prompt_tokens + self.completion_tokens


class _Part(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None

    def written(self) -> str:
        """The text of the answer, else the model's refusal."""
        content = self.content or ""
        if isinstance(content, list):
            content = "".join(part.text for part in content if part.type == "text")
        return content or self.refusal or ""


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: Any = None


_DECODER = msgspec.json.Decoder(_Completion)


def estimate(characters: int) -> int:
    """About how many tokens so many characters are."""
    return characters // CHARACTERS_PER_TOKEN + 1


def missing(reason: str, *, is_down: bool = False, status: int = 0) -> Reply:
    return Reply(ReplyOutcome.MISSING, reason=reason, is_down=is_down, status=status)


def read(body: bytes, *, asked: int) -> Reply:
    """The reply of a 200; asked: estimated tokens of the question, for a server that does not count."""
    try:
        completion = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return missing("The response is not a chat completion.", status=200)
    if not completion.choices:
        return missing("The response has no choice.", status=200)
    written = completion.choices[0].message.written()
    if len(written) > MOST_CHARACTERS:
        return missing(f"The answer has more than {MOST_CHARACTERS:,} characters.", status=200)
    text = separate(written)[1].replace("\0", "\ufffd")
    prompt_tokens, completion_tokens = _counted(completion.usage) or (asked, estimate(len(written)))
    outcome = ReplyOutcome.ANSWERED if text.strip() else ReplyOutcome.EMPTY
    return Reply(outcome, text, prompt_tokens, completion_tokens, status=200)


def _counted(usage: Any) -> tuple[int, int] | None:
    """The tokens of question and answer that a server counted, None if it does not say."""
    if not isinstance(usage, dict):
        return None
    total, answered = _number(usage, "total_tokens"), _number(usage, "completion_tokens")
    asked = _number(usage, "prompt_tokens") or max(0, total - answered)
    # Some servers count reasoning in the total alone.
    answered = max(answered, total - asked)
    return (asked, answered) if asked + answered else None


def _number(usage: dict, name: str) -> int:
    counted = usage.get(name)
    return counted if isinstance(counted, int) and 0 < counted <= MOST_TOKENS else 0
