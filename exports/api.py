"""API of exports: request, decide, download, and delete files."""

import structlog
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet
from exports import serializers as shapes
from exports.batches import deletion, downloads, requesting
from exports.batches.options import InvalidOption
from exports.batches.review import approval, preview
from exports.batches.spooling import NoSpace
from exports.batches.target import TargetUnusable
from exports.models import ExportBatch
from exports.training.handover import keys
from feedback.access.parameters import KnownParameters
from feedback.api.errors import Conflict, Gone, Unavailable, invalid
from feedback.api.rights import find, require, require_view
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.serializers.base import ErrorsSerializer

log = structlog.get_logger(__name__)
WITH_PEOPLE = ExportBatch.objects.with_people()


@extend_schema_view(get=extend_schema(operation_id="exports_list"))
class ExportsView(ListAPIView):
    """Exports, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "exports.exportbatch"
    serializer_class = shapes.ExportSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(
        operation_id="exports_create",
        request=shapes.ExportRequestSerializer,
        responses={201: shapes.ExportAcceptedSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request):
        """Request the export of an approved set. Repeating a request returns the same export; a rejected one opens
        again.
        """
        require(request, "exports.add_exportbatch")
        body = shapes.ExportRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        curated_set = find(CuratedSet.objects, request, wanted["curated_set"])
        chosen = wanted.get("options", {})
        try:
            batch, _ = requesting.request(curated_set.pk, format=wanted["format"], by=request.user, **chosen)
        except InvalidOption as error:
            raise ValidationError({"options": {error.option: [str(error)]}}) from error
        except requesting.ExportNotAllowed as error:
            raise Conflict(str(error)) from error
        return Response(shapes.ExportAcceptedSerializer(batch).data, status=status.HTTP_201_CREATED)


@extend_schema_view(get=extend_schema(operation_id="exports_retrieve"))
class ExportView(RetrieveAPIView):
    """One export."""

    scopes = {"GET": Scope.READ}
    shows = "exports.exportbatch"
    serializer_class = shapes.ExportSerializer
    queryset = WITH_PEOPLE

    def opens_to_run(self, key, method):
        return keys.opens_export(key, self.kwargs["pk"])

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class ApproveExportView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="approve_export",
        request=None,
        responses={200: shapes.ExportSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Approve a requested export, or a failed or cancelled one again."""
        return _decided(request, pk, approval.approve)


class RejectExportView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="reject_export",
        request=shapes.ExportRejectionSerializer,
        responses={200: shapes.ExportSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Reject an export that is not written, with a reason."""
        body = shapes.ExportRejectionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return _decided(request, pk, approval.reject, note=body.validated_data["note"])


class CancelExportView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="cancel_export",
        request=None,
        responses={200: shapes.ExportSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Cancel an approved export that is not published; it can be approved again."""
        return _decided(request, pk, approval.cancel)


def _decided(request, pk, decide, **facts):
    batch = find(ExportBatch.objects, request, pk)
    try:
        decide(batch.pk, by=request.user, **facts)
    except approval.NoteRequired as error:
        raise invalid(FieldError("note", "required", str(error))) from error
    except approval.FourEyes as error:
        raise PermissionDenied(str(error)) from error
    except requesting.ExportNotAllowed as error:
        raise Conflict(str(error)) from error
    return Response(shapes.ExportSerializer(find(WITH_PEOPLE, request, pk)).data)


class LinkExportView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="link_export",
        request=shapes.LinkRequestSerializer,
        responses={200: shapes.LinkSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer, 410: ErrorsSerializer},
    )
    def post(self, request, pk):
        """A link to the files of a published export that needs no key and expires."""
        require_view(request, "exports.exportbatch")
        body = shapes.LinkRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        batch = find(WITH_PEOPLE, request, pk)
        try:
            token, expires_at = downloads.link_token(batch, **body.validated_data)
        except downloads.NotPublished as error:
            raise Conflict(str(error)) from error
        except downloads.FileDeleted as error:
            raise Gone(str(error)) from error
        log.info("export_link_made", export=batch.pk, by=request.user.pk, expires_at=expires_at.isoformat())
        made = {"url": link(request, batch, token), "expires_at": expires_at}
        return Response(shapes.LinkSerializer(made).data)


