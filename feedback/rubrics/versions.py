"""The versions of rubrics that are stored."""

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from feedback.models import RubricVersion
from feedback.rubrics.definition import Definition, define
from feedback.rubrics.documents import as_document

SHIPPED = Path(__file__).parent / "shipped"
_LABEL = re.compile(r"(?P<name>[a-z][a-z0-9-]{0,49})-v(?P<version>[1-9][0-9]{0,8})")


class UnknownRubric(LookupError):
    """There is no rubric of this label."""

    def __init__(self, label: str):
        super().__init__(f"There is no rubric {label}. A label is the name and the version, as in tip-v1.")
        self.label = label


class SameRubric(Exception):
    """The newest version of a rubric asks exactly this."""

    def __init__(self, label: str):
        super().__init__(f"{label}, the newest version, is the same.")
        self.label = label


def find(label: str) -> RubricVersion:
    """The version with this label, as in `tip-v1`; raises UnknownRubric."""
    found = _LABEL.fullmatch(label)
    version = found and RubricVersion.objects.filter(name=found["name"], version=int(found["version"])).first()
    if not version:
        raise UnknownRubric(label)
    return version


def create(document: Mapping[str, Any], *, by: AbstractBaseUser | None) -> RubricVersion:
    """Store a rubric as the next version of its name; raises InvalidRubric and SameRubric."""
    definition = define(document)
    while True:
        newest = RubricVersion.objects.named(definition.name).newest_first().first()
        if newest is not None and as_document(newest) == as_document(definition):
            raise SameRubric(newest.label)
        # If another request stores this version first, the one after it is free.
        with suppress(IntegrityError), transaction.atomic():
            return _store(definition, newest.version + 1 if newest else 1, by=by)


def _store(definition: Definition, version: int, *, by: AbstractBaseUser | None) -> RubricVersion:
    return RubricVersion.objects.create(**as_document(definition), version=version, created_by=by)


def install_shipped(model: type[RubricVersion] = RubricVersion) -> None:
    """Store the rubrics that come with the application, as far as they are not there; safe to call again."""
    for path in sorted(SHIPPED.glob("*.toml")):
        name, _, version = path.stem.rpartition("-v")
        values = as_document(define(tomllib.loads(path.read_text(encoding="utf-8")))) | {"is_shipped": True}
        model.objects.get_or_create(name=name, version=int(version), defaults=values)
