import zlib

import numpy as np
import pytest

from feedback.embeddings import clients
from tests.servers.workers import tasks_run_at_once


class DirectionPerText:
    """Texts are alike only if they are equal."""

    name = "directions"
    version = "1"

    def embed(self, texts):
        vectors = np.zeros((len(texts), 4_096), dtype=np.float32)
        vectors[np.arange(len(texts)), [zlib.crc32(text.encode()) % 4_096 for text in texts]] = 1
        return vectors


class Unreachable:
    name = "unreachable"
    version = "1"

    def embed(self, texts):
        raise ConnectionError("no answer from the embedding server")


@pytest.fixture
def embedding(settings):
    """Choose the embedding client by its class; DirectionPerText to begin with."""

    def use(client):
        settings.EMBEDDING_CLIENT = f"{client.__module__}.{client.__name__}"
        clients.embedding_client.cache_clear()

    use(DirectionPerText)
    yield use
    clients.embedding_client.cache_clear()


@pytest.fixture
def running_tasks(django_capture_on_commit_callbacks):
    """A block after which the tasks that it queued have run."""
    with tasks_run_at_once():
        yield lambda: django_capture_on_commit_callbacks(execute=True)
