"""What is asked about one event, and the key of its content."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from feedback.endpoints.endpoints import Endpoint
from feedback.judging import prompts
from feedback.judging.masking import mask_of
from feedback.judging.prompts import Judged, Message
from feedback.models import Judge, RubricVersion
from feedback.rubrics.documents import as_document
from feedback.stores import pages
from feedback.stores.base import EventFilter

_COLUMNS = ["id", "prompt", "messages", "response", "response_message", "content_dropped"]


class NothingToJudge(Exception):
    """The event has no text that could be judged."""


@dataclass(frozen=True)
class Question:
    """The messages that ask about an event, and a key that is equal for equal questions to equal panels."""

    messages: list[Message]
    content_key: str


def question(judge: Judge, event_id: UUID, panel: Sequence[Endpoint]) -> Question | None:
    """What is asked about an event, None if it is not stored (any more). Raises NothingToJudge and TooLong."""
    found = pages.read(EventFilter(ids=[event_id], deployment_id=judge.deployment_id), _COLUMNS)
    if not found:
        return None
    if found[0]["content_dropped"]:
        raise NothingToJudge("The texts of this event are not stored.")
    said = prompts.judged(found[0], text=lambda text: mask_of(judge.deployment_id, text))
    messages = prompts.messages(judge.rubric_version, said, boundary=f"====={secrets.token_hex(16)}")
    return Question(messages, content_key(judge, panel, said))


def content_key(judge: Judge, panel: Sequence[Endpoint], said: Judged) -> str:
    """Equal for the same conversation, rubric, models, their parameters and the way of voting."""
    facts: dict[str, Any] = {
        "version": prompts.VERSION,
        "rubric": _asked_by(judge.rubric_version),
        "panel": [[one.base_url, one.model, one.parameters] for one in panel],
        "names": judge.endpoints if judge.weights else [],
        "weights": judge.weights,
        "voting": [judge.strategy, judge.execution_mode, judge.min_agreement, judge.min_confidence],
        "max_answer_tokens": judge.max_answer_tokens,
        "said": [said.turns, said.answer],
    }
    encoded = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(encoded.encode("utf-8", "surrogatepass")).hexdigest()


def _asked_by(rubric: RubricVersion) -> dict[str, Any]:
    return as_document(rubric) | {"version": rubric.version}
