"""The API of rubrics, and of people's scores by them."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict, invalid
from feedback.api.pagination import NewestFirst
from feedback.api.rights import require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.human_scores import submitting
from feedback.models import HumanScore, RubricVersion
from feedback.rubrics import versions
from feedback.rubrics.definition import InvalidRubric
from feedback.rubrics.scoring import InvalidAnswers
from feedback.serializers import rubrics as shapes
from feedback.serializers.base import ErrorsSerializer
from feedback.stores import pages

ADD_PERMISSION = "feedback.add_rubricversion"


@extend_schema_view(get=extend_schema(operation_id="rubrics_list", parameters=[shapes.RubricsQuerySerializer]))
class RubricsView(ListAPIView):
    """Rubrics in all their versions, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "feedback.rubricversion"
    query = shapes.RubricsQuerySerializer
    serializer_class = shapes.RubricSerializer
    pagination_class = NewestFirst

    def get_queryset(self):
        query = self.query(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        found = RubricVersion.objects.select_related("created_by")
        return found.named(query.validated_data["name"]) if "name" in query.validated_data else found

    @extend_schema(
        operation_id="rubrics_create",
        request=shapes.RubricRequestSerializer,
        responses={201: shapes.RubricSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request):
        """Create a rubric, or the next version of one. 409: its newest version is the same."""
        if request.auth.deployments:
            raise PermissionDenied("Rubrics are for every deployment, so this needs a key for every deployment.")
        require(request, ADD_PERMISSION)
        if not isinstance(request.data, dict):
            raise invalid(FieldError("", "invalid", "The body is not an object."))
        try:
            rubric = versions.create(request.data, by=request.user)
        except InvalidRubric as error:
            raise invalid(*error.errors) from error
        except versions.SameRubric as error:
            raise Conflict(str(error)) from error
        return Response(shapes.RubricSerializer(rubric).data, status=status.HTTP_201_CREATED)


class RubricView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.rubricversion"

    @extend_schema(operation_id="rubrics_retrieve", responses=shapes.RubricSerializer)
    def get(self, request, label):
        """One version of a rubric."""
        try:
            return Response(shapes.RubricSerializer(versions.find(label)).data)
        except versions.UnknownRubric as error:
            raise Http404 from error


class HumanScoresView(APIView):
    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "feedback.humanscore"

    @extend_schema(operation_id="human_scores_list", responses=shapes.HumanScoreListSerializer)
    def get(self, request, event_id):
        """What people said of an answer by rubrics, oldest first."""
        event = _event(request, event_id)
        scores = HumanScore.objects.of_event(event["id"]).select_related("rubric_version", "scorer").in_order()
        return Response(shapes.HumanScoreListSerializer({"results": scores}).data)

    @extend_schema(
        operation_id="human_scores_create",
        request=shapes.HumanScoreRequestSerializer,
        responses={201: shapes.HumanScoreSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer},
    )
    def post(self, request, event_id):
        """Score an answer as the user of the key; a second time replaces the first answers."""
        event = _event(request, event_id)
        body = shapes.HumanScoreRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            rubric = versions.find(given["rubric"])
            score = submitting.submit(
                event["id"], rubric, given["answers"], by=request.user, note=given.get("note", "")
            )
        except versions.UnknownRubric as error:
            raise invalid(FieldError("rubric", "unknown", str(error))) from error
        except InvalidAnswers as error:
            raise invalid(
                *(FieldError(f"answers.{one.field}", one.code, one.message) for one in error.errors)
            ) from error
        except submitting.UnknownEvent as error:
            raise Http404 from error
        return Response(shapes.HumanScoreSerializer(score).data, status=status.HTTP_201_CREATED)


def _event(request, event_id) -> dict:
    event = pages.find(event_id, deployment_ids=request.auth.deployments or None)
    if event is None:
        raise Http404
    return event
