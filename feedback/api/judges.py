"""The API of judges: add, read and change them, read their judgements, and the consent to ask endpoints."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict, invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.judging import budget, configuring, consent
from feedback.judging.configuring import InvalidJudge, JudgeNotAllowed
from feedback.models import Judge, Judgement
from feedback.rubrics import versions
from feedback.serializers import judges as shapes
from feedback.serializers.base import ErrorsSerializer

_JUDGES = Judge.objects.select_related("rubric_version").order_by("-created_at", "-pk")
_CHANGED = {200: shapes.JudgeSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer}


def _switch(judge: Judge, is_enabled: bool | None, user) -> None:
    if is_enabled is None:
        return
    try:
        (configuring.enable if is_enabled else configuring.disable)(judge, by=user)
    except JudgeNotAllowed as error:
        raise Conflict(str(error)) from error


@extend_schema_view(get=extend_schema(operation_id="judges_list", parameters=[shapes.JudgesQuerySerializer]))
class JudgesView(ListAPIView):
    """Judges, newest first, with what they used today."""

    query = shapes.JudgesQuerySerializer
    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "feedback.judge"
    serializer_class = shapes.JudgeSerializer
    queryset = _JUDGES

    def get_queryset(self):
        wanted = self.query(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return super().get_queryset().visible_to(self.request.auth).filter(**wanted.validated_data)

    def paginate_queryset(self, queryset):
        judges = super().paginate_queryset(queryset)
        today = budget.today_of(judges)
        for judge in judges:
            judge.today = today[judge.pk]
        return judges

    @extend_schema(
        operation_id="judges_create",
        request=shapes.JudgeRequestSerializer,
        responses={201: shapes.JudgeSerializer, **dict.fromkeys((400, 404, 409), ErrorsSerializer)},
    )
    def post(self, request):
        """Add a judge. Enabled, it asks its endpoints once the consent of the deployment is given."""
        require(request, configuring.ADD_PERMISSION)
        body = shapes.JudgeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        facts = dict(body.validated_data)
        is_enabled = facts.pop("enabled", None)
        if is_enabled:
            require(request, configuring.CHANGE_PERMISSION)
        deployment = find_deployment(request, facts.pop("deployment_id"))
        if is_enabled and consent.of(deployment.pk) is None:
            raise Conflict(f"No user has accepted that masked texts of {deployment.pk} are sent to endpoints.")
        try:
            rubric = versions.find(facts.pop("rubric"))
            judge = configuring.create(deployment, facts.pop("name"), rubric, facts, by=request.user)
        except versions.UnknownRubric as error:
            raise invalid(FieldError("rubric", "unknown_rubric", str(error))) from error
        except InvalidJudge as error:
            raise invalid(*error.errors) from error
        _switch(judge, is_enabled or None, request.user)
        found = find(_JUDGES, request, judge.pk)
        return Response(shapes.JudgeSerializer(found).data, status=status.HTTP_201_CREATED)


class JudgeView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "feedback.judge"

    @extend_schema(operation_id="judges_retrieve", responses=shapes.JudgeSerializer)
    def get(self, request, pk):
        """One judge, with what it used today."""
        return Response(shapes.JudgeSerializer(find(_JUDGES, request, pk)).data)

    @extend_schema(operation_id="judges_change", request=shapes.JudgeChangeSerializer, responses=_CHANGED)
    def patch(self, request, pk):
        """Change a judge; what is left out stays. Its name and rubric stay too: add another judge instead."""
        judge = find(_JUDGES, request, pk)
        require(request, configuring.CHANGE_PERMISSION)
        body = shapes.JudgeChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        facts = dict(body.validated_data)
        is_enabled = facts.pop("enabled", None)
        try:
            if facts:
                configuring.change(judge, facts, by=request.user)
        except InvalidJudge as error:
            raise invalid(*error.errors) from error
        _switch(judge, is_enabled, request.user)
        return Response(shapes.JudgeSerializer(find(_JUDGES, request, pk)).data)


@extend_schema_view(get=extend_schema(operation_id="judgements_list", parameters=[shapes.JudgementsQuerySerializer]))
class JudgementsView(ListAPIView):
    """Judgements, newest first: what judges said of events, what it cost, and why others are not scored."""

    query = shapes.JudgementsQuerySerializer
    scopes = {"GET": Scope.READ}
    shows = "feedback.judgement"
    serializer_class = shapes.JudgementSerializer
    queryset = Judgement.objects.select_related("judge", "rubric_version")

    def get_queryset(self):
        wanted = self.query(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return super().get_queryset().visible_to(self.request.auth).filter(**wanted.validated_data)


class JudgeConsentView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE, "DELETE": Scope.OPERATE}
    shows = "feedback.judgeconsent"

    @extend_schema(operation_id="judge_consent_retrieve", responses={200: shapes.JudgeConsentSerializer})
    def get(self, request, deployment_id):
        """Who accepted that masked texts of the deployment are sent to judges, and when; null if no one."""
        return self._answer(find_deployment(request, deployment_id))

    @extend_schema(operation_id="judge_consent_accept", request=None, responses={200: shapes.JudgeConsentSerializer})
    def put(self, request, deployment_id):
        """Accept that masked texts of the deployment are sent to endpoints of judges."""
        deployment = find_deployment(request, deployment_id)
        consent.accept(deployment, by=request.user)
        return self._answer(deployment)

    @extend_schema(operation_id="judge_consent_withdraw", responses={204: None})
    def delete(self, request, deployment_id):
        """Withdraw the consent: running judges ask nothing more."""
        consent.withdraw(find_deployment(request, deployment_id), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, deployment):
        found = consent.of(deployment.pk)
        if found is None:
            return Response({"accepted_by": None, "accepted_at": None})
        return Response(shapes.JudgeConsentSerializer(found).data)
