"""API of data sets by reference."""

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from exports.datasets import references
from exports.datasets import serializers as shapes
from feedback.access.viewing import may_view
from feedback.api.errors import invalid
from feedback.api.rights import require_view
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.ir import DatasetRef, InvalidDocument, from_map
from feedback.serializers.base import ErrorsSerializer


class ResolveDatasetView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        operation_id="datasets_resolve",
        request=shapes.DatasetRefSerializer,
        responses={200: shapes.ResolvedDatasetSerializer, 400: ErrorsSerializer},
    )
    def post(self, request):
        """The approved set that a DatasetRef names, with its rows, its hash and the exports to download."""
        require_view(request, "curation.curatedset")
        try:
            resolved = references.resolve(_ref(request.data), deployments=request.auth.deployments)
        except references.Unresolvable as error:
            raise invalid(*error.errors) from error
        rows = resolved.rows_by_split()
        body = {
            "ref": msgspec.to_builtins(resolved.ref),
            "curated_set": resolved.curated_set,
            "rows": rows[resolved.split] if resolved.split else sum(rows.values()),
            "rows_by_split": rows,
            "exports": resolved.exports() if may_view(request.user, "exports.exportbatch") else [],
        }
        return Response(shapes.ResolvedDatasetSerializer(body, context={"request": request}).data)


def _ref(data) -> DatasetRef:
    try:
        return from_map(data, DatasetRef)
    except InvalidDocument as error:
        raise invalid(FieldError("", "invalid", f"No DatasetRef: {error}")) from error
