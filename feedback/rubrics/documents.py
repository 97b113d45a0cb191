"""Rubrics as TOML and JSON documents."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from feedback.field_errors import FieldError
from feedback.rubrics.definition import Definition, InvalidRubric, define
from feedback.rubrics.scoring import Rubric

_TEXTS = ("name", "title", "description", "prompt", "formula")


def from_toml(text: str) -> Definition:
    """The rubric that a TOML document describes; raises InvalidRubric."""
    try:
        return define(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidRubric([FieldError("", "invalid", f"This is not valid TOML: {error}.")]) from error


def as_document(rubric: Rubric) -> dict[str, Any]:
    """What a version of a rubric asks, as `define` takes it."""
    return {name: getattr(rubric, name) for name in _TEXTS} | {"criteria": rubric.criteria, "flags": rubric.flags}


def as_toml(rubric: Rubric) -> str:
    """The same as a TOML document."""
    document = as_document(rubric)
    lines = [_line(name, document[name]) for name in _TEXTS]
    for key in ("criteria", "flags"):
        for entry in document[key]:
            lines += ["", f"[[{key}]]", *(_line(name, value) for name, value in _ordered(entry).items())]
    return "\n".join(lines) + "\n"


def _ordered(entry: Mapping[str, Any]) -> dict[str, Any]:
    order = ("name", "title", "description", "minimum", "maximum", "weight")
    return {name: entry[name] for name in order if name in entry}


def _line(name: str, value: Any) -> str:
    # JSON's strings and numbers are TOML's, but for DEL.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return f"{name} = {text}".replace("\x7f", "\\u007f")
