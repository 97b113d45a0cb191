"""Every error response of the API is `{"errors": [{"field", "code", "message"}]}`."""

from dataclasses import asdict

import redis
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler

from feedback.field_errors import FieldError, printable
from feedback.stores.connection_loss import is_database_unavailable, is_timeout

RETRY_SECONDS = "5"
MAX_MESSAGE_CHARACTERS = 1_000


class Conflict(exceptions.APIException):
    """An action that the state of the record does not allow."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Gone(exceptions.APIException):
    """Something that was deleted for good."""

    status_code = status.HTTP_410_GONE
    default_code = "gone"


class Unavailable(exceptions.APIException):
    """A problem that an operator must fix first."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"


def invalid(*errors: FieldError) -> exceptions.ValidationError:
    """The 400 response that names these fields; nested fields are written with a dot."""
    details = {}
    for error in errors:
        details.setdefault(error.field, []).append(exceptions.ErrorDetail(error.message, error.code))
    return exceptions.ValidationError(details)


def error_response(code: str, message: str, *, http_status: int, field: str = "", headers=None) -> Response:
    return Response({"errors": [asdict(FieldError(field, code, message))]}, status=http_status, headers=headers)


def exception_handler(error, context):
    """Answer an exception in this format; unexpected exceptions propagate."""
    if is_timeout(error):
        message = (
            f"The database took more than {settings.WEB_STATEMENT_SECONDS} s for this (WEB_STATEMENT_SECONDS). "
            "Ask for less, for example for one deployment and a shorter time."
        )
        return error_response("timeout", message, http_status=503, headers={"Retry-After": RETRY_SECONDS})
    if is_database_unavailable(error):
        return _unavailable("The database cannot be reached. Try again later.")
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return _unavailable("The stream cannot be reached. Try again later.")
    if isinstance(error, RequestDataTooBig):
        return error_response("too_large", "The body is too large (INGEST_MAX_BODY_BYTES).", http_status=413)
    response = default_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(*error.args)
    response.data = {"errors": [asdict(item) for item in field_errors(error)]}
    return response


def field_errors(error: exceptions.APIException) -> list[FieldError]:
    """The errors of a response by field; nested fields are written with a dot."""
    return list(_flatten("", error.get_full_details()))


def _unavailable(message: str) -> Response:
    return error_response("unavailable", message, http_status=503, headers={"Retry-After": RETRY_SECONDS})


def _flatten(field, details):
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        message = printable(str(details["message"]), most=MAX_MESSAGE_CHARACTERS)
        yield FieldError(field, str(details["code"]), message)
    elif isinstance(details, dict):
        for name, inner in details.items():
            name = printable(str(name))
            inner_field = field if name == "non_field_errors" else f"{field}.{name}" if field else name
            yield from _flatten(inner_field, inner)
    else:
        for inner in details:
            yield from _flatten(field, inner)


def bad_request(request, exception):
    """A request that no view gets, such as one for a foreign host: in the API's format below /api/, else as a page."""
    if request.path.startswith("/api/"):
        return _plain_error("bad_request", "The request is malformed.", http_status=400)
    return defaults.bad_request(request, exception)


def not_found(request, exception):
    """An unknown path: in the API's format below /api/, else as a page."""
    if request.path.startswith("/api/"):
        return _plain_error("not_found", "Nothing exists at this address.", http_status=404)
    return defaults.page_not_found(request, exception)


def server_error(request):
    """A server error: in the API's format below /api/, else as a page."""
    if request.path.startswith("/api/"):
        return _plain_error("error", "Internal server error. See the server's log.", http_status=500)
    return defaults.server_error(request)


def _plain_error(code: str, message: str, *, http_status: int) -> JsonResponse:
    return JsonResponse({"errors": [asdict(FieldError("", code, message))]}, status=http_status)
