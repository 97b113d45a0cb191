import pytest

from config import doctor
from feedback.stores import event_store


@pytest.fixture
def chosen(settings):
    """Choose the event store for a test."""

    def choose(name, url=""):
        settings.EVENT_STORE, settings.CLICKHOUSE_URL = name, url
        event_store.cache_clear()

    yield choose
    event_store.cache_clear()


@pytest.mark.parametrize(
    ("name", "url", "finding"),
    [
        ("postgres", "", None),
        ("memory", "", None),
        (
            "mongo",
            "",
            doctor.Finding(
                "There is no event store mongo.",
                "EVENT_STORE is postgres, memory, clickhouse, or the dotted path of a class.",
            ),
        ),
        (
            "clickhouse",
            "",
            doctor.Finding(
                "EVENT_STORE is clickhouse, but CLICKHOUSE_URL is empty.",
                "Set it to clickhouse://user:password@host:8123/database.",
            ),
        ),
        (
            "clickhouse",
            "clickhouse://127.0.0.1:1/x",
            doctor.Finding("ClickHouse at 127.0.0.1:1 does not answer.", "Start it, or correct CLICKHOUSE_URL."),
        ),
    ],
)
def test_the_event_store_is_checked(chosen, name, url, finding):
    chosen(name, url)

    assert doctor.store() == finding
