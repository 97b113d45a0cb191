"""What a format reads of a curated example."""

from typing import Protocol
from uuid import UUID


class TrainingExample(Protocol):
    """A prompt with its answer, the user's edit if there is one, and why it is in the set."""

    event_id: UUID
    prompt: str
    response: str
    edited_response: str
    messages: list[dict] | None
    strategy: str
    score: float
