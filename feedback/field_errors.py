"""What is wrong with one field of what a client sent."""

from dataclasses import dataclass

MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class FieldError:
    field: str
    code: str
    message: str


def printable(text: str, *, most: int = MAX_NAME_CHARACTERS) -> str:
    """What a client sent, fit to be sent back: half surrogate pairs spelled out, cut after `most` characters."""
    if len(text) > most:
        text = f"{text[: most - 1]}…"
    return text.encode("utf-8", "backslashreplace").decode()
