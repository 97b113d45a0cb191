"""Every refusal of the API is `{"errors": [{"field", "code", "message"}]}`."""

from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler


@dataclass(frozen=True)
class FieldError:
    field: str
    code: str
    message: str


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def refusal(code: str, message: str, *, http_status: int, field: str = "", headers=None) -> Response:
    return Response({"errors": [asdict(FieldError(field, code, message))]}, status=http_status, headers=headers)


def exception_handler(error, context):
    """Answer an exception in the one shape; anything unforeseen stays an exception."""
    response = default_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(*error.args)
    response.data = {"errors": [asdict(item) for item in _flatten("", error.get_full_details())]}
    return response


def _flatten(field, details):
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield FieldError(field, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            inner_field = field if name == "non_field_errors" else f"{field}.{name}" if field else str(name)
            yield from _flatten(inner_field, inner)
    else:
        for inner in details:
            yield from _flatten(field, inner)
