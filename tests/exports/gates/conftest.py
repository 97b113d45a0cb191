"""A golden set, and models behind endpoints."""

import json

import pytest

from exports.gates import consent
from feedback.endpoints import client
from feedback.models import Deployment
from tests.curation.factories import GoldenRowFactory, GoldenSetFactory
from tests.feedback.endpoints.served import served

ASKED = {"candidate": {"endpoint": "new", "model_version_id": "v2"}, "current": {"endpoint": "old"}}


def message_of(answer):
    """The message of the first error of an answer."""
    return answer.data["errors"][0]["message"]


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch):
    """No embeddings, and short pauses between tries."""
    settings.EMBEDDING_CLIENT = "noop"
    monkeypatch.setattr(client, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def golden_set(db):
    """Sixty rows with short references."""
    made = GoldenSetFactory()
    GoldenRowFactory.create_batch(60, golden_set=made)
    return made


@pytest.fixture
def allowed(operator, golden_set):
    """The operator accepts that texts of the deployment are sent."""
    return consent.accept(Deployment.objects.get(pk=golden_set.deployment_id), by=operator)


@pytest.fixture
def models(settings):
    """Two models, `new` and `old`, that answer as `answers` of each says; by default new is right and old is not."""

    def right(asked, there):
        number = int(asked.prompt.split()[-1].rstrip("?"))
        return f"City {number}"

    with served(right) as new, served(lambda asked, there: "I am not sure, perhaps a large one.") as old:
        settings.LLM_ENDPOINTS = {
            name: {"base_url": there.url, "model": "m", "private": True, "timeout_seconds": 5}
            for name, there in (("new", new), ("old", old))
        }
        yield {"new": new, "old": old}


@pytest.fixture
def request_gate(api, golden_set):
    """POST gates with these models; with the task run where it is queued."""

    def request(candidate=None, current=None):
        body = {"golden_set": golden_set.pk, "candidate": candidate or {}, "current": current or {}}
        return api.post("/api/v1/gates", body, format="json")

    return request


@pytest.fixture
def upload(api):
    """POST answers as lines of JSON."""

    def send(gate_id, *lines):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        return api.post(f"/api/v1/gates/{gate_id}/answers", text, content_type="application/x-ndjson")

    return send
