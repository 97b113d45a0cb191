"""API of the number of curated examples."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedExample
from curation.serializers.counting import CuratedCountSerializer
from feedback.api.rights import find_deployment
from feedback.choices import Scope


class CuratedCountView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"

    @extend_schema(operation_id="curated_count", responses=CuratedCountSerializer)
    def get(self, request, deployment_id):
        """How many events are examples of curated sets."""
        deployment = find_deployment(request, deployment_id)
        found = CuratedExample.objects.of_deployment(deployment.pk).numbers_of_events()
        return Response(CuratedCountSerializer(found).data)
