"""The API of triggers: checks, history, rules, firings."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from drift import tasks
from drift.choices import CheckSource
from drift.models import TriggerEvaluation, TriggerFiring
from drift.serializers import triggers as shapes
from drift.triggers import firings, rules, suggestions
from drift.triggers.rules import InvalidRule
from feedback.api.errors import Conflict, invalid
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.models import Deployment
from feedback.serializers.base import ErrorsSerializer


class NewestNumbers(NewestFirst):
    """By id: evaluations of one check share their timestamp, and a cursor needs a unique position."""

    ordering = "-id"


@extend_schema_view(get=extend_schema(operation_id="trigger_evaluations_list"))
class DeploymentTriggersView(ListAPIView):
    """The stored evaluations of a deployment's triggers, newest first."""

    scopes = {"GET": Scope.READ}
    shows = "drift.triggerevaluation"
    serializer_class = shapes.TriggerEvaluationSerializer
    pagination_class = NewestNumbers

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        return TriggerEvaluation.objects.of_deployment(deployment.pk).select_related("asked_by")


class CheckTriggersView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(operation_id="check_triggers", request=None, responses=shapes.TriggersSerializer)
    def post(self, request, deployment_id):
        """Evaluate the four triggers now."""
        require(request, "drift.add_triggerevaluation")
        deployment = find_deployment(request, deployment_id)
        numbers = tasks.check_triggers(deployment.pk, source=CheckSource.API, asked_by_id=request.user.pk)
        evaluations = TriggerEvaluation.objects.select_related("asked_by").filter(pk__in=numbers).order_by("pk")
        return Response(shapes.TriggersSerializer({"triggers": evaluations}).data)


class TriggerRulesView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "drift.triggerrule"

    @extend_schema(operation_id="trigger_rules_retrieve", responses=shapes.TriggerRulesSerializer)
    def get(self, request, deployment_id):
        """The trigger settings of a deployment, and a suggestion for `feedback_threshold` of `quality_drop`."""
        return _rules(find_deployment(request, deployment_id))

    @extend_schema(
        operation_id="trigger_rules_change",
        request=shapes.TriggerRulesChangeSerializer,
        responses={200: shapes.TriggerRulesSerializer, 400: ErrorsSerializer},
    )
    def patch(self, request, deployment_id):
        """Change trigger settings by trigger name; omitted fields keep their values."""
        require(request, "drift.change_triggerrule")
        deployment = find_deployment(request, deployment_id)
        body = shapes.TriggerRulesChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            rules.change(deployment, body.validated_data, by=request.user)
        except InvalidRule as error:
            raise invalid(*error.errors) from error
        return _rules(deployment)


@extend_schema_view(get=extend_schema(operation_id="trigger_firings_list", parameters=[shapes.FiringQuerySerializer]))
class DeploymentFiringsView(ListAPIView):
    """The firings of a deployment's triggers, newest first."""

    scopes = {"GET": Scope.READ}
    shows = "drift.triggerfiring"
    query = shapes.FiringQuerySerializer
    serializer_class = shapes.TriggerFiringSerializer
    pagination_class = NewestNumbers

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        query = self.query(data=self.request.query_params)
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
        """Acknowledge a firing."""
        require(request, "drift.change_triggerfiring")
        firing = find(TriggerFiring.objects, request, firing_id)
        try:
            firing = firings.acknowledge(firing.pk, by=request.user)
        except firings.AlreadyClosed as error:
            raise Conflict(str(error), "already_settled") from error
        return Response(shapes.TriggerFiringSerializer(firing).data)


def _rules(deployment: Deployment) -> Response:
    found = {
        "triggers": rules.of_deployment(deployment),
        "suggested_feedback_threshold": suggestions.feedback_threshold(deployment.pk, now=timezone.now()),
    }
    return Response(shapes.TriggerRulesSerializer(found).data)
