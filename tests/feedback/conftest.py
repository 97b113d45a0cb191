import pytest

from feedback import stores
from tests.feedback.stores.contestants import CONTESTANTS


@pytest.fixture(params=list(CONTESTANTS))
def any_store(request, db, monkeypatch):
    """The store that the program reads and writes, empty; every test that asks for it runs once on each."""
    with CONTESTANTS[request.param]() as empty:
        monkeypatch.setattr(stores, "import_string", lambda path: lambda: empty)
        stores.event_store.cache_clear()
        yield empty
        stores.event_store.cache_clear()
