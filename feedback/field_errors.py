"""An error in one field of a request."""

from dataclasses import dataclass

MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class FieldError:
    field: str
    code: str
    message: str


def printable(text: str, *, most: int = MAX_NAME_CHARACTERS) -> str:
    """Client text that is safe to send back: lone surrogates are escaped, and it is cut after `most` characters."""
    if len(text) > most:
        text = f"{text[: most - 1]}…"
    return text.encode("utf-8", "backslashreplace").decode()
