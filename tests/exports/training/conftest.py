import pytest

from tests.exports.training import tracking


@pytest.fixture(scope="session")
def tracking_server(tmp_path_factory):
    """The address of a tracking server of MLflow."""
    with tracking.server(tmp_path_factory.mktemp("mlflow")) as address:
        yield address
