from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from feedback.stores.base import EventStore

STORES = {"postgres": "feedback.stores.postgres.PostgresStore"}


@cache
def event_store() -> EventStore:
    """The store that EVENT_STORE names."""
    return import_string(STORES.get(settings.EVENT_STORE, settings.EVENT_STORE))()
