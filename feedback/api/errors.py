"""Every refusal of the API is `{"errors": [{"field", "code", "message"}]}`."""

from dataclasses import asdict

import redis
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler

from feedback.field_errors import FieldError, printable
from feedback.stores.connection_loss import is_database_away

RETRY_SECONDS = "5"
MAX_MESSAGE_CHARACTERS = 1_000


class Conflict(exceptions.APIException):
    """A step that the state of the record does not allow."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Unavailable(exceptions.APIException):
    """Something that an operator must fix before this can be done."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"


def invalid(*errors: FieldError) -> exceptions.ValidationError:
    """The 400 that names these fields; a field within another is written with a dot."""
    details = {}
    for error in errors:
        details.setdefault(error.field, []).append(exceptions.ErrorDetail(error.message, error.code))
    return exceptions.ValidationError(details)


def refusal(code: str, message: str, *, http_status: int, field: str = "", headers=None) -> Response:
    return Response({"errors": [asdict(FieldError(field, code, message))]}, status=http_status, headers=headers)


def exception_handler(error, context):
    """Answer an exception in the one shape; anything unforeseen stays an exception."""
    if is_database_away(error):
        return _unavailable("The database cannot be reached. Try again later.")
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return _unavailable("The stream cannot be reached. Try again later.")
    if isinstance(error, RequestDataTooBig):
        return refusal("too_large", "The body is too large (INGEST_MAX_BODY_BYTES).", http_status=413)
    response = default_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(*error.args)
    response.data = {"errors": [asdict(item) for item in _flatten("", error.get_full_details())]}
    return response


def _unavailable(message: str) -> Response:
    return refusal("unavailable", message, http_status=503, headers={"Retry-After": RETRY_SECONDS})


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
    """A request that no view sees, such as one for a foreign host: in the API's shape below /api/, else as a page."""
    if request.path.startswith("/api/"):
        return _plain_refusal("bad_request", "The request cannot be read as it is.", http_status=400)
    return defaults.bad_request(request, exception)


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
