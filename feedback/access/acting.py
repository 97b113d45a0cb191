"""In whose name a command acts."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User


class NoActingUser(LookupError):
    """There is no active user of this name, or no active superuser."""

    def __init__(self, name: str | None):
        super().__init__(f"There is no active user {name}." if name else "Use --user to name the user who acts.")


def acting_user(name: str | None) -> User:
    """The active user of this name, by default the first active superuser. Raises NoActingUser."""
    users = get_user_model().objects.filter(is_active=True)
    users = users.filter(username=name) if name else users.filter(is_superuser=True)
    if (user := users.order_by("pk").first()) is None:
        raise NoActingUser(name)
    return user
