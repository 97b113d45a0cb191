from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet
from exports.batches import deletion, downloads, requesting
from exports.batches.target import TargetUnusable
from exports.choices import Profile
from exports.models import ExportBatch
from exports.serializers import ExportAcceptedSerializer, ExportRequestSerializer, ExportSerializer
from feedback.api.errors import Conflict, refusal

WITH_PEOPLE = ExportBatch.objects.select_related("curated_set", "requested_by", "approved_by", "files_deleted_by")


class ExportsView(generics.ListAPIView):
    scopes = {"GET": "read", "POST": "operate"}
    serializer_class = ExportSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(summary="Exports, newest first")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Request the export of an approved set; the same request gives the same export",
        request=ExportRequestSerializer,
        responses={201: ExportAcceptedSerializer},
    )
    def post(self, request):
        if not request.user.has_perm("exports.add_exportbatch"):
            raise PermissionDenied("The user of this API key may not request exports.")
        body = ExportRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        curated_set = get_object_or_404(CuratedSet.objects.visible_to(request.auth), pk=wanted["curated_set"])
        try:
            batch, _ = requesting.request(
                curated_set.pk,
                format=wanted["format"],
                profile=wanted.get("options", {}).get("profile", Profile.DEFAULT),
                by=request.user,
            )
        except requesting.ExportRefused as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(ExportAcceptedSerializer(batch).data, status=status.HTTP_201_CREATED)


class ExportView(generics.RetrieveAPIView):
    scopes = {"GET": "read"}
    serializer_class = ExportSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(summary="One export")
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)


class ApproveExportView(APIView):
    scopes = {"POST": "operate"}

    @extend_schema(summary="Approve an export, or a failed one once more", request=None, responses=ExportSerializer)
    def post(self, request, pk):
        get_object_or_404(ExportBatch.objects.visible_to(request.auth), pk=pk)
        try:
            requesting.approve(pk, by=request.user)
        except requesting.ExportRefused as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(ExportSerializer(WITH_PEOPLE.get(pk=pk)).data)


class DownloadExportView(APIView):
    scopes = {"GET": "read"}

    def perform_content_negotiation(self, request, force=False):
        # The file is what it is, whatever the client accepts; only a refusal is rendered.
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        summary="The file of a published export, or a .zip of its folder",
        responses={
            (200, downloads.MEDIA_TYPE): OpenApiTypes.BINARY,
            (200, downloads.ARCHIVE_MEDIA_TYPE): OpenApiTypes.BINARY,
        },
    )
    def get(self, request, pk):
        batch = get_object_or_404(WITH_PEOPLE.visible_to(request.auth), pk=pk)
        try:
            return downloads.response(batch)
        except downloads.NotPublished as too_early:
            raise Conflict(str(too_early)) from too_early
        except downloads.FileGone as missing:
            raise NotFound(str(missing)) from missing
        except TargetUnusable as fault:
            return refusal("unavailable", str(fault), http_status=status.HTTP_503_SERVICE_UNAVAILABLE)


class ExportFilesView(APIView):
    scopes = {"DELETE": "operate"}

    @extend_schema(summary="Delete the files of a published export for good", responses={200: ExportSerializer})
    def delete(self, request, pk):
        get_object_or_404(ExportBatch.objects.visible_to(request.auth), pk=pk)
        try:
            deletion.delete_files(pk, by=request.user)
        except requesting.ExportRefused as too_late:
            raise Conflict(str(too_late)) from too_late
        except TargetUnusable as fault:
            return refusal("unavailable", str(fault), http_status=status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response(ExportSerializer(WITH_PEOPLE.get(pk=pk)).data)
