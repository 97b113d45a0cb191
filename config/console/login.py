"""Logins to the console: attempts are counted by account and by address before a password is hashed."""

import hashlib

import redis
import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UsernameField
from django.forms import ValidationError
from unfold.forms import AuthenticationForm

from config.web.client_address import client_address, neighbourhood
from feedback import valkey

log = structlog.get_logger(__name__)
COUNTER = "crucible:logins:"
# A count begins with its first attempt and ends this long after it.
WINDOW_SECONDS = 900
TOO_MANY = "too_many_attempts"
UNAVAILABLE = "unavailable"


class LoginForm(AuthenticationForm):
    """Refuses further attempts without looking at the password."""

    def clean(self):
        if not {"username", "password"} <= self.cleaned_data.keys():
            return self.cleaned_data
        name, address = self.cleaned_data["username"], client_address(self.request)
        try:
            counted = _Attempt(name, address)
        except redis.RedisError as error:
            log.error("login_not_counted", error=type(error).__name__)
            message = "Logging in is not possible while Valkey is unavailable."
            raise ValidationError(message, code=UNAVAILABLE) from error
        if counted.exceeded:
            log.warning("login_refused", by=counted.exceeded, address=address)
            message = f"Too many attempts. Try again in {WINDOW_SECONDS // 60} minutes."
            raise ValidationError(message, code=TOO_MANY)
        try:
            cleaned = super().clean()
        except ValidationError:
            # A name that is no account's may be a password in the wrong field.
            is_known = get_user_model().objects.filter(username=name).exists()
            log.warning("login_failed", account=name if is_known else "(unknown)", address=address)
            raise
        counted.succeeded()
        return cleaned


class _Attempt:
    """One attempt, counted at once, so that parallel ones are not admitted together."""

    def __init__(self, name: str, address: str):
        limits = {
            "account": (UsernameField().to_python(name).casefold(), settings.LOGIN_ATTEMPTS_PER_ACCOUNT),
            "address": (neighbourhood(address), settings.LOGIN_ATTEMPTS_PER_ADDRESS),
        }
        self._keys = {kind: _key(kind, value) for kind, (value, _) in limits.items()}
        with valkey.client().pipeline(transaction=False) as pipeline:
            for key in self._keys.values():
                pipeline.incr(key)
                pipeline.expire(key, WINDOW_SECONDS, nx=True)
            counts = pipeline.execute()[::2]
        over = [kind for (kind, (_, most)), count in zip(limits.items(), counts, strict=True) if count > most]
        self.exceeded = over[0] if over else ""

    def succeeded(self) -> None:
        """Forget the account's attempts, and this one of the address."""
        with valkey.client().pipeline(transaction=False) as pipeline:
            pipeline.delete(self._keys["account"])
            pipeline.decr(self._keys["address"])
            pipeline.execute()


def _key(kind: str, value: str) -> str:
    return f"{COUNTER}{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
