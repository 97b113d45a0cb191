"""What a new version of a prompt has, and what is wrong with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from feedback.field_errors import FieldError, printable
from feedback.identifiers import PROMPT_LABEL
from feedback.prompts import filling

MOST_CHARACTERS, MOST_MESSAGES, MOST_VARIABLES, MOST_VERSIONS = 100_000, 100, 100, 200
MOST_NOTES, MOST_DESCRIPTION = 2_000, 500
ROLES = ("system", "developer", "user", "assistant")
LABEL_FORM = "1 to 64 letters, digits and _ . : @ + -, the first a letter, digit or _"


class InvalidPrompt(Exception):
    """Fields of a prompt or a version that are wrong."""

    def __init__(self, errors: Sequence[FieldError]):
        super().__init__(" ".join(f"{error.field}: {error.message}." for error in errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Draft:
    """A version before it is stored. messages: objects with role and content, instead of a text.

    variables: those that are declared; None declares those that the texts use.
    """

    version: str
    text: str = ""
    messages: Sequence[Any] | None = None
    variables: Sequence[str] | None = None
    notes: str = ""

    @property
    def texts(self) -> list[str]:
        return texts_of(self.text, self.messages)


def texts_of(text: str, messages: Sequence[Any] | None) -> list[str]:
    """The texts of a version that is valid."""
    return [text] if messages is None else [message["content"] for message in messages]


def used_variables(texts: Iterable[str]) -> list[str]:
    """The variables of several texts, each once, in the order of their first use. Raises InvalidText."""
    return list(dict.fromkeys(name for text in texts for name in filling.variables_of(text)))


def checked(draft: Draft) -> list[str]:
    """The variables of a draft. Raises InvalidPrompt."""
    if errors := list(problems(draft)):
        raise InvalidPrompt(errors)
    return used_variables(draft.texts) if draft.variables is None else list(draft.variables)


def problems(draft: Draft) -> Iterator[FieldError]:
    """Everything that is wrong with a draft by itself."""
    yield from label_problems("version", draft.version)
    if len(draft.notes) > MOST_NOTES:
        yield FieldError("notes", "too_long", f"At most {MOST_NOTES:,} characters")
    found = list(_content_problems(draft))
    yield from found or _variable_problems(draft)


def label_problems(field: str, label: str) -> Iterator[FieldError]:
    if not PROMPT_LABEL.fullmatch(label):
        yield FieldError(field, "invalid", f"{printable(label) or 'An empty text'} is not allowed: {LABEL_FORM}")


def _content_problems(draft: Draft) -> Iterator[FieldError]:
    if bool(draft.text) == (draft.messages is not None):
        yield FieldError("text", "required", "A version has either a text or messages")
        return
    field = "text" if draft.messages is None else "messages"
    if draft.messages is not None:
        shapes = list(_message_problems(draft.messages))
        yield from shapes
        if shapes:
            return
    if sum(map(len, draft.texts)) > MOST_CHARACTERS:
        yield FieldError(field, "too_long", f"At most {MOST_CHARACTERS:,} characters")
    elif any("\0" in text for text in draft.texts):
        yield FieldError(field, "invalid", "Null characters are not allowed")
    elif not _is_unicode(draft.texts):
        yield FieldError(field, "invalid", "A character is half of a surrogate pair")


def _is_unicode(texts: Iterable[str]) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _message_problems(messages: Sequence[Any]) -> Iterator[FieldError]:
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        yield FieldError("messages", "invalid", f"Messages are a list of 1 to {MOST_MESSAGES}")
        return
    for position, message in enumerate(messages):
        is_message = isinstance(message, dict) and message.keys() == {"role", "content"}
        if not is_message or message["role"] not in ROLES or not isinstance(message["content"], str):
            words = f"A message has a role ({', '.join(ROLES)}) and content, which is text, and nothing else"
            yield FieldError(f"messages.{position}", "invalid", words)


def _variable_problems(draft: Draft) -> Iterator[FieldError]:
    field = "text" if draft.messages is None else "messages"
    try:
        used = used_variables(draft.texts)
    except filling.InvalidText as error:
        yield FieldError(field, "invalid", printable(str(error), most=300))
        return
    if len(used) > MOST_VARIABLES:
        yield FieldError(field, "too_many", f"At most {MOST_VARIABLES} variables")
    declared = used if draft.variables is None else list(draft.variables)
    if len(set(declared)) < len(declared):
        yield FieldError("variables", "duplicate", "A variable is declared twice")
    if undeclared := [name for name in used if name not in declared]:
        yield FieldError("variables", "missing", f"The text uses {', '.join(undeclared)} without declaring it")
    if unused := [printable(name) for name in declared if name not in used]:
        yield FieldError("variables", "unknown", f"The text does not use {', '.join(unused)}")
