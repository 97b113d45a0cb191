import pytest

from tests.installation import installation as running_installation


@pytest.fixture(scope="package")
def installation(tmp_path_factory):
    """Durable servers, a web server and a writer, all of which a test may kill."""
    with running_installation(tmp_path_factory.mktemp("installation")) as running:
        yield running
