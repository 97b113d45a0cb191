"""The OpenAPI schema, for keys with scope read and for staff logged in to the console."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission

from feedback.access.authentication import ApiKeyAuthentication, HasScope
from feedback.access.parameters import KnownParameters
from feedback.choices import Scope


class IsLoggedInStaff(BasePermission):
    """A logged-in staff user. An API key does not qualify, even if a staff user owns it."""

    def has_permission(self, request, view):
        return request.auth is None and request.user.is_active and request.user.is_staff


class SchemaQuerySerializer(serializers.Serializer):
    """What the documentation page adds to its address of the schema."""

    lang = serializers.CharField(required=False)
    version = serializers.CharField(required=False)


class DocumentationQuerySerializer(SchemaQuerySerializer):
    script = serializers.CharField(required=False, help_text="Set by the page to get its own script")


class SchemaView(SpectacularAPIView):
    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [HasScope | IsLoggedInStaff, KnownParameters]
    query = SchemaQuerySerializer
    scopes = {"GET": Scope.READ}


class DocumentationView(SpectacularSwaggerSplitView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsLoggedInStaff, KnownParameters]
    query = DocumentationQuerySerializer
