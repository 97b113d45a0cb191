"""Authentication: an API key sent as a Bearer token acts as its user, within its scopes."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotFound, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from feedback.access import keys, rates

OF_RUN = "This API key may read and report its own training run and download its export, and nothing else."


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            key = keys.usable(secret.strip())
        except keys.KeyRejected as error:
            raise AuthenticationFailed(str(error)) from error
        return key.user, key

    def authenticate_header(self, request):
        return "Bearer"


class HasScope(BasePermission):
    """A view names the scope of each method in `scopes`; HEAD counts as GET; methods not named are denied. A scope in
    `other_scopes` opens a method as well.

    Below deployments/{deployment_id} a deployment that the key may not see is not found in every view. The key of
    a training run opens only the views that have `opens_to_run`, and of those what belongs to its run.
    """

    def has_permission(self, request, view):
        if request.auth is None:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        scope = getattr(view, "scopes", {}).get(method)
        if scope is None and (method == "OPTIONS" or not hasattr(view, method.lower())):
            raise MethodNotAllowed(request.method)
        if request.auth.is_of_run:
            self.message = OF_RUN
            return hasattr(view, "opens_to_run") and view.opens_to_run(request.auth, method)
        self.message = f"This API key lacks the scope {scope}." if scope else "This method is not allowed here."
        other = getattr(view, "other_scopes", {}).get(method)
        if scope not in request.auth.scopes and (other is None or other not in request.auth.scopes):
            return False
        deployment_id = view.kwargs.get("deployment_id")
        if deployment_id is not None and not request.auth.sees(deployment_id):
            raise NotFound
        return True


class KeyRate(BaseThrottle):
    """Counts the requests that a key may make by its scopes."""

    def allow_request(self, request, view):
        if request.auth is not None:
            try:
                rates.count(request.auth)
            except rates.TooMuch as error:
                raise Throttled(error.retry_seconds, str(error)) from error
        return True


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}
