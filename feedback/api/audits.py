"""The API of audits: events to be answered by a gold score, and what the answers say."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.pagination import NewestFirst
from feedback.api.rights import find_deployment
from feedback.choices import Scope
from feedback.evidence.keeping.corrected import corrected_approval
from feedback.models import AuditedEvent
from feedback.serializers import audits as shapes
from feedback.serializers.base import ErrorsSerializer


class _NewestAudits(NewestFirst):
    ordering = ("-occurred_at", "-event_id")


class AuditsView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.event"
    query = shapes.AuditsQuerySerializer

    @extend_schema(
        operation_id="audits_list",
        parameters=[shapes.AuditsQuerySerializer],
        responses={200: shapes.AuditListSerializer, 400: ErrorsSerializer},
    )
    def get(self, request, deployment_id):
        """Events that are audited, newest first, and the share of good answers of each model version."""
        deployment = find_deployment(request, deployment_id)
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        audits = AuditedEvent.objects.of_deployment(deployment.pk)
        if (answered := query.validated_data["answered"]) is not None:
            audits = audits.answered() if answered else audits.unanswered()
        pages = _NewestAudits()
        body = {
            "results": pages.paginate_queryset(audits, request, view=self),
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "versions": corrected_approval(deployment.pk),
        }
        return Response(shapes.AuditListSerializer(body).data)
