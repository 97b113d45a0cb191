import time

from celery import shared_task


@shared_task
def heartbeat():
    """Record that beat sends and a worker receives; `doctor` reads the time."""
    from django.core.cache import cache

    cache.set("beat:heartbeat", time.time(), timeout=None)
