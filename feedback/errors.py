"""Every refusal of the API is `{"errors": [{"field", "code", "message"}]}`."""

from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler

RETRY_SECONDS = "5"


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
    if isinstance(error, OperationalError | InterfaceError):
        message = "The database cannot be reached. Try again later."
        return refusal("unavailable", message, http_status=503, headers={"Retry-After": RETRY_SECONDS})
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


def not_found(request, exception):
    """A path that nothing answers: in the API's shape below /api/, else as a page."""
    if request.path.startswith("/api/"):
        return _plain_refusal("not_found", "There is nothing at this address.", http_status=404)
    return defaults.page_not_found(request, exception)


def server_error(request):
    """A failure of this server: in the API's shape below /api/, else as a page."""
    if request.path.startswith("/api/"):
        return _plain_refusal("error", "The server failed. Its log says why.", http_status=500)
    return defaults.server_error(request)


def _plain_refusal(code: str, message: str, *, http_status: int) -> JsonResponse:
    return JsonResponse({"errors": [asdict(FieldError("", code, message))]}, status=http_status)
