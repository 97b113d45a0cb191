import pytest

from feedback import stores
from tests.feedback.stores.contestants import CONTESTANTS
from tests.installation import POSTGRES, VALKEY, WEB, WRITER
from tests.installation import installation as running_installation


@pytest.fixture(params=list(CONTESTANTS))
def any_store(request, db, monkeypatch):
    """The store that the program reads and writes, empty; every test that asks for it runs once on each."""
    with CONTESTANTS[request.param]() as empty:
        monkeypatch.setattr(stores, "import_string", lambda path: lambda: empty)
        stores.event_store.cache_clear()
        yield empty
        stores.event_store.cache_clear()


@pytest.fixture(scope="package")
def shared_installation(tmp_path_factory):
    with running_installation(tmp_path_factory.mktemp("installation")) as running:
        yield running


@pytest.fixture
def installation(shared_installation):
    """Durable servers, a web server and a writer, all of which a test may kill."""
    # What a failed test left dead must not fail the next one.
    shared_installation.start(*({POSTGRES, VALKEY, WEB, WRITER} - shared_installation.running.keys()))
    return shared_installation
