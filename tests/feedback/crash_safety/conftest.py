import pytest

from tests.servers.installation import POSTGRES, VALKEY, WEB, WRITER
from tests.servers.installation import installation as running_installation


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
