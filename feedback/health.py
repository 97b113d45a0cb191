import redis
from django.db import DatabaseError, connection
from django.http import JsonResponse

from feedback.ingestion import stream


def healthz(request):
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request):
    """The process can do its work: database and stream answer."""
    away = [name for name, answers in (("database", _database_answers), ("stream", _stream_answers)) if not answers()]
    if away:
        return JsonResponse({"status": "unavailable", "away": away}, status=503)
    return JsonResponse({"status": "ok"})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _stream_answers() -> bool:
    try:
        return stream.client().ping()
    except redis.RedisError:
        return False
