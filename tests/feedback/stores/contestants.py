"""The stores that the contract is tested on. One entry makes an empty store and takes away what it left behind."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from django.conf import settings
from django.utils.module_loading import import_string

from feedback.stores import STORES
from feedback.stores.base import EventFilter, EventStore, SignalFilter
from feedback.stores.memory import MemoryStore
from feedback.stores.postgres import PostgresStore
from tests.feedback.stores.clickhouse_engine import clickhouse


@contextmanager
def memory() -> Iterator[EventStore]:
    yield MemoryStore()


@contextmanager
def postgres() -> Iterator[EventStore]:
    yield PostgresStore()  # Emptied by the end of the test's transaction, or with all tables after it.


@contextmanager
def named_by_the_environment() -> Iterator[EventStore]:
    """The store of EVENT_STORE where that is the dotted path of somebody's own."""
    store = import_string(settings.EVENT_STORE)()
    store.prepare()
    _empty(store)
    yield store
    _empty(store)


def _empty(store: EventStore) -> None:
    store.remove_events(store.scan(EventFilter(), ["id"]).read_all()["id"].to_pylist())
    store.remove_signals(store.scan_signals(SignalFilter(state=None), ["id"]).read_all()["id"].to_pylist())


CONTESTANTS: dict[str, Callable[[], AbstractContextManager[EventStore]]] = {
    "memory": memory,
    "postgres": postgres,
    "clickhouse": clickhouse,
}
if settings.EVENT_STORE not in STORES:
    CONTESTANTS[settings.EVENT_STORE] = named_by_the_environment
