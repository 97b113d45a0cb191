"""The API that serves prompts to applications."""

import hashlib
import json

import orjson
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import invalid
from feedback.api.prompts.finding import answered_errors, find
from feedback.api.rights import require_view
from feedback.choices import ChosenBy, Scope
from feedback.field_errors import FieldError
from feedback.prompts import resolving
from feedback.prompts.resolving import Resolved
from feedback.serializers import prompts as shapes
from feedback.serializers.base import ErrorsSerializer

# A version never changes; what a prompt serves may change at any time.
NAMED_SECONDS, SERVED_SECONDS = 3_600, 60
_ERRORS = {400: ErrorsSerializer, 404: ErrorsSerializer}


class ResolveView(APIView):
    """Reading keys may resolve, and those of applications that send events."""

    scopes = {"GET": Scope.READ, "POST": Scope.READ}
    other_scopes = {"GET": Scope.INGEST, "POST": Scope.INGEST}
    shows = "feedback.prompt"
    query = shapes.ResolveQuerySerializer

    @extend_schema(
        operation_id="resolve_prompt",
        parameters=[shapes.ResolveQuerySerializer],
        responses={200: shapes.ResolvedSerializer, 304: None, **_ERRORS},
    )
    def get(self, request, name):
        """The version and text to use now. A client may keep the answer as Cache-Control says."""
        prompt, given = find(request, name, shapes.ResolveQuerySerializer)
        if "variables" in given:
            given["variables"] = _values(given["variables"])
        resolved = _resolve(prompt, given)
        body = shapes.ResolvedSerializer(resolved).data
        response = Response(body, headers={"Cache-Control": _cache_control(resolved)})
        patch_vary_headers(response, ["Authorization"])
        digest = hashlib.sha256(orjson.dumps(body)).hexdigest()
        response["ETag"] = f'"{digest[:32]}"'
        return get_conditional_response(request._request, etag=response["ETag"], response=response)

    @extend_schema(
        operation_id="resolve_prompt_with_body",
        parameters=[shapes.PromptQuerySerializer],
        request=shapes.ResolveRequestSerializer,
        responses={200: shapes.ResolvedSerializer, **_ERRORS},
    )
    def post(self, request, name):
        """The same for long variables, and for subjects that should not stand in an address. Nothing is stored."""
        require_view(request, self.shows)
        prompt, _ = find(request, name)
        body = shapes.ResolveRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        resolved = _resolve(prompt, body.validated_data)
        return Response(shapes.ResolvedSerializer(resolved).data, headers={"Cache-Control": "no-store"})


def _resolve(prompt, given) -> Resolved:
    with answered_errors():
        return resolving.resolve(
            prompt,
            wanted=given.get("prompt_version", ""),
            subject=given.get("subject"),
            values=given.get("variables"),
        )


def _values(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(FieldError("variables", "invalid", "Not a JSON object")) from error
    body = shapes.ResolveRequestSerializer(data={"variables": given})
    body.is_valid(raise_exception=True)
    return body.validated_data["variables"]


def _cache_control(resolved: Resolved) -> str:
    if not resolved.is_stable:
        return "no-store"
    is_named = resolved.chosen_by == ChosenBy.REQUEST
    return f"private, max-age={NAMED_SECONDS if is_named else SERVED_SECONDS}"
