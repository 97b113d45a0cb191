"""The OpenAPI schema, for keys with scope read and for staff logged in to the console."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission

from feedback.access.authentication import ApiKeyAuthentication, HasScope
from feedback.choices import Scope


class IsLoggedInStaff(BasePermission):
    """A logged-in staff user. An API key does not qualify, even if a staff user owns it."""

    def has_permission(self, request, view):
        return request.auth is None and request.user.is_active and request.user.is_staff


class SchemaView(SpectacularAPIView):
    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [HasScope | IsLoggedInStaff]
    scopes = {"GET": Scope.READ}


class DocumentationView(SpectacularSwaggerSplitView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsLoggedInStaff]
