"""The API of triggers: look now, history, configuration, firings."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from drift import tasks
from drift.choices import CheckSource
from drift.models import TriggerEvaluation, TriggerFiring
from drift.serializers import triggers as shapes
from drift.triggers import firings, rules
from drift.triggers.rules import InvalidRule
from feedback.api.errors import Conflict
from feedback.api.pagination import NewestFirst
from feedback.choices import Scope
from feedback.models import Deployment
from feedback.serializers.base import ErrorsSerializer


class NewestNumbers(NewestFirst):
    """By number: the looks of one check share their moment, and a cursor needs a place of its own for each."""

    ordering = "-id"


class DeploymentTriggersView(ListAPIView):
    """Every look at a deployment's triggers that is kept, newest first."""

    scopes = {"GET": Scope.READ}
    serializer_class = shapes.TriggerEvaluationSerializer
    pagination_class = NewestNumbers

    def get_queryset(self):
        deployment = get_object_or_404(Deployment, pk=self.kwargs["deployment_id"])
        return TriggerEvaluation.objects.of_deployment(deployment.pk).select_related("asked_by")


class CheckTriggersView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(operation_id="check_triggers", request=None, responses=shapes.TriggersSerializer)
    def post(self, request, deployment_id):
        """Evaluate the four triggers now."""
        _require(request.user, "drift.add_triggerevaluation")
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        numbers = tasks.check_triggers(deployment.pk, source=CheckSource.API, asked_by_id=request.user.pk)
        evaluations = TriggerEvaluation.objects.select_related("asked_by").filter(pk__in=numbers).order_by("pk")
        return Response(shapes.TriggersSerializer({"triggers": evaluations}).data)


class TriggerRulesView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}

    @extend_schema(operation_id="trigger_rules_retrieve", responses=shapes.TriggerRulesSerializer)
    def get(self, request, deployment_id):
        """How the triggers of a deployment are configured."""
        return _rules(get_object_or_404(Deployment, pk=deployment_id))

    @extend_schema(
        operation_id="trigger_rules_change",
        request=shapes.TriggerRulesChangeSerializer,
        responses={200: shapes.TriggerRulesSerializer, 400: ErrorsSerializer},
    )
    def patch(self, request, deployment_id):
        """Change triggers by name; what is left out stays."""
        _require(request.user, "drift.change_triggerrule")
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        body = shapes.TriggerRulesChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            rules.change(deployment, body.validated_data, by=request.user)
        except InvalidRule as refusal:
            raise ValidationError(
                {error.field: [ErrorDetail(error.message, error.code)] for error in refusal.errors}
            ) from refusal
        return _rules(deployment)


class DeploymentFiringsView(ListAPIView):
    """The firings of a deployment's triggers, newest first."""

    scopes = {"GET": Scope.READ}
    serializer_class = shapes.TriggerFiringSerializer
    pagination_class = NewestNumbers

    @extend_schema(parameters=[shapes.FiringQuerySerializer])
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        deployment = get_object_or_404(Deployment, pk=self.kwargs["deployment_id"])
        query = shapes.FiringQuerySerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        found = TriggerFiring.objects.of_deployment(deployment.pk).select_related("evaluation", "settled_by")
        return found.in_state(query.validated_data["state"]) if "state" in query.validated_data else found


class AcknowledgeFiringView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="acknowledge_firing",
        request=None,
        responses={200: shapes.TriggerFiringSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, firing_id):
        """Note that somebody has seen the firing."""
        _require(request.user, "drift.change_triggerfiring")
        if not TriggerFiring.objects.visible_to(request.auth).filter(pk=firing_id).exists():
            raise Http404
        try:
            firing = firings.acknowledge(firing_id, by=request.user)
        except firings.AlreadySettled as refusal:
            raise Conflict(str(refusal), "already_settled") from refusal
        return Response(shapes.TriggerFiringSerializer(firing).data)


def _rules(deployment: Deployment) -> Response:
    return Response(shapes.TriggerRulesSerializer({"triggers": rules.of_deployment(deployment)}).data)


def _require(user, permission):
    if not user.has_perm(permission):
        raise PermissionDenied("The user of this API key may not do this.")
