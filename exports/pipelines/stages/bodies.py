"""Options that are those of a request of the API, checked as the API checks them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework.serializers import Serializer

from curation.serializers.requests import first_messages
from feedback.field_errors import FieldError


def problems(body: type[Serializer], options: Mapping[str, Any], names: Sequence[str]) -> Iterator[FieldError]:
    """What the API would say of these options."""
    checked = body(data=_named(options, names))
    if not checked.is_valid():
        for path, message in first_messages(checked.errors):
            yield FieldError(path, "invalid", f"{path}: {message}")


def read(body: type[Serializer], options: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The arguments of these options, which were checked before."""
    checked = body(data=_named(options, names))
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def _named(options: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: options[name] for name in names if name in options}
