import pytest

from feedback.embeddings import clients


@pytest.fixture(autouse=True)
def _without_embeddings(settings):
    settings.EMBEDDING_CLIENT = "noop"
    clients.embedding_client.cache_clear()
    yield
    clients.embedding_client.cache_clear()
