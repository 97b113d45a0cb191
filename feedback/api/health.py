"""Health endpoints: whether a process is up, and whether it is ready."""

import redis
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse

from feedback import valkey
from feedback.api.errors import RETRY_SECONDS
from feedback.stores import event_store
from feedback.stores.base import StoreMisconfigured, StoreUnavailable

_seen = {"migrated": False}


def healthz(request):
    """The process is up."""
    return JsonResponse({"status": "ok"})


def readyz(request):
    """The process is ready: database, event store and stream answer and have the tables of this version."""
    away = _unavailable()
    if away:
        answer = {"status": "unavailable", "away": away}
        return JsonResponse(answer, status=503, headers={"Retry-After": RETRY_SECONDS})
    return JsonResponse({"status": "ok"})


def waiting_migrations() -> int:
    """The number of migrations of this version not yet applied. None is undone under a running process, so it asks
    until they are applied.
    """
    if _seen["migrated"]:
        return 0
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _seen["migrated"] = not waiting
    return waiting


def _unavailable() -> list[str]:
    away = []
    try:
        _ask_database()
        if waiting_migrations():
            away.append("migrations")
    except Error:
        away.append("database")
    try:
        event_store().check()
    except (StoreUnavailable, StoreMisconfigured):
        away.append("store")
    try:
        valkey.client().ping()
    except redis.RedisError:
        away.append("stream")
    return away


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