def link(request, batch: ExportBatch, token: str) -> str:
    """The address of a download by link."""
    address = reverse("download-export", kwargs={"pk": batch.pk})
    return request.build_absolute_uri(f"{address}?{urlencode({'token': token})}")


class DownloadExportView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "exports.exportbatch"
    query = shapes.DownloadQuerySerializer

    def opens_to_run(self, key, method):
        return keys.opens_export(key, self.kwargs["pk"])

    def get_authenticators(self):
        return [] if self._is_by_link() else super().get_authenticators()

    def get_permissions(self):
        return [KnownParameters()] if self._is_by_link() else super().get_permissions()

    def _is_by_link(self) -> bool:
        """Whether a token stands in the place of a key; the schema is made without a request."""
        return self.request is not None and "token" in self.request.GET

    def perform_content_negotiation(self, request, force=False):
        # The file is sent regardless of the Accept header; only errors are rendered.
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="download_export",
        auth=[{"ApiKey": []}, {}],
        parameters=[shapes.DownloadQuerySerializer],
        responses={
            **{(200, media_type): OpenApiTypes.BINARY for media_type in downloads.MEDIA_TYPES},
            409: ErrorsSerializer,
            410: ErrorsSerializer,
            503: ErrorsSerializer,
        },
    )
    def get(self, request, pk):
        """The file of a published export, or a .zip of its folder; with the token of a link no key is needed."""
        token = request.GET.get("token")
        try:
            batch = find(WITH_PEOPLE, request, pk) if token is None else downloads.by_link(pk, token)
            return downloads.response(batch)
        except downloads.LinkRejected as error:
            raise PermissionDenied(str(error)) from error
        except downloads.NotPublished as error:
            raise Conflict(str(error)) from error
        except downloads.FileDeleted as error:
            raise Gone(str(error)) from error
        except downloads.FileGone as error:
            raise NotFound(str(error)) from error
        except TargetUnusable as error:
            raise Unavailable(str(error)) from error


class ExportPreviewView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "exports.exportbatch"

    @extend_schema(
        operation_id="preview_export", responses={200: shapes.ExportPreviewSerializer, 503: ErrorsSerializer}
    )
    def get(self, request, pk):
        """What the export would hold if it were written now. Computed for this request; nothing is stored."""
        try:
            found = preview.of(find(WITH_PEOPLE, request, pk))
        except NoSpace as error:
            raise Unavailable(str(error)) from error
        return Response(shapes.ExportPreviewSerializer(found).data)


class ExportManifestView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "exports.exportbatch"

    def opens_to_run(self, key, method):
        return keys.opens_export(key, self.kwargs["pk"])

    @extend_schema(
        operation_id="export_manifest",
        responses={200: OpenApiTypes.OBJECT, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def get(self, request, pk):
        """What the rows of a published export are and where they come from."""
        try:
            return Response(downloads.manifest(find(WITH_PEOPLE, request, pk)))
        except downloads.NotPublished as error:
            raise Conflict(str(error)) from error
        except downloads.WithoutManifest as error:
            raise NotFound(str(error)) from error


class ExportFilesView(APIView):
    scopes = {"DELETE": Scope.OPERATE}

    @extend_schema(
        operation_id="delete_export_files",
        responses={200: shapes.ExportSerializer, 409: ErrorsSerializer, 503: ErrorsSerializer},
    )
    def delete(self, request, pk):
        """Permanently delete the files of a published export."""
        batch = find(ExportBatch.objects, request, pk)
        try:
            deletion.delete_files(batch.pk, by=request.user)
        except requesting.ExportNotAllowed as error:
            raise Conflict(str(error)) from error
        except TargetUnusable as error:
            raise Unavailable(str(error)) from error
        return Response(shapes.ExportSerializer(find(WITH_PEOPLE, request, pk)).data)
