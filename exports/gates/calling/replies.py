"""Reads the body of a chat completion. Any body results in a reply."""

from dataclasses import dataclass
from typing import Any

import msgspec

from exports.choices import GateOutcome
from feedback.conversations.reasoning import separate

MOST_CHARACTERS = 1_000_000
MOST_TOKENS = 10_000_000
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Reply:
    """What came of one question.

    tokens: of question and answer, estimated where the server does not count. reason: why an answer is missing.
    is_down: whether the server could not answer at all, rather than this question alone.
    """

    outcome: GateOutcome
    text: str = ""
    tokens: int = 0
    reason: str = ""
    is_down: bool = False


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


def missing(reason: str, *, is_down: bool = False) -> Reply:
    return Reply(GateOutcome.MISSING, reason=reason, is_down=is_down)


def read(body: bytes, *, asked: int) -> Reply:
    """The reply of a 200; asked: estimated tokens of the question, for a server that does not count."""
    try:
        completion = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return missing("The response is not a chat completion.")
    if not completion.choices:
        return missing("The response has no choice.")
    written = completion.choices[0].message.written()
    if len(written) > MOST_CHARACTERS:
        return missing(f"The answer has more than {MOST_CHARACTERS:,} characters.")
    text = separate(written)[1].replace("\0", "\ufffd")
    tokens = _counted(completion.usage) or asked + estimate(len(written))
    return Reply(GateOutcome.ANSWERED if text.strip() else GateOutcome.EMPTY, text, tokens)


def _counted(usage: Any) -> int:
    """The tokens that a server counted, 0 if it does not say."""
    counted = usage.get("total_tokens") if isinstance(usage, dict) else None
    return counted if isinstance(counted, int) and 0 < counted <= MOST_TOKENS else 0
