"""Who calls: an API key sent as Bearer, acting as its user within its scopes."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed
from rest_framework.permissions import BasePermission

from feedback import keys


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = keys.find(secret.strip())
        if key is None:
            raise AuthenticationFailed("This API key is not known or was revoked. Make one with create_api_key.")
        return key.user, key

    def authenticate_header(self, request):
        return "Bearer"


class HasScope(BasePermission):
    """A view names the scope of each method in `scopes`, HEAD goes with GET; what is not named is denied."""

    def has_permission(self, request, view):
        if request.auth is None:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        scope = getattr(view, "scopes", {}).get(method)
        if scope is None and (method == "OPTIONS" or not hasattr(view, method.lower())):
            raise MethodNotAllowed(request.method)
        self.message = f"This API key lacks the scope {scope}." if scope else "This method is not allowed here."
        return scope in request.auth.scopes


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}
