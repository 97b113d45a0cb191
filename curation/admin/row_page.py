"""What the pages of an example and of a pair show: the conversation, and the answers to it."""

from dataclasses import dataclass
from typing import Any

from curation.models import CuratedExample, CuratedPair
from feedback import exact_json
from feedback.admin.readable import Page, Text

# The text of an answer, and the message that it is if it is more.
Answer = tuple[str, dict[str, Any] | None]


@dataclass(frozen=True)
class Turn:
    """A message: its role, its text, and what it has besides, such as tool calls."""

    role: str
    text: Text | None
    other: Text | None = None


def of_example(row: CuratedExample) -> dict:
    page = Page()
    answers = [_turn(page, "response", row.response, row.response_message)]
    if row.edited_response:
        answers.append(Turn("edited response", page.text(row.edited_response)))
    return {"turns": _conversation(page, row), "answers": answers}


def of_pair(row: CuratedPair) -> dict:
    page = Page()
    chosen = _turn(page, "chosen", row.chosen, row.chosen_message)
    rejected = _turn(page, "rejected", row.rejected, row.rejected_message)
    return {"turns": _conversation(page, row), "chosen": chosen, "rejected": rejected}


def of_comparison(row: CuratedExample, a: Answer, b: Answer) -> dict:
    """The conversation of a row and two answers to it, each a text and a message."""
    page = Page()
    return {"turns": _conversation(page, row), "a": _turn(page, "A", *a), "b": _turn(page, "B", *b)}


def _conversation(page: Page, row: CuratedExample | CuratedPair) -> list[Turn]:
    if not row.messages:
        return [_turn(page, "user", row.prompt, None)]
    return [_turn(page, message["role"], "", message) for message in row.messages]


def _turn(page: Page, role: str, text: str, message: dict[str, Any] | None) -> Turn:
    said = dict(message or {})
    said.pop("role", None)
    content = said.get("content")
    if isinstance(content, str):
        text = said.pop("content")
    elif content is None:
        said.pop("content", None)
    other = page.json(exact_json.encode(said).decode()) if said else None
    return Turn(role, page.text(text) if text else None, other)
