import pytest

from tests.feedback.stores.contestants import CONTESTANTS


@pytest.fixture(params=list(CONTESTANTS))
def store(request, db):
    """An empty store; every test that asks for one runs once on each."""
    with CONTESTANTS[request.param]() as empty:
        yield empty


@pytest.fixture
def lasting_store(store):
    """An empty store that keeps what a writer wrote before it died."""
    if store.shares_transaction:
        pytest.skip("What a writer wrote before it died is rolled back.")
    return store
