import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from feedback.api import health

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _nothing_seen(monkeypatch):
    monkeypatch.setattr(health, "_seen", {"migrated": False})


def test_a_process_that_answers_is_healthy(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_a_process_that_has_everything_is_ready(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("away", [["database"], ["stream"], ["migrations"], ["database", "stream"]])
def test_readiness_names_what_is_down(client, settings, away):
    def refuse(*_):
        raise OperationalError("connection refused")

    if "stream" in away:
        settings.REDIS_URL = NOBODY
    if "migrations" in away:
        MigrationRecorder.Migration.objects.filter(app="config").delete()

    if "database" in away:
        with connection.execute_wrapper(refuse):
            answer = client.get("/readyz")
    else:
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "away": away}
    assert answer["Retry-After"] == "5"


@pytest.mark.django_db
def test_migrations_are_checked_until_they_are_applied(client, django_assert_num_queries):
    client.get("/readyz")

    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200
