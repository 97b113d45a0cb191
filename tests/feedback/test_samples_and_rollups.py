import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from feedback import rollups
from feedback.embeddings import clients, filling, sampling
from feedback.models import Embedding, Event, MetricRollup
from feedback.stores import event_store
from feedback.stores.base import EventFilter

HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC)


def events(n, **fields):
    return [
        {
            "id": str(uuid.UUID(int=index + 1)),
            "deployment_id": "helpdesk",
            "prompt": f"Question {index}",
            "response": "x" * index,
            "occurred_at": (HOUR + timedelta(minutes=index % 60)).isoformat(),
        }
        | fields
        for index in range(n)
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_the_sample_of_an_hour_is_bounded_and_the_same_in_any_order(api, write_all, settings, order):
    settings.EMBEDDING_SAMPLE_PER_HOUR = 5
    sent = events(20)[::order]
    for start in range(0, 20, 7):
        api.post("/api/v1/events", {"events": sent[start : start + 7]}, format="json")
        write_all()

    lowest = sorted((event["id"] for event in sent), key=sampling.rank)[:5]
    assert {str(row.event_id) for row in Embedding.objects.all()} == set(lowest)


def test_sampled_events_get_a_vector_of_length_one(api, write_all):
    api.post("/api/v1/events", {"events": events(3)}, format="json")
    write_all()

    done = (filling.embed_sample(), filling.embed_sample())

    sample = event_store().sample_embeddings(EventFilter(deployment_id="helpdesk"), limit=2)
    assert done == (3, 0)
    assert sample.vectors.shape == (2, 256)
    assert np.linalg.norm(sample.vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert sample.client.startswith("wordllama ")


def test_a_client_with_the_wrong_number_of_rows_is_an_error(monkeypatch):
    class Broken(clients.NoopClient):
        def embed(self, texts):
            return np.zeros((1, 2), dtype=np.float32)

    monkeypatch.setattr(clients, "embedding_client", Broken)

    with pytest.raises(ValueError, match="2 finite rows"):
        clients.embed(["a", "b"])


def test_rollups_hold_the_sums_of_what_is_stored_and_folding_keeps_them(api, write_all):
    sent = events(6)
    for batch in (sent[:4], sent[2:]):
        api.post("/api/v1/events", {"events": batch}, format="json")
        write_all()

    def sums():
        rows = MetricRollup.objects.sums("metric").values_list("metric", "count", "sum")
        return {metric: (count, total) for metric, count, total in rows}

    before = sums()
    rows_before = MetricRollup.objects.count()
    rollups.fold()

    assert before["response_length"] == (6, sum(range(6)))
    assert before["quality"] == (6, pytest.approx(sum(Event.objects.values_list("quality_score", flat=True))))
    assert "latency_ms" not in before
    assert sums() == before
    assert (rows_before, MetricRollup.objects.count()) == (6, 3)
    assert set(Counter(MetricRollup.objects.values_list("metric", flat=True)).values()) == {1}
