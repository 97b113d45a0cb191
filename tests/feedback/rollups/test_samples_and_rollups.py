import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from feedback.embeddings import clients, filling, sampling
from feedback.models import Embedding, Event, Rollup, SampledEvent
from feedback.rollups import folding
from feedback.stores import event_store
from tests.feedback.rollups.rolled_up import figures, stored_rows

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
    assert {str(row.event_id) for row in SampledEvent.objects.members()} == set(lowest)


def test_sampled_events_get_a_vector_of_length_one(api, write_all):
    sent = api.post("/api/v1/events", {"events": events(3)}, format="json").json()["ids"]
    write_all()

    done = (filling.embed_sample(), filling.embed_sample())

    prompts = [row for row in event_store().embeddings(sent).to_pylist() if row["field"] == "prompt"]
    vectors = np.array([row["vector"] for row in prompts])
    assert done == (3, 0)
    assert vectors.shape == (3, 256)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert prompts[0]["client"].startswith("wordllama ")


def test_what_leaves_the_sample_loses_its_vectors(api, write_all, settings):
    settings.EMBEDDING_SAMPLE_PER_HOUR = 2
    sent = sorted(events(4), key=lambda event: sampling.rank(event["id"]), reverse=True)
    for event in sent:
        api.post("/api/v1/events", {"events": [event]}, format="json")
        write_all()
        filling.embed_sample()

    kept = {uuid.UUID(event["id"]) for event in sent[2:]}
    fields = set(Embedding.objects.values_list("event_id", "field"))
    assert fields == {(event_id, field) for event_id in kept for field in ("prompt", "response")}
    assert set(SampledEvent.objects.values_list("pk", flat=True)) == kept


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

    before = figures()
    waiting = stored_rows()
    folding.fold()

    scores = list(Event.objects.values_list("quality_score", flat=True))
    assert before["response_length"] == (6, sum(range(6)), sum(n * n for n in range(6)))
    assert before["quality"] == (6, round(sum(scores), 7), round(sum(score * score for score in scores), 7))
    assert "latency_ms" not in before
    assert figures() == before
    assert (waiting, stored_rows()[1]) == ((0, 2), 0)
    assert set(Counter(Rollup.objects.values_list("metric", flat=True)).values()) == {2}
