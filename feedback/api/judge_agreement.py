"""API of the agreement of judges with people, and of what counts as gold because of it."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.judging.agreement import choosing, using
from feedback.models import Judge
from feedback.rubrics import versions
from feedback.serializers import judge_agreement as shapes
from feedback.serializers.base import ErrorsSerializer

WITH_RUBRICS = Judge.objects.select_related("rubric_version")


class JudgeAgreementView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "feedback.judgestanding"

    @extend_schema(operation_id="judges_agreement", responses={200: shapes.JudgeStandingSerializer})
    def get(self, request, pk):
        """How far a judge agrees with people, measured over events that both scored by its rubric."""
        return Response(shapes.JudgeStandingSerializer(using.of(find(WITH_RUBRICS, request, pk))).data)

    @extend_schema(
        operation_id="judges_agreement_update",
        request=shapes.JudgeStandingChangeSerializer,
        responses={200: shapes.JudgeStandingSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer},
    )
    def patch(self, request, pk):
        """Choose the least kappa, and whether the judge is gold and used by triggers while its agreement reaches it."""
        require(request, choosing.PERMISSION)
        judge = find(WITH_RUBRICS, request, pk)
        body = shapes.JudgeStandingChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        choosing.choose(judge, **body.validated_data, by=request.user)
        return Response(shapes.JudgeStandingSerializer(using.of(judge)).data)


class PeopleGoldView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE}
    shows = "feedback.goldassessor"

    @extend_schema(operation_id="people_gold_retrieve", responses={200: shapes.PeopleGoldListSerializer})
    def get(self, request, deployment_id):
        """The rubrics by which people's scores are gold in a deployment."""
        return self._answer(find_deployment(request, deployment_id))

    @extend_schema(
        operation_id="people_gold_update",
        request=shapes.PeopleGoldSerializer,
        responses={200: shapes.PeopleGoldListSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer},
    )
    def put(self, request, deployment_id):
        """Choose whether people's scores by a rubric are gold."""
        require(request, choosing.PEOPLE_PERMISSION)
        deployment = find_deployment(request, deployment_id)
        body = shapes.PeopleGoldSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            rubric = versions.find(body.validated_data["rubric"])
        except versions.UnknownRubric as error:
            raise invalid(FieldError("rubric", "unknown_rubric", str(error))) from error
        choosing.choose_people(deployment, rubric, is_gold=body.validated_data["gold"], by=request.user)
        return self._answer(deployment)

    def _answer(self, deployment):
        return Response({"rubrics": choosing.rubrics_of_people(deployment)})
