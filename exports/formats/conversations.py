"""From an example to the messages that a trainer reads."""

from exports.formats.example import TrainingExample

ASKING_ROLES = ("user", "tool")


def context(example: TrainingExample) -> list[dict]:
    """The conversation up to and with the last turn of the user or a tool: what the answer answers."""
    messages = example.messages or []
    last = max((index for index, message in enumerate(messages) if message["role"] in ASKING_ROLES), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": example.prompt}]
    return messages[: last + 1]


def turn(content: str) -> dict:
    return {"role": "assistant", "content": content}
