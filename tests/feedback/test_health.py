import pytest


def test_a_process_that_answers_is_healthy(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("redis_url", "status", "away"), [(None, 200, None), ("redis://127.0.0.1:1/0", 503, ["stream"])]
)
def test_readiness_names_what_is_away(client, db, settings, redis_url, status, away):
    settings.REDIS_URL = redis_url or settings.REDIS_URL

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json().get("away")) == (status, away)
