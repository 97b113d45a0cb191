"""Prompts of deployments: created with their versions, which never change; what they serve is chosen by people."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from feedback.choices import ContentPolicy
from feedback.deployments.configuration import compiled_patterns
from feedback.field_errors import FieldError
from feedback.masking import mask_label
from feedback.models import Deployment, Prompt, PromptRevision, PromptVersion
from feedback.prompts import drafts, rotation, traffic
from feedback.prompts.drafts import MOST_VERSIONS, Draft, InvalidPrompt
from feedback.prompts.rotation import InvalidRotation, Part

ADD_PERMISSION, CHANGE_PERMISSION = "feedback.add_prompt", "feedback.change_prompt"


class PromptNotAllowed(Exception):
    """What the state of a prompt does not allow."""


class NameTaken(PromptNotAllowed):
    def __init__(self, deployment_id: str, name: str):
        super().__init__(f"Deployment {deployment_id} has a prompt {name} already.")


class LabelTaken(PromptNotAllowed):
    def __init__(self, label: str, prompt: str):
        super().__init__(
            f"{label} is a version of prompt {prompt} already. Versions never change, and a label names one version of "
            "a deployment: choose another label."
        )


class Stale(PromptNotAllowed):
    def __init__(self, prompt: Prompt, revision: int):
        super().__init__(
            f"{prompt.name} was changed meanwhile: it is at revision {prompt.revision}, not {revision}. Read it again."
        )


class InUse(PromptNotAllowed):
    def __init__(self, label: str):
        super().__init__(f"{label} is the default or in the rotation. Choose another version first.")


class Used(PromptNotAllowed):
    def __init__(self, label: str):
        super().__init__(f"Events name {label}, so it can be archived and not deleted.")


class Deleting(PromptNotAllowed):
    def __init__(self, deployment_id: str):
        super().__init__(f"Deployment {deployment_id} is being deleted.")


def create(
    deployment_id: str,
    name: str,
    *,
    by: User,
    description: str = "",
    versions: Sequence[Draft] = (),
    default_version: str = "",
    parts: Iterable[tuple[str, float | None]] = (),
) -> Prompt:
    """Create a prompt with its first versions. Raises Deployment.DoesNotExist, InvalidPrompt and PromptNotAllowed.

    Without a default or a rotation the first version is the default.
    """
    _require(by, ADD_PERMISSION)
    errors = [*drafts.label_problems("name", name), *_description_problems(description)]
    for position, draft in enumerate(versions):
        errors += [replace(error, field=f"versions.{position}.{error.field}") for error in drafts.problems(draft)]
    if errors:
        raise InvalidPrompt(errors)
    chosen = _parts(parts)
    if not default_version and not chosen and versions:
        default_version = versions[0].version
    with transaction.atomic():
        deployment = _locked_deployment(deployment_id)
        prompt, is_new = Prompt.objects.get_or_create(
            deployment=deployment, name=name, defaults={"description": description}
        )
        if not is_new:
            raise NameTaken(deployment_id, name)
        for draft in versions:
            _store(deployment, prompt, draft, by=by)
        _check_choice(prompt, default_version, chosen)
        return _choose(prompt, default_version, chosen, by=by)


def add_version(prompt_id: int, draft: Draft, *, by: User) -> PromptVersion:
    """Store a new version; nothing serves it yet. Raises Prompt.DoesNotExist, InvalidPrompt and PromptNotAllowed."""
    _require(by, CHANGE_PERMISSION)
    drafts.checked(draft)
    with transaction.atomic():
        prompt, deployment = _locked(prompt_id)
        if prompt.versions.count() >= MOST_VERSIONS:
            message = f"A prompt has at most {MOST_VERSIONS} versions"
            raise InvalidPrompt([FieldError("version", "too_many", message)])
        return _store(deployment, prompt, draft, by=by)


def change(prompt_id: int, values: Mapping[str, Any], *, revision: int, by: User) -> Prompt:
    """Change the description, `default_version` or `parts` of a prompt, if it is still at this revision.

    parts: (version, weight) of a rotation, none to end it. What is left out keeps its value. Raises
    Prompt.DoesNotExist, InvalidPrompt and PromptNotAllowed.
    """
    _require(by, CHANGE_PERMISSION)
    errors = _description_problems(values.get("description", ""))
    if errors:
        raise InvalidPrompt(errors)
    with transaction.atomic():
        prompt, _ = _locked(prompt_id)
        if prompt.revision != revision:
            raise Stale(prompt, revision)
        default = values.get("default_version", prompt.default_version)
        parts = _parts(values["parts"]) if "parts" in values else stored_parts(prompt.rotation)
        _check_choice(prompt, default, parts)
        prompt.description = values.get("description", prompt.description)
        prompt.revision += 1
        prompt.save(update_fields=["description", "revision"])
        is_same = (default, parts) == (prompt.default_version, stored_parts(prompt.rotation))
        return prompt if is_same else _choose(prompt, default, parts, by=by)


def archive(prompt_id: int, label: str, *, by: User) -> PromptVersion:
    """Keep a version out of defaults and rotations; requests may still name it. Raises PromptNotAllowed."""
    return _set_archived(prompt_id, label, timezone.now(), by=by)


def restore(prompt_id: int, label: str, *, by: User) -> PromptVersion:
    """Take a version out of the archive."""
    return _set_archived(prompt_id, label, None, by=by)


def delete_version(prompt_id: int, label: str, *, by: User) -> None:
    """Delete a version that no event names and nothing serves. Raises PromptNotAllowed."""
    _require(by, CHANGE_PERMISSION)
    with transaction.atomic():
        prompt, _ = _locked(prompt_id)
        version = prompt.versions.get(label=label)
        if label in served(prompt):
            raise InUse(label)
        if traffic.is_used(prompt.deployment_id, label):
            raise Used(label)
        version.delete()


def served(prompt: Prompt) -> set[str]:
    """The versions that its default and its rotation name."""
    return {prompt.default_version, *(part["version"] for part in prompt.rotation)} - {""}


def stored_parts(stored: Iterable[Mapping[str, Any]]) -> tuple[Part, ...]:
    """The parts of a rotation as it is stored."""
    return tuple(Part(part["version"], part["weight"]) for part in stored)


def _require(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        verb = "add" if permission == ADD_PERMISSION else "change"
        raise PermissionDenied(f"This needs the permission “Can {verb} prompt”.")


def _description_problems(description: str) -> list[FieldError]:
    most = drafts.MOST_DESCRIPTION
    return [FieldError("description", "too_long", f"At most {most} characters")] if len(description) > most else []


def _parts(entries: Iterable[tuple[str, float | None]]) -> tuple[Part, ...]:
    given = list(entries)
    try:
        return rotation.parts_of(given) if given else ()
    except InvalidRotation as error:
        raise InvalidPrompt([FieldError("rotation", "invalid", str(error))]) from error


def _locked(prompt_id: int) -> tuple[Prompt, Deployment]:
    """The prompt, which changes one at a time, and its deployment, the labels of whose versions are told apart."""
    deployment_id = Prompt.objects.values_list("deployment_id", flat=True).get(pk=prompt_id)
    deployment = _locked_deployment(deployment_id)
    return Prompt.objects.select_for_update().get(pk=prompt_id), deployment


def _locked_deployment(deployment_id: str) -> Deployment:
    deployment = Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
    if deployment.deleting:
        raise Deleting(deployment_id)
    return deployment


def _store(deployment: Deployment, prompt: Prompt, draft: Draft, *, by: User) -> PromptVersion:
    variables = drafts.checked(draft)
    _check_masking(deployment, draft.version)
    if taken := PromptVersion.objects.of_deployment(deployment.pk).labelled(draft.version).first():
        raise LabelTaken(draft.version, Prompt.objects.get(pk=taken.prompt_id).name)
    try:
        with transaction.atomic():
            return PromptVersion.objects.create(
                prompt=prompt,
                deployment_id=deployment.pk,
                label=draft.version,
                text=draft.text,
                messages=draft.messages,
                variables=variables,
                notes=draft.notes,
                created_by=by,
            )
    except IntegrityError as error:
        raise LabelTaken(draft.version, prompt.name) from error


def _check_masking(deployment: Deployment, label: str) -> None:
    """A label that the deployment masks would not be the one that its events carry."""
    if deployment.content_policy == ContentPolicy.OFF:
        return
    masked = mask_label(label, patterns=compiled_patterns(deployment)).text
    if masked != label:
        message = f"This deployment would mask {label} in events as {masked}"
        raise InvalidPrompt([FieldError("version", "masked", message)])


def _check_choice(prompt: Prompt, default: str, parts: Collection[Part]) -> None:
    wanted = {default} - {""} | {part.version for part in parts}
    usable = set(prompt.versions.usable().labels()) if wanted else set()
    errors = []
    if default and default not in usable:
        errors.append(FieldError("default_version", "not_found", _unusable(prompt, [default])))
    if missing := [part.version for part in parts if part.version not in usable]:
        errors.append(FieldError("rotation", "not_found", _unusable(prompt, missing)))
    if errors:
        raise InvalidPrompt(errors)


def _unusable(prompt: Prompt, labels: Sequence[str]) -> str:
    return f"Prompt {prompt.name} has no version {', '.join(labels)}, or it is archived"


def _choose(prompt: Prompt, default: str, parts: Iterable[Part], *, by: User) -> Prompt:
    """Write what the prompt serves from now on, and who chose it."""
    prompt.default_version = default
    prompt.rotation = [{"version": part.version, "weight": part.weight} for part in parts]
    prompt.save(update_fields=["default_version", "rotation"])
    PromptRevision.objects.create(
        prompt=prompt,
        deployment_id=prompt.deployment_id,
        number=prompt.revision,
        default_version=default,
        rotation=prompt.rotation,
        chosen_by=by,
    )
    return prompt


def _set_archived(prompt_id: int, label: str, archived_at, *, by: User) -> PromptVersion:
    _require(by, CHANGE_PERMISSION)
    with transaction.atomic():
        prompt, _ = _locked(prompt_id)
        version = prompt.versions.get(label=label)
        if archived_at and label in served(prompt):
            raise InUse(label)
        if archived_at is None or version.archived_at is None:
            version.archived_at = archived_at
            version.save(update_fields=["archived_at"])
        return version
