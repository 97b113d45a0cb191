from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from feedback.stores.base import EventStore, StoreMisconfigured

STORES = {
    "postgres": "feedback.stores.postgres.PostgresStore",
    "memory": "feedback.stores.memory.MemoryStore",
    "clickhouse": "feedback.stores.clickhouse.ClickHouseStore",
}


@cache
def event_store() -> EventStore:
    """The store that EVENT_STORE names."""
    return named(settings.EVENT_STORE)


def named(name: str) -> EventStore:
    """A store by its name or the dotted path of its class."""
    try:
        store = import_string(STORES.get(name, name))
    except ImportError:
        raise StoreMisconfigured(
            f"There is no event store {name}. EVENT_STORE is {', '.join(STORES)}, or the dotted path of a class."
        ) from None
    return store()
