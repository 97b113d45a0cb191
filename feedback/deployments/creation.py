"""Which new deployments the events of a key may create: so many an hour, over all processes, or none."""

import time
from collections.abc import Callable, Iterable

import redis
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError

from feedback import valkey
from feedback.models import ApiKey, Deployment

log = structlog.get_logger(__name__)
NAMES = "crucible:new-deployments:"
HOUR_SECONDS = 3_600
_MOST_REMEMBERED = 100_000
_seen: set[str] = set()


class CreationRejected(Exception):
    """The key may not create this deployment; the code says why."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class Creator:
    """Decides for one request; named: called once, if a name is unknown, for the names of all its items."""

    def __init__(self, key: ApiKey, named: Callable[[], Iterable[str]]):
        self.key = key
        self.named = named
        self.decided: dict[str, CreationRejected | None] = {}
        self.existing: set[str] | None = None

    def check(self, deployment_id: str) -> None:
        """Raise CreationRejected for a deployment that does not exist and that the key may not create."""
        if deployment_id in _seen:
            return
        if deployment_id not in self.decided:
            self.decided[deployment_id] = None if self._exists(deployment_id) else self._rejection(deployment_id)
        if rejection := self.decided[deployment_id]:
            raise rejection

    def _exists(self, deployment_id: str) -> bool:
        if self.existing is None:
            try:
                self.existing = set(Deployment.objects.filter(pk__in={*self.named()}).values_list("pk", flat=True))
            except (OperationalError, InterfaceError):
                # Events still reach the stream while the database is unavailable.
                return True
            if len(_seen) > _MOST_REMEMBERED:
                _seen.clear()
            _seen.update(self.existing)
        return deployment_id in self.existing

    def _rejection(self, deployment_id: str) -> CreationRejected | None:
        if not self.key.may_create_deployments:
            message = f"Deployment {deployment_id} does not exist, and this API key may not create any"
            return CreationRejected("deployment_unknown", message)
        most = settings.NEW_DEPLOYMENTS_PER_HOUR
        if most == 0 or _is_among_the_first(self.key.pk, deployment_id, most):
            return None
        message = (
            f"This API key may create {most:,} deployments an hour (NEW_DEPLOYMENTS_PER_HOUR), "
            f"so {deployment_id} is not created"
        )
        return CreationRejected("too_many_deployments", message)


def _is_among_the_first(key_id: int, deployment_id: str, most: int) -> bool:
    """Whether this name is one of the first of the key's hour. While the server is unavailable there is no limit."""
    names = f"{NAMES}{key_id}:{int(time.time()) // HOUR_SECONDS}"
    try:
        with valkey.client().pipeline(transaction=False) as pipeline:
            pipeline.sadd(names, deployment_id)
            pipeline.scard(names)
            pipeline.expire(names, 2 * HOUR_SECONDS)
            is_added, count, _ = pipeline.execute()
        if is_added and count > most:
            valkey.client().srem(names, deployment_id)
    except redis.RedisError as error:
        log.debug("deployments_not_counted", key=key_id, error=type(error).__name__)
        return True
    return not is_added or count <= most


def forget() -> None:
    """Ask the database again at the next use."""
    _seen.clear()
