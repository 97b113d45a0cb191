"""The API of prompts, their versions and what they serve."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.pagination import NewestFirst
from feedback.api.prompts.finding import answered_errors, find
from feedback.api.rights import find_deployment, require
from feedback.choices import Scope
from feedback.models import Prompt
from feedback.prompts import registry
from feedback.serializers import prompts as shapes
from feedback.serializers.base import ErrorsSerializer

_SHOWN_REVISIONS = 50
_ERRORS = {400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer}


def _detail(prompt: Prompt) -> dict:
    prompt = Prompt.objects.get(pk=prompt.pk)
    versions = list(prompt.versions.select_related("created_by"))
    revisions = list(prompt.revisions.select_related("chosen_by")[:_SHOWN_REVISIONS])
    shown = shapes.PromptSerializer(prompt).data
    return shown | {
        "versions": shapes.PromptVersionSerializer(versions, many=True).data,
        "revisions": shapes.PromptRevisionSerializer(revisions, many=True).data,
    }


@extend_schema_view(get=extend_schema(operation_id="prompts_list", parameters=[shapes.PromptsQuerySerializer]))
class PromptsView(ListAPIView):
    """Prompts, newest first, without their texts."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "feedback.prompt"
    query = shapes.PromptsQuerySerializer
    serializer_class = shapes.PromptSerializer
    pagination_class = NewestFirst

    def get_queryset(self):
        query = self.query(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        prompts = Prompt.objects.visible_to(self.request.auth)
        deployment_id = query.validated_data.get("deployment_id")
        return prompts.of_deployment(deployment_id) if deployment_id else prompts

    @extend_schema(
        operation_id="prompts_create",
        request=shapes.PromptRequestSerializer,
        responses={201: shapes.PromptDetailSerializer, **_ERRORS},
    )
    def post(self, request):
        """Create a prompt of a deployment, with its first versions."""
        require(request, registry.ADD_PERMISSION)
        body = shapes.PromptRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        deployment = find_deployment(request, given.pop("deployment_id"))
        parts = _parts(given.pop("rotation", []))
        with answered_errors():
            prompt = registry.create(deployment.pk, given.pop("name"), by=request.user, parts=parts, **given)
        return Response(_detail(prompt), status=status.HTTP_201_CREATED)


class PromptView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "feedback.prompt"
    query = shapes.PromptQuerySerializer

    @extend_schema(
        operation_id="prompts_retrieve",
        parameters=[shapes.PromptQuerySerializer],
        responses={200: shapes.PromptDetailSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer},
    )
    def get(self, request, name):
        """One prompt with all of its versions, their texts, and what it served when."""
        prompt, _ = find(request, name)
        return Response(_detail(prompt))

    @extend_schema(
        operation_id="prompts_change",
        parameters=[shapes.PromptQuerySerializer],
        request=shapes.PromptChangeSerializer,
        responses={200: shapes.PromptDetailSerializer, **_ERRORS},
    )
    def patch(self, request, name):
        """Change the description, the default or the rotation, if no one has changed the prompt meanwhile."""
        require(request, registry.CHANGE_PERMISSION)
        prompt, _ = find(request, name)
        body = shapes.PromptChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        revision = values.pop("revision")
        if "rotation" in values:
            values["parts"] = _parts(values.pop("rotation"))
        with answered_errors():
            prompt = registry.change(prompt.pk, values, revision=revision, by=request.user)
        return Response(_detail(prompt))


class PromptVersionsView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="prompt_versions_create",
        parameters=[shapes.PromptQuerySerializer],
        request=shapes.PromptVersionRequestSerializer,
        responses={201: shapes.PromptVersionSerializer, **_ERRORS},
    )
    def post(self, request, name):
        """Add a version. It never changes, and nothing serves it until it is chosen."""
        require(request, registry.CHANGE_PERMISSION)
        prompt, _ = find(request, name)
        body = shapes.PromptVersionRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        with answered_errors():
            version = registry.add_version(prompt.pk, body.validated_data, by=request.user)
        return Response(shapes.PromptVersionSerializer(version).data, status=status.HTTP_201_CREATED)


class PromptVersionView(APIView):
    scopes = {"DELETE": Scope.OPERATE}

    @extend_schema(
        operation_id="prompt_versions_delete",
        parameters=[shapes.PromptQuerySerializer],
        responses={204: None, **_ERRORS},
    )
    def delete(self, request, name, label):
        """Delete a version that no event names; any other is archived instead."""
        require(request, registry.CHANGE_PERMISSION)
        prompt, _ = find(request, name)
        with answered_errors():
            registry.delete_version(prompt.pk, label, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ArchivePromptVersionView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="archive_prompt_version",
        parameters=[shapes.PromptQuerySerializer],
        request=None,
        responses={200: shapes.PromptVersionSerializer, **_ERRORS},
    )
    def post(self, request, name, label):
        """Keep a version out of defaults and rotations. A request may still name it."""
        return _archiving(request, name, label, registry.archive)


class RestorePromptVersionView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="restore_prompt_version",
        parameters=[shapes.PromptQuerySerializer],
        request=None,
        responses={200: shapes.PromptVersionSerializer, **_ERRORS},
    )
    def post(self, request, name, label):
        """Take a version out of the archive."""
        return _archiving(request, name, label, registry.restore)


def _archiving(request, name: str, label: str, act) -> Response:
    require(request, registry.CHANGE_PERMISSION)
    prompt, _ = find(request, name)
    with answered_errors():
        version = act(prompt.pk, label, by=request.user)
    return Response(shapes.PromptVersionSerializer(version).data)


def _parts(rotation) -> list[tuple[str, float | None]]:
    return [(part["version"], part.get("weight")) for part in rotation]
