"""API of policies of approval, and of what an approval would release."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet
from curation.review import approval, policies, releasing
from curation.serializers import policies as shapes
from feedback.api.errors import Conflict
from feedback.api.rights import find, find_deployment
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer


class ApprovalPolicyView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "curation.curatedset"

    @extend_schema(operation_id="approval_policy_retrieve", responses={200: shapes.ApprovalPolicySerializer})
    def get(self, request, deployment_id):
        """What people must have decided before a set of this deployment is approved."""
        deployment = find_deployment(request, deployment_id)
        return Response(shapes.ApprovalPolicySerializer(releasing.policy_of(deployment.pk)).data)

    @extend_schema(
        operation_id="approval_policy_update",
        request=shapes.ApprovalPolicyRequestSerializer,
        responses={200: shapes.ApprovalPolicySerializer, 400: ErrorsSerializer},
    )
    def patch(self, request, deployment_id):
        """Choose a policy. It holds for every set that is not approved yet."""
        deployment = find_deployment(request, deployment_id)
        body = shapes.ApprovalPolicyRequestSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        policy = policies.choose(deployment.pk, by=request.user, **body.validated_data)
        return Response(shapes.ApprovalPolicySerializer(policy).data)


class ReleaseView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"

    @extend_schema(
        operation_id="release_of_curated_set", responses={200: shapes.DryRunSerializer, 409: ErrorsSerializer}
    )
    def get(self, request, pk):
        """What an approval would release now, what stays, and what is missing for it. Nothing is changed."""
        curated_set = find(CuratedSet.objects, request, pk)
        try:
            release, missing = approval.dry_run(curated_set, by=request.user)
        except approval.ReviewNotAllowed as error:
            raise Conflict(str(error)) from error
        return Response({**shapes.ReleaseSerializer(release).data, "missing": missing})
