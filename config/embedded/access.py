"""The first user and the first API key, so that a new installation can be used at once."""

from django.contrib.auth import get_user_model

from config.embedded import secrets
from config.embedded.home import Home
from feedback.access import keys
from feedback.choices import Scope

ADMIN, KEY = "admin", "make run"


def ensure_admin(password: str):
    """Return the admin user, made with this password unless it exists."""
    users = get_user_model()._default_manager
    return users.filter(username=ADMIN).first() or users.create_superuser(ADMIN, password=password)


def ensure_key(admin, home: Home) -> str:
    """Return the text of a usable key; a key that was revoked is followed by a new one."""
    text = secrets.keep(home.secrets)["API_KEY"]
    if keys.find(text):
        return text
    if admin.api_keys.filter(name=KEY).exists():
        text = secrets.renew(home.secrets, "API_KEY")
    return keys.create(admin, KEY, Scope.of_people(), secret=text)[1]
