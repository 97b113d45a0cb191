"""The API of rejected items: why they were rejected, and how many."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView

from feedback.api.pagination import NewestFirst
from feedback.api.rights import find_deployment
from feedback.choices import Scope
from feedback.models import RejectionReason
from feedback.serializers.refusals import RejectionReasonSerializer


class NewestHours(NewestFirst):
    ordering = ("-hour_at", "-id")


@extend_schema_view(get=extend_schema(operation_id="refusals_list"))
class DeploymentRefusalsView(ListAPIView):
    """Why items that name a deployment were rejected: one row for each key, field, code and hour, newest first."""

    scopes = {"GET": Scope.READ}
    shows = "feedback.rejectionreason"
    serializer_class = RejectionReasonSerializer
    pagination_class = NewestHours

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        reasons = RejectionReason.objects.of_deployment(deployment.pk).visible_to(self.request.auth)
        return reasons.select_related("key")
