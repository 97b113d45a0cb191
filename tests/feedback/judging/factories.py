"""Clients of the API with fewer rights."""

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from feedback.access import keys
from tests.factories import ALL_SCOPES, StaffFactory


def key_of(user, *deployments):
    """A client whose key is limited to these deployments."""
    _, secret = keys.create(user, "limited", ALL_SCOPES, deployments=list(deployments))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def limited_user(*permissions):
    """A client of a user who has only these permissions."""
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return key_of(user)
