"""Prompts from a file, TOML or JSON: what is missing is added, and nothing that is stored is changed."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from feedback.models import Prompt, PromptVersion
from feedback.prompts import drafts, registry, rotation
from feedback.prompts.drafts import Draft
from feedback.prompts.rotation import Part

_FIELDS = {"deployment", "name", "description", "default", "rotation", "versions"}
_VERSION_FIELDS = {"version", "text", "messages", "variables", "notes"}


class InvalidFile(ValueError):
    """A file that holds no prompts, with what is wrong where."""


@dataclass(frozen=True)
class FilePrompt:
    """A prompt of a file. default, rotation: None leaves what is chosen."""

    deployment: str
    name: str
    description: str
    versions: list[Draft]
    default: str | None
    rotation: tuple[Part, ...] | None


def read(path: Path, *, deployment: str = "") -> list[FilePrompt]:
    """The prompts of a file; deployment: of those that name none. Raises InvalidFile."""
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as error:
        raise InvalidFile(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidFile(f"{path}: neither TOML (.toml) nor JSON: {error}") from error
    entries = document.get("prompts") if isinstance(document, dict) else document
    if not isinstance(entries, list) or not entries:
        raise InvalidFile(f"{path}: there are no prompts; write [[prompts]], or a list under “prompts”")
    return [_prompt(f"prompts.{position}", entry, deployment) for position, entry in enumerate(entries)]


def store(prompts: list[FilePrompt], *, by: User) -> list[str]:
    """Add what is missing, all or nothing; what each prompt got, in words.

    Raises Deployment.DoesNotExist, InvalidPrompt and PromptNotAllowed; LabelTaken for a version with another text.
    """
    with transaction.atomic():
        return [_stored(one, by) for one in prompts]


def _stored(one: FilePrompt, by: User) -> str:
    known = Prompt.objects.of_deployment(one.deployment).named(one.name).first()
    if known is None:
        prompt = registry.create(one.deployment, one.name, by=by, description=one.description, versions=one.versions)
        _choose(prompt, one, by)
        return f"{one.name}: created with {len(one.versions)} versions"
    stored = {version.label: version for version in known.versions.all()}
    new = [draft for draft in one.versions if draft.version not in stored]
    for draft in one.versions:
        if draft.version in stored and not _is_same(draft, stored[draft.version]):
            raise registry.LabelTaken(draft.version, known.name)
    for draft in new:
        registry.add_version(known.pk, draft, by=by)
    is_chosen = _choose(known, one, by)
    return f"{one.name}: {len(new)} new versions{', another choice' if is_chosen else ''}"


def _choose(prompt: Prompt, one: FilePrompt, by: User) -> bool:
    wanted: dict[str, Any] = {}
    if one.default is not None and one.default != prompt.default_version:
        wanted["default_version"] = one.default
    if one.rotation is not None and one.rotation != registry.stored_parts(prompt.rotation):
        wanted["parts"] = [(part.version, part.weight) for part in one.rotation]
    if wanted:
        registry.change(prompt.pk, wanted, revision=prompt.revision, by=by)
    return bool(wanted)


def _is_same(draft: Draft, version: PromptVersion) -> bool:
    messages = None if draft.messages is None else list(draft.messages)
    return (draft.text, messages, drafts.checked(draft)) == (version.text, version.messages, version.variables)


def _prompt(place: str, entry: Any, deployment: str) -> FilePrompt:
    given = _object(place, entry, _FIELDS)
    versions = given.get("versions", [])
    if not isinstance(versions, list):
        raise InvalidFile(f"{place}.versions: not a list")
    found = [_draft(f"{place}.versions.{position}", one) for position, one in enumerate(versions)]
    chosen = given.get("rotation")
    try:
        parts = None if chosen is None else rotation.parse(_text(place, given, "rotation")) if chosen else ()
    except rotation.InvalidRotation as error:
        raise InvalidFile(f"{place}.rotation: {error}") from error
    name, owner = _text(place, given, "name"), _text(place, given, "deployment") or deployment
    if not name or not owner:
        missing = "deployment, which --deployment may give instead" if name else "name"
        raise InvalidFile(f"{place}: no {missing}")
    default = _text(place, given, "default") if "default" in given else None
    return FilePrompt(owner, name, _text(place, given, "description"), found, default, parts)


def _draft(place: str, entry: Any) -> Draft:
    given = _object(place, entry, _VERSION_FIELDS)
    variables = given.get("variables")
    if variables is not None and not _is_texts(variables):
        raise InvalidFile(f"{place}.variables: not a list of texts")
    texts = {name: _text(place, given, name) for name in ("version", "text", "notes")}
    draft = Draft(**texts, messages=given.get("messages"), variables=variables)
    for error in drafts.problems(draft):
        raise InvalidFile(f"{place}.{error.field}: {error.message}")
    return draft


def _object(place: str, entry: Any, fields: set[str]) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise InvalidFile(f"{place}: not an object")
    if unknown := sorted(set(entry) - fields):
        raise InvalidFile(f"{place}: {unknown[0]} is not one of {', '.join(sorted(fields))}")
    return entry


def _text(place: str, given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise InvalidFile(f"{place}.{name}: not a text")
    return value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
