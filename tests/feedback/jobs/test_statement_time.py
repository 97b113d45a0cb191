"""No process lets the database work on one statement without end."""

import copy

import pytest
from django.db import connection, connections

from feedback.jobs import statement_time
from feedback.stores import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def options():
    settings = connections.settings["default"]
    former = copy.deepcopy(settings["OPTIONS"])
    yield settings["OPTIONS"]
    settings["OPTIONS"] = former


@pytest.mark.parametrize(
    ("former", "seconds", "timeout"), [(None, 7, "7s"), ("-c lock_timeout=5s", 7, "7s"), (None, 0, "0")]
)
def test_new_connections_end_a_statement_that_takes_too_long(options, former, seconds, timeout):
    if former:
        options["options"] = former

    statement_time.limit(seconds)

    own = connection.copy()
    with own.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        shown = cursor.fetchone()
    own.close()
    assert shown == (timeout, "5s" if former else "0")


def test_a_search_that_takes_too_long_is_answered(api, monkeypatch):
    def endless(*arguments, **options):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 50")
            cursor.execute("SELECT pg_sleep(20)")

    monkeypatch.setattr(pages, "read", endless)

    answer = api.get("/api/v1/events?q=password")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert [error["code"] for error in answer.json()["errors"]] == ["timeout"]
