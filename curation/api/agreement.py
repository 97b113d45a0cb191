"""API of the agreement of reviewers."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet
from curation.review import agreement
from curation.review.comparisons import positions
from curation.serializers.agreement import AgreementSerializer
from feedback.api.rights import find
from feedback.choices import Scope


class AgreementView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"

    @extend_schema(operation_id="curated_set_agreement", responses=AgreementSerializer)
    def get(self, request, pk):
        """How much the reviewers of a set agree: with each other, and with decisions between them."""
        curated_set = find(CuratedSet.objects, request, pk)
        found = agreement.of_set(curated_set)
        shown = {name: getattr(found, name) for name in ("rows", "percent", "kappa", "alpha", "reviewers")}
        shown["criteria"] = agreement.of_criteria(curated_set)
        return Response(AgreementSerializer({**shown, "positions": positions.of_set(curated_set.pk)}).data)
