"""Structures of the IR from JSON and to JSON."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from feedback import exact_json
from feedback.ir.structure import Structure

Kind = TypeVar("Kind", bound=Structure)


class InvalidDocument(ValueError):
    """A text that is not JSON, or JSON that does not have the form of the structure."""


def from_json(text: str | bytes, kind: type[Kind]) -> Kind:
    """The structure that a JSON text holds.

    Unknown keys are dropped, also in nested structures. A required key may be null; `validate` reports it.

    Parameters
    ----------
    text : str or bytes
        A JSON object.
    kind : type
        The structure, such as Experiment.

    Returns
    -------
    Structure
        With defaults for the keys that the text leaves out.

    Raises
    ------
    InvalidDocument
        The text is not JSON, is no object, lacks a required key or has a value of another type.

    Examples
    --------
    >>> from feedback.ir import BackendRef
    >>> from_json('{"id": "gpt4", "colour": "red"}', BackendRef).profile
    'default'
    >>> from_json('{"profile": "fast"}', BackendRef)
    Traceback (most recent call last):
    feedback.ir.serialization.InvalidDocument: Object missing required field `id`
    """
    try:
        return _decoder(kind).decode(text)
    except (msgspec.MsgspecError, UnicodeError, exact_json.NumberOutOfRange, RecursionError) as error:
        raise InvalidDocument(str(error)) from error


def from_map(values: Mapping[str, Any], kind: type[Kind]) -> Kind:
    """The structure that a mapping of JSON values holds, by the rules of from_json.

    Parameters
    ----------
    values : mapping
        As a JSON parser gives them.
    kind : type
        The structure, such as Experiment.

    Returns
    -------
    Structure
        With defaults for the keys that are left out.

    Raises
    ------
    InvalidDocument
        A required key is missing, or a value has another type.

    Examples
    --------
    >>> from feedback.ir import StageDef
    >>> from_map({"name": "inference"}, StageDef).enabled
    True
    """
    try:
        return msgspec.convert(values, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidDocument(str(error)) from error


def to_json(value: Structure) -> str:
    """The structure as a JSON object with all of its fields, null where nothing is set.

    Parameters
    ----------
    value : Structure
        Any structure of the IR.

    Returns
    -------
    str
        JSON that from_json reads to an equal structure.

    Examples
    --------
    >>> from feedback.ir import StageDef
    >>> to_json(StageDef(name="inference"))
    '{"name":"inference","module":null,"options":null,"enabled":true}'
    """
    return exact_json.encode(value).decode()


@cache
def _decoder(kind: type[Kind]) -> msgspec.json.Decoder:
    return exact_json.decoder(kind)
