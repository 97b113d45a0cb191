"""API of gates: request, read, upload answers, cancel, and consent to questions to endpoints."""

from dataclasses import asdict

from django.core.exceptions import RequestDataTooBig
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import GoldenSet
from exports.gates import consent, requesting
from exports.gates.answers import uploading
from exports.gates.api import serializers as shapes
from exports.models import GateRun, TrainingRun
from feedback.api.errors import Conflict, Unavailable, error_response, invalid
from feedback.api.rights import find, find_deployment
from feedback.choices import Scope
from feedback.endpoints.endpoints import InvalidEndpoints
from feedback.field_errors import FieldError
from feedback.ingestion.parsing import bodies, requests
from feedback.models import Judge
from feedback.serializers.base import ErrorsSerializer

WITH_PEOPLE = GateRun.objects.select_related("requested_by")


REQUESTED = {
    201: shapes.GateSerializer,
    400: ErrorsSerializer,
    404: ErrorsSerializer,
    409: ErrorsSerializer,
    503: ErrorsSerializer,
}


def _requested(request, body, training_run: TrainingRun | None) -> Response:
    """Request a gate with a golden set that the key may see."""
    try:
        gate = requesting.request(
            golden_set=find(GoldenSet.objects, request, body["golden_set"]),
            candidate=body["candidate"],
            current=body["current"],
            training_run=training_run,
            judge=None if body["judge"] is None else find(Judge.objects, request, body["judge"]),
            by=request.user,
        )
    except requesting.UnknownEndpoint as error:
        raise invalid(FieldError(f"{error.side}.endpoint", "unknown_endpoint", str(error))) from error
    except requesting.SameModel as error:
        raise invalid(FieldError("candidate.endpoint", "same_model", str(error))) from error
    except requesting.GateNotAllowed as error:
        raise Conflict(str(error)) from error
    except InvalidEndpoints as error:
        raise Unavailable(str(error)) from error
    return Response(shapes.GateSerializer(gate).data, status=status.HTTP_201_CREATED)


@extend_schema_view(get=extend_schema(operation_id="gates_list", parameters=[shapes.GatesQuerySerializer]))
class GatesView(ListAPIView):
    """Gates, newest first."""

    query = shapes.GatesQuerySerializer
    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "exports.gaterun"
    serializer_class = shapes.GateSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        wanted = self.query(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return super().get_queryset().visible_to(self.request.auth).filter(**wanted.validated_data)

    @extend_schema(operation_id="gates_create", request=shapes.GateRequestSerializer, responses=REQUESTED)
    def post(self, request):
        """Compare a candidate with the current model on a golden set. Endpoints are asked, other answers uploaded."""
        requesting.check_permission(request.user)
        body = shapes.GateRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        run_id = body.validated_data["training_run"]
        training_run = None if run_id is None else find(TrainingRun.objects, request, run_id)
        return _requested(request, body.validated_data, training_run)


class GateOfRunView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(operation_id="training_runs_gate", request=shapes.GateOfRunSerializer, responses=REQUESTED)
    def post(self, request, pk):
        """Compare the model that a training run made with the current one on a golden set."""
        training_run = find(TrainingRun.objects, request, pk)
        requesting.check_permission(request.user)
        body = shapes.GateOfRunSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return _requested(request, body.validated_data, training_run)


@extend_schema_view(get=extend_schema(operation_id="gates_retrieve"))
class GateView(RetrieveAPIView):
    """One gate with its verdict."""

    scopes = {"GET": Scope.READ}
    shows = "exports.gaterun"
    serializer_class = shapes.GateSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class GateAnswersView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="gates_upload_answers",
        request={
            "application/json": shapes.GateAnswersRequestSerializer,
            "application/x-ndjson": shapes.GateAnswerLineSerializer,
        },
        responses={
            200: shapes.GateAnswersSerializer,
            207: shapes.GateAnswersSerializer,
            400: ErrorsSerializer,
            404: ErrorsSerializer,
            409: ErrorsSerializer,
            413: ErrorsSerializer,
            415: ErrorsSerializer,
        },
    )
    def post(self, request, pk):
        """Upload answers, one a line: 200, or 207 if a line is rejected. Lines stored before are unchanged."""
        gate = find(GateRun.objects, request, pk)
        requesting.check_permission(request.user)
        try:
            items = requests.read_items(
                request.body,
                bounds=requests.Bounds.of(is_public=False),
                content_type=request.content_type or "",
                encoding=request.headers.get("Content-Encoding", "").strip().lower(),
                list_name="answers",
            )
            found = uploading.upload(gate.pk, items, by=request.user)
        except bodies.MalformedBody as error:
            return error_response("malformed", str(error), http_status=400)
        except (bodies.BodyTooLarge, RequestDataTooBig) as error:
            return error_response("too_large", str(error), http_status=413)
        except requests.UnsupportedBody as error:
            return error_response("unsupported_media_type", str(error), http_status=415)
        except requesting.GateNotAllowed as error:
            raise Conflict(str(error)) from error
        return _uploaded(gate, found)


def _uploaded(gate: GateRun, found: uploading.Uploaded) -> Response:
    gate.refresh_from_db(fields=["status"])
    body = {
        "status": gate.status,
        "stored": found.stored,
        "unchanged": found.unchanged,
        "rejected": [{"index": index, **asdict(error)} for index, error in found.rejected],
    }
    code = status.HTTP_207_MULTI_STATUS if found.rejected else status.HTTP_200_OK
    return Response(shapes.GateAnswersSerializer(body).data, status=code)


class CancelGateView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="gates_cancel",
        request=None,
        responses={200: shapes.GateSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Cancel a gate that has not ended."""
        gate = find(GateRun.objects, request, pk)
        try:
            requesting.cancel(gate.pk, by=request.user)
        except requesting.AlreadyEnded as error:
            raise Conflict(str(error)) from error
        return Response(shapes.GateSerializer(find(WITH_PEOPLE, request, pk)).data)


class GateConsentView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE, "DELETE": Scope.OPERATE}
    shows = "exports.gateconsent"

    @extend_schema(operation_id="gate_consent_retrieve", responses={200: shapes.GateConsentSerializer})
    def get(self, request, deployment_id):
        """Who accepted that masked texts of the deployment are sent to endpoints of gates, and when; null if no one."""
        return self._answer(find_deployment(request, deployment_id))

    @extend_schema(operation_id="gate_consent_accept", request=None, responses={200: shapes.GateConsentSerializer})
    def put(self, request, deployment_id):
        """Accept that masked texts of the deployment are sent to endpoints of gates."""
        deployment = find_deployment(request, deployment_id)
        consent.accept(deployment, by=request.user)
        return self._answer(deployment)

    @extend_schema(operation_id="gate_consent_withdraw", responses={204: None})
    def delete(self, request, deployment_id):
        """Withdraw the consent: running gates ask nothing more."""
        consent.withdraw(find_deployment(request, deployment_id), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, deployment):
        found = consent.of(deployment.pk)
        if found is None:
            return Response({"accepted_by": None, "accepted_at": None})
        return Response(shapes.GateConsentSerializer(found).data)
