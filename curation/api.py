from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedExample, CuratedSet
from curation.review import approval
from curation.serializers import (
    CuratedExampleSerializer,
    CuratedSetAcceptedSerializer,
    CuratedSetRequestSerializer,
    CuratedSetSerializer,
    CuratedSetSummarySerializer,
    NoteRequestSerializer,
)
from curation.sets import requesting
from feedback.api.errors import Conflict
from feedback.api.pagination import NewestFirst
from feedback.models import Deployment


class InOrder(NewestFirst):
    ordering = "position"


class DeploymentCuratedSetsView(generics.ListAPIView):
    scopes = {"GET": "read", "POST": "operate"}
    serializer_class = CuratedSetSummarySerializer
    queryset = CuratedSet.objects.select_related("created_by", "decided_by")

    def get_queryset(self):
        deployment = get_object_or_404(Deployment, pk=self.kwargs["deployment_id"])
        return super().get_queryset().filter(deployment_id=deployment.pk)

    @extend_schema(summary="The curated sets of a deployment, newest first")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Curate: build a draft of what is worth learning from",
        request=CuratedSetRequestSerializer,
        responses={202: CuratedSetAcceptedSerializer},
    )
    def post(self, request, deployment_id):
        if not request.user.has_perm("curation.add_curatedset"):
            raise PermissionDenied("The user of this API key may not curate.")
        body = CuratedSetRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        get_object_or_404(Deployment, pk=deployment_id)
        curated_set = requesting.request(deployment_id, by=request.user, **body.validated_data)
        return Response(CuratedSetAcceptedSerializer(curated_set).data, status=status.HTTP_202_ACCEPTED)


class CuratedSetView(generics.RetrieveAPIView):
    scopes = {"GET": "read"}
    serializer_class = CuratedSetSerializer
    queryset = CuratedSet.objects.select_related("created_by", "decided_by").prefetch_related("decisions__by")

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(summary="One curated set")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)


class CuratedSetExamplesView(generics.ListAPIView):
    scopes = {"GET": "read"}
    serializer_class = CuratedExampleSerializer
    pagination_class = InOrder
    queryset = CuratedExample.objects.select_related("curated_set")

    def get_queryset(self):
        visible = CuratedSet.objects.visible_to(self.request.auth)
        curated_set = get_object_or_404(visible, pk=self.kwargs["pk"])
        return super().get_queryset().filter(curated_set=curated_set)

    @extend_schema(summary="The examples of a curated set, in its order")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)


class DecisionView(APIView):
    scopes = {"POST": "operate"}
    decide = None

    def _decide(self, request, pk):
        body = NoteRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        get_object_or_404(CuratedSet.objects.visible_to(request.auth), pk=pk)
        try:
            curated_set = type(self).decide(pk, by=request.user, note=body.validated_data["note"])
        except approval.NoteRequired as refusal:
            raise ValidationError({"note": [str(refusal)]}, code="required") from refusal
        except approval.FourEyes as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except approval.ReviewRefused as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(CuratedSetSerializer(curated_set).data)


class SubmitCuratedSetView(DecisionView):
    decide = approval.submit

    @extend_schema(summary="Ask for a review of a draft", request=NoteRequestSerializer, responses=CuratedSetSerializer)
    def post(self, request, pk):
        return self._decide(request, pk)


class ApproveCuratedSetView(DecisionView):
    decide = approval.approve

    @extend_schema(summary="Approve a curated set", request=NoteRequestSerializer, responses=CuratedSetSerializer)
    def post(self, request, pk):
        return self._decide(request, pk)


class RejectCuratedSetView(DecisionView):
    decide = approval.reject

    @extend_schema(
        summary="Reject a curated set; the note says why", request=NoteRequestSerializer, responses=CuratedSetSerializer
    )
    def post(self, request, pk):
        return self._decide(request, pk)
