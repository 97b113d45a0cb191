"""The API of flags: what was found in texts, and decisions on it."""

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find, find_deployment
from feedback.choices import FlagState, Scope
from feedback.flagging import counting, reviewing
from feedback.models import RaisedFlag
from feedback.serializers import flags as shapes
from feedback.serializers.base import ErrorsSerializer

SHOWN = "feedback.raisedflag"


class NewestFlags(NewestFirst):
    ordering = ("-occurred_at", "-id")


@extend_schema_view(get=extend_schema(operation_id="flags_list", parameters=[shapes.FlagsQuerySerializer]))
class FlagsView(ListAPIView):
    """Flags, those of the newest events first."""

    scopes = {"GET": Scope.READ}
    shows = SHOWN
    query = shapes.FlagsQuerySerializer
    serializer_class = shapes.FlagSerializer
    pagination_class = NewestFlags

    def get_queryset(self):
        query = self.query(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        flags = RaisedFlag.objects.visible_to(self.request.auth).select_related("reviewed_by")
        return flags.filter(**query.validated_data)


class FlagView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = SHOWN

    @extend_schema(operation_id="flags_retrieve", responses=shapes.FlagSerializer)
    def get(self, request, pk):
        """One flag."""
        return Response(shapes.FlagSerializer(_found(request, pk)).data)

    @extend_schema(
        operation_id="review_flag",
        request=shapes.ReviewFlagSerializer,
        responses={200: shapes.FlagSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def patch(self, request, pk):
        """Confirm or dismiss a flag: its event stays out of sets, or may be in one. 409 if that is decided already."""
        flag = _found(request, pk)
        body = shapes.ReviewFlagSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            flag = reviewing.review(flag.pk, FlagState(body.validated_data["state"]), by=request.user)
        except reviewing.WrongState as error:
            raise Conflict(str(error)) from error
        except RaisedFlag.DoesNotExist as error:
            raise Http404 from error
        return Response(shapes.FlagSerializer(flag).data)


class FlagCountsView(APIView):
    scopes = {"GET": Scope.READ}
    shows = SHOWN
    query = shapes.FlagCountsQuerySerializer

    @extend_schema(
        operation_id="deployment_flags",
        parameters=[shapes.FlagCountsQuerySerializer],
        responses={200: shapes.FlagCountsSerializer, 400: ErrorsSerializer},
    )
    def get(self, request, deployment_id):
        """How many events of a deployment have flags, by day and kind."""
        deployment = find_deployment(request, deployment_id)
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        days = counting.by_day(deployment.pk, days=query.validated_data["days"])
        return Response(shapes.FlagCountsSerializer({"deployment_id": deployment.pk, "days": days}).data)


def _found(request, flag_id: int) -> RaisedFlag:
    return find(RaisedFlag.objects.select_related("reviewed_by"), request, flag_id)
