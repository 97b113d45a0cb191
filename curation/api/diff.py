"""API of what differs between two versions of a set."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet
from curation.serializers import diff as shapes
from curation.sets import diff
from feedback.api.errors import Conflict, invalid
from feedback.api.rights import find
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.serializers.base import ErrorsSerializer


class DiffView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"
    query = shapes.DiffQuerySerializer

    @extend_schema(
        operation_id="diff_of_curated_sets",
        parameters=[shapes.DiffQuerySerializer],
        responses={200: shapes.DiffSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def get(self, request, pk):
        """Rows that this set releases and another does not, rows of both that differ, and why."""
        curated_set = find(CuratedSet.objects, request, pk)
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        against_id = wanted.get("against", curated_set.parent_id)
        if against_id is None:
            raise Conflict(f"{curated_set} has no parent. Name the set to compare with in `against`.")
        against = find(CuratedSet.objects, request, against_id)
        try:
            found = diff.of(curated_set, against)
        except diff.OtherDeployment as error:
            raise invalid(FieldError("against", "invalid", str(error))) from error
        rows = [row for row in found.rows if wanted.get("change") in (None, row.change)]
        end = wanted["offset"] + wanted["limit"]
        answer = {
            "set": curated_set,
            "against": against,
            **{name: getattr(found, name) for name in ("counts", "reasons", "before", "after")},
            "rows": rows[wanted["offset"] : end],
            "total": len(rows),
            "next_offset": end if end < len(rows) else None,
        }
        return Response(shapes.DiffSerializer(answer).data)
