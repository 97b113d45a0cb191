"""A list of large events is a small answer."""

import pytest

from feedback.stores import pages
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events"


def test_a_list_cuts_long_texts_and_says_so(api, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_CHARACTERS", 400)
    long = {
        "prompt": "p" * 101,
        "response": "r" * 100,
        "messages": [{"role": "user", "content": "m" * 100}],
        "metadata": {"plan": "x" * 100},
    }
    event = EventFactory(**long)
    short = EventFactory(messages=[{"role": "user", "content": "Hi"}], metadata={"plan": "team"})

    rows = {row["id"]: row for row in api.get(f"{EVENTS}?page_size=4").json()["results"]}

    cut, whole = rows[str(event.pk)], rows[str(short.pk)]
    assert cut["truncated"] == ["messages", "metadata", "prompt"]
    assert (cut["prompt"], cut["response"]) == ("p" * 100, "r" * 100)
    assert (cut["messages"], cut["metadata"]) == (None, None)
    assert whole["truncated"] == []
    assert (whole["messages"], whole["metadata"]) == ([{"role": "user", "content": "Hi"}], {"plan": "team"})
    one = api.get(f"{EVENTS}/{event.pk}").json()
    assert {name: one[name] for name in long} == long


def test_a_page_of_large_events_has_a_bounded_size(api):
    for _ in range(24):
        EventFactory(prompt="p" * 1_000_000, response="r" * 1_000_000, metadata={"text": "m" * 60_000})

    answer = api.get(f"{EVENTS}?page_size=50")

    assert len(answer.json()["results"]) == 24
    assert len(answer.content) < 3 * pages.PAGE_CHARACTERS
