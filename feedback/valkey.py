"""The client of the Valkey or Redis server, one per process."""

from functools import cache

import redis
from django.conf import settings


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=30)


def client() -> redis.Redis:
    return _client(settings.REDIS_URL)


def script(source: str):
    """A Lua script, sent to the server once and called by its hash from then on."""
    return _script(settings.REDIS_URL, source)


@cache
def _script(url: str, source: str):
    return _client(url).register_script(source)
