"""Which version of a prompt a request gets: named by the request, else by the prompt, else by the installation."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from feedback.choices import ChosenBy
from feedback.field_errors import printable
from feedback.models import ApiKey, Prompt, PromptVersion
from feedback.prompts import drafts, filling, rotation
from feedback.prompts.registry import stored_parts
from feedback.prompts.rotation import InvalidRotation, Part

# What a prompt has that is asked for nothing and configured nowhere.
FALLBACK = "v1"
# A short text may repeat a variable with a long value.
MOST_FILLED = 1_000_000
_RANDOM = random.SystemRandom()


class PromptNotFound(LookupError):
    """A prompt or a version that does not exist."""


class AmbiguousPrompt(Exception):
    """Several deployments of a key have a prompt of this name."""

    def __init__(self, name: str):
        super().__init__(f"Several deployments have a prompt {name}: name one")


class InvalidVersions(ValueError):
    """A request for versions that is no rotation."""


class TooLong(ValueError):
    """A text that its values make too long."""


class InvalidSetting(Exception):
    """DEFAULT_PROMPT_VERSION is no rotation."""


@dataclass(frozen=True)
class Resolved:
    """What a request gets. is_filled: whether variables were replaced; is_stable: whether the same request gets the
    same version until the prompt is changed.
    """

    prompt: Prompt
    version: PromptVersion
    chosen_by: ChosenBy
    text: str | None
    messages: list[dict[str, Any]] | None
    is_filled: bool
    is_stable: bool


def find(key: ApiKey, name: str, *, deployment_id: str = "") -> Prompt:
    """The prompt of this name that a key may see. Raises PromptNotFound and AmbiguousPrompt."""
    named = Prompt.objects.visible_to(key).named(name)
    found = list((named.of_deployment(deployment_id) if deployment_id else named)[:2])
    if not found:
        where = f" in deployment {printable(deployment_id)}" if deployment_id else ""
        raise PromptNotFound(f"There is no prompt {printable(name)}{where}.")
    if len(found) > 1:
        raise AmbiguousPrompt(name)
    return found[0]


def resolve(
    prompt: Prompt,
    *,
    wanted: str = "",
    subject: str | None = None,
    values: Mapping[str, str] | None = None,
    rng: random.Random = _RANDOM,
) -> Resolved:
    """The version and text for one request.

    wanted: a version, or several as `rotation.parse` reads them. values: of the variables; None leaves them in the
    text. Raises PromptNotFound, InvalidVersions, InvalidValues, TooLong and InvalidSetting.
    """
    parts, chosen_by = _wanted(prompt, wanted) if wanted else _served(prompt)
    salt = f"{prompt.deployment_id}/{prompt.name}"
    label = rotation.choose(parts, salt=salt, subject=subject, rng=rng) if len(parts) > 1 else parts[0].version
    version = prompt.versions.get(label=label)
    if values is not None:
        _check_values(version, values)
    text, messages = _content(version, values)
    return Resolved(
        prompt, version, chosen_by, text, messages, values is not None, is_stable=len(parts) == 1 or subject is not None
    )


def of_setting() -> tuple[Part, ...]:
    """What the installation serves of a prompt without a choice of its own. Raises InvalidSetting."""
    try:
        return rotation.parse(settings.DEFAULT_PROMPT_VERSION)
    except InvalidRotation as error:
        raise InvalidSetting(f"DEFAULT_PROMPT_VERSION: {error}") from error


def _wanted(prompt: Prompt, wanted: str) -> tuple[tuple[Part, ...], ChosenBy]:
    try:
        parts = rotation.parse(wanted)
    except InvalidRotation as error:
        raise InvalidVersions(str(error)) from error
    labels = [part.version for part in parts]
    known = set(prompt.versions.labelled(*labels).labels())
    if missing := [label for label in labels if label not in known]:
        raise PromptNotFound(f"Prompt {prompt.name} has no version {', '.join(missing)}.")
    return parts, ChosenBy.REQUEST


def _served(prompt: Prompt) -> tuple[tuple[Part, ...], ChosenBy]:
    """What is served to a request that names no version: the rotation, the default, the setting's, or v1."""
    if prompt.rotation:
        return stored_parts(prompt.rotation), ChosenBy.ROTATION
    if prompt.default_version:
        return rotation.parts_of([(prompt.default_version, None)]), ChosenBy.DEFAULT
    parts = of_setting()
    usable = set(prompt.versions.usable().labelled(FALLBACK, *(part.version for part in parts)).labels())
    if usable >= {part.version for part in parts}:
        return parts, ChosenBy.SETTING
    if FALLBACK in usable:
        return rotation.parts_of([(FALLBACK, None)]), ChosenBy.FALLBACK
    raise PromptNotFound(f"Prompt {prompt.name} has no rotation, no default and no version {_either(parts)}.")


def _either(parts: Iterable[Part]) -> str:
    return " or ".join(dict.fromkeys([", ".join(part.version for part in parts), FALLBACK]))


def _check_values(version: PromptVersion, values: Mapping[str, str]) -> None:
    filling.check_values(version.variables, values)
    texts = drafts.texts_of(version.text, version.messages)
    if sum(filling.filled_length(text, values) for text in texts) > MOST_FILLED:
        raise TooLong(f"With these values the text has more than {MOST_FILLED:,} characters")


def _content(
    version: PromptVersion, values: Mapping[str, str] | None
) -> tuple[str | None, list[dict[str, Any]] | None]:
    if version.messages is None:
        return (version.text if values is None else filling.fill(version.text, values)), None
    if values is None:
        return None, version.messages
    filled = [{**message, "content": filling.fill(message["content"], values)} for message in version.messages]
    return None, filled
