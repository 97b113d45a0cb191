"""Permissions of an API caller, and the records it may see."""

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request

from feedback.access.viewing import lacks_permission, may_view
from feedback.models import Deployment


def require(request: Request, permission: str) -> None:
    """Raises PermissionDenied unless the user of the key has this permission."""
    if not request.user.has_perm(permission):
        raise PermissionDenied(f"The user of this API key lacks the permission {permission}.")


def require_view(request: Request, model: str) -> None:
    """Raises PermissionDenied unless the user of the key may view the rows of this model, given as `app.name`."""
    if not may_view(request.user, model):
        raise PermissionDenied(lacks_permission(model))


def find(records, request: Request, record_id) -> Model:
    """The record with this id, if the key may see it. Raises Http404."""
    return get_object_or_404(records.visible_to(request.auth), pk=record_id)


def find_deployment(request: Request, deployment_id: str) -> Deployment:
    return find(Deployment.objects, request, deployment_id)
