from urllib.parse import urlsplit

import hypothesis
import numpy as np
import pytest
from rest_framework.test import APIClient

from feedback import valkey
from feedback.access import keys
from feedback.deployments import policies, score_names, signal_names
from feedback.ingestion import stream, writers
from feedback.ingestion.writing.writer import Writer
from feedback.quality import chosen
from tests.factories import ALL_SCOPES, StaffFactory

# A busy machine is no failure.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


@pytest.fixture(autouse=True)
def own_stream(settings, worker_id):
    """Each test process has a Redis database of its own, and each test an empty stream."""
    number = 8 if worker_id == "master" else 9 + int(worker_id.removeprefix("gw"))
    settings.REDIS_URL = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    settings.INGEST_FLUSH_SECONDS = 0.01
    policies.forget()
    chosen.forget()
    signal_names.forget()
    score_names.forget()


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Static files are served under their own names: no test collects and hashes them first."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def rng():
    return np.random.default_rng(20260504)


@pytest.fixture
def operator(db):
    """A superuser who may do everything."""
    return StaffFactory()


@pytest.fixture
def api(operator):
    """A client of the API whose key has every scope."""
    _, secret = keys.create(operator, "test", ALL_SCOPES)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def console(client, operator):
    """A browser session of the operator, without the browser."""
    client.force_login(operator)
    return client


@pytest.fixture
def write_all(db):
    """An empty stream; call it to write, as a writer would, whatever was accepted since."""
    valkey.client().flushdb()
    stream.ensure_group()
    writer = Writer()

    def turn():
        while stream.backlog().entries:
            writer.step()
        writers.leave(writer.name)

    return turn
