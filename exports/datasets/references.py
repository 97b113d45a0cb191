"""Which approved set a DatasetRef of the provider crucible_feedback names.

`name` is `DEPLOYMENT/SET`, or the name of the set with `deployment_id` in options. Without a version it is the newest
approved one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from msgspec.structs import replace

from curation.choices import CuratedSetStatus, Split
from curation.models import CuratedExample, CuratedSet
from exports.models import ExportBatch
from feedback.field_errors import FieldError, printable
from feedback.ir import DatasetRef
from feedback.ir.choices import DatasetFormat, DatasetProvider

_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)
# Versions that an error lists.
_LISTED = 10


class Unresolvable(ValueError):
    """A DatasetRef that names no approved set, with its errors by field."""

    def __init__(self, *errors: FieldError):
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Resolved:
    """ref: the reference with its version and deployment, which always names the same rows. split: None for all."""

    ref: DatasetRef
    curated_set: CuratedSet
    split: Split | None

    def rows_by_split(self) -> dict[str, int]:
        """How many accepted examples each split has, without erased ones."""
        return {split.value: examples(self.curated_set, split).count() for split in Split}

    def exports(self) -> list[ExportBatch]:
        """The exports of the set that have files, the newest first; of the format of the reference, if it has one."""
        batches = ExportBatch.objects.with_files().filter(curated_set=self.curated_set).order_by("-published_at", "-pk")
        return list(batches.filter(format=self.ref.format) if self.ref.format else batches)


def resolve(ref: DatasetRef, *, deployments: Sequence[str] = ()) -> Resolved:
    """Find the set. Raises Unresolvable.

    deployments: those that the caller may see; empty for all. What it may not see does not exist.
    """
    if errors := list(_errors(ref)):
        raise Unresolvable(*errors)
    deployment_id, name = _named(ref)
    visible = not deployments or deployment_id in deployments
    known = CuratedSet.objects.of(deployment_id, name) if visible else CuratedSet.objects.none()
    found = _version(ref, known, deployment_id, name) if ref.version is not None else _newest(known)
    if found is None:
        _not_found("name", f"Deployment {printable(deployment_id)} has no approved set named {printable(name)}")
    pinned = replace(
        ref,
        name=f"{deployment_id}/{name}",
        version=found.semantic_version,
        options={key: value for key, value in (ref.options or {}).items() if key != "deployment_id"} or None,
    )
    return Resolved(pinned, found, None if ref.split is None else Split(ref.split))


def examples(curated_set: CuratedSet, split: Split | None):
    """The accepted examples of a set, in order; of one split, if one is named."""
    rows = CuratedExample.objects.filter(curated_set=curated_set, erased_at__isnull=True).accepted().in_order()
    return rows if split is None else rows.filter(split=split)


def _errors(ref: DatasetRef):
    if ref.provider != DatasetProvider.CRUCIBLE_FEEDBACK:
        message = f"provider must be {DatasetProvider.CRUCIBLE_FEEDBACK.value}; other providers are not resolved here"
        yield FieldError("provider", "invalid_choice", message)
    named = (ref.options or {}).get("deployment_id")
    if named is not None and not isinstance(named, str):
        yield FieldError("options", "invalid", "deployment_id in options must be a text")
    elif not ref.name or named is None and not all(ref.name.partition("/")):
        message = "name must be DEPLOYMENT/SET, or the name of a set with deployment_id in options"
        yield FieldError("name", "invalid", message)
    elif not _is_storable(f"{ref.name}{named or ''}"):
        yield FieldError("name", "invalid", "name contains a NUL character or a lone surrogate")
    if ref.split is not None and ref.split not in Split.values:
        yield FieldError("split", "invalid_choice", f"split must be one of {', '.join(Split.values)}, or null for all")
    if ref.version is not None and not _VERSION.fullmatch(ref.version):
        yield FieldError("version", "invalid", "version must be x.y.z, or null for the newest approved version")
    if ref.format is not None and ref.format not in list(DatasetFormat):
        yield FieldError("format", "invalid_choice", f"format must be one of {', '.join(DatasetFormat)}")


def _is_storable(text: str) -> bool:
    """Whether a database can be asked for it."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _named(ref: DatasetRef) -> tuple[str, str]:
    """A deployment's id has no slash, so the first one ends it."""
    name = str(ref.name)
    if deployment_id := (ref.options or {}).get("deployment_id"):
        return deployment_id, name.removeprefix(f"{deployment_id}/")
    deployment_id, _, name = name.partition("/")
    return deployment_id, name


def _newest(known) -> CuratedSet | None:
    return known.approved().order_by("-major", "-minor", "-patch").first()


def _version(ref: DatasetRef, known, deployment_id: str, name: str) -> CuratedSet:
    """A version that was approved, also one that a newer version has superseded."""
    major, minor, patch = map(int, str(ref.version).split("."))
    found = known.filter(major=major, minor=minor, patch=patch).first()
    if found is None:
        approved = known.exportable().order_by("-major", "-minor", "-patch")[:_LISTED]
        versions = ", ".join(one.semantic_version for one in approved) or "none"
        _not_found(
            "version",
            f"{printable(name)} of {printable(deployment_id)} has no version {ref.version}; approved are {versions}",
        )
    if not CuratedSet.objects.exportable().filter(pk=found.pk).exists():
        status = CuratedSetStatus(found.status).label.lower()
        raise Unresolvable(
            FieldError("version", "not_approved", f"Version {ref.version} of {name} is not approved: it is {status}")
        )
    return found


def _not_found(field: str, message: str) -> NoReturn:
    raise Unresolvable(FieldError(field, "not_found", message))
