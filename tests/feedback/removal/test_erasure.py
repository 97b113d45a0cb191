"""What the erasure of one person takes from the traffic, and what it leaves."""

import uuid
from datetime import UTC, datetime

from django.db import connection

from feedback.hashing import hash_person, person_hashes
from feedback.models import Event, QualityScore, RejectedItem, Rollup, SampledEvent, Signal
from feedback.removal import erasing
from feedback.rollups import folding
from feedback.stores.base import EventFilter, SignalFilter
from tests.factories import EventFactory, SignalFactory
from tests.feedback.factories import RejectedItemFactory
from tests.feedback.rollups.rolled_up import figures

HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC)
MARIA, OTTO = ([hash_person(name)] for name in ("maria", "otto"))


def events(*users):
    return [
        {
            "id": str(uuid.UUID(int=index + 1)),
            "deployment_id": "helpdesk",
            "prompt": f"How do I change setting number {index}?",
            "response": f"Open the settings page and choose entry {index}." * (index + 1),
            "latency_ms": 100.25 * (index + 1),
            "occurred_at": HOUR.isoformat(),
        }
        | ({"user_id": user} if user else {})
        for index, user in enumerate(users)
    ]


def send(api, path, *items):
    answer = api.post(f"/api/v1/{path}", {path: list(items)}, format="json")
    assert answer.status_code == 202, answer.json()


def signal(event_number, **fields):
    return {"event_id": str(uuid.UUID(int=event_number)), "type": "thumbs_up"} | fields


def erase(hashes):
    total = erasing.Erased()
    while (step := erasing.erase_some(hashes)).more:
        names = ("events", "signals", "rejected_items")
        total = erasing.Erased(*(getattr(total, name) + getattr(step, name) for name in names))
    return total.events, total.signals, total.rejected_items


def test_events_go_with_scores_embeddings_and_everyones_signals(api, write_all):
    send(api, "events", *events("maria", "otto", "maria", None))
    send(api, "signals", signal(1, user_id="otto"), signal(2, user_id="otto"), signal(3), signal(4))
    write_all()

    erased = erase(MARIA)

    assert erased == (2, 2, 0)
    left = {uuid.UUID(int=2), uuid.UUID(int=4)}
    assert set(Event.objects.values_list("pk", flat=True)) == left
    assert set(QualityScore.objects.values_list("event_id", flat=True)) == left
    assert set(SampledEvent.objects.members().values_list("pk", flat=True)) == left
    assert set(Signal.objects.values_list("event_id", "live")) == {(event_id, True) for event_id in left}


def test_averages_are_those_of_the_others_before_and_after_folding(api, write_all):
    sent = events("maria", "otto", "maria", None)
    send(api, "events", *(event for event in sent if event.get("user_id") != "maria"))
    write_all()
    expected = figures()
    send(api, "events", *(event for event in sent if event.get("user_id") == "maria"))
    write_all()
    assert figures() != expected

    erase(MARIA)

    assert figures() == expected
    folding.fold()
    assert figures() == expected


def test_an_hour_without_events_has_no_average(api, write_all):
    send(api, "events", *events("maria"))
    write_all()

    erase(MARIA)

    assert api.get("/api/v1/deployments/helpdesk/quality?days=366").json()["buckets"] == []
    folding.fold()
    assert not Rollup.objects.exists()


def test_own_signals_on_the_events_of_others_go_and_theirs_stay_live(api, write_all):
    send(api, "events", *events("otto"))
    send(api, "signals", signal(1, user_id="maria"), signal(1, user_id="otto"), signal(1))
    send(api, "signals", signal(1, user_id="maria", type="thumbs_down"))
    edit = {"type": "edit", "edited_response": "Ask me instead.", "deployment_id": "helpdesk"}
    send(api, "signals", signal(1, user_id="maria", **edit))
    send(api, "signals", {**signal(9, user_id="maria"), "type": "copy"})
    write_all()

    erased = erase(MARIA)

    assert erased == (0, 4, 0)
    assert Event.objects.count() == 1
    assert sorted(Signal.objects.values_list("user_hash", "live")) == sorted([(OTTO[0], True), ("", True)])


def test_rejected_items_go_by_their_hash_and_by_the_event_they_name(db):
    event = EventFactory(user_hash=MARIA[0])
    kept = RejectedItemFactory(user_hash=OTTO[0], payload={"user_hash": OTTO[0]})
    RejectedItemFactory(user_hash=MARIA[0])
    RejectedItemFactory(payload={"user_hash": MARIA[0]})
    RejectedItemFactory(kind="signal", user_hash=OTTO[0], payload={"event_id": str(event.pk)})

    erased = erase(MARIA)

    assert erased == (1, 0, 3)
    assert list(RejectedItem.objects.all()) == [kept]


def test_a_retired_key_still_finds_its_rows(db, settings):
    settings.HASH_KEY, settings.HASH_KEY_ID, settings.RETIRED_HASH_KEYS = "old", "1", {}
    old = EventFactory(user_hash=hash_person("maria"), hash_key_id="1")
    settings.HASH_KEY, settings.HASH_KEY_ID, settings.RETIRED_HASH_KEYS = "new", "2", {"1": "old"}
    EventFactory(user_hash=hash_person("maria"), hash_key_id="2")
    other = EventFactory(user_hash=hash_person("otto"), hash_key_id="2")

    erased = erase(person_hashes("maria"))

    assert old.user_hash in person_hashes("maria")
    assert erased == (2, 0, 0)
    assert list(Event.objects.all()) == [other]


def test_batches_are_bounded_and_a_second_run_finds_nothing(db, monkeypatch):
    monkeypatch.setattr(erasing, "BATCH", 2)
    for _ in range(3):
        EventFactory(user_hash=MARIA[0])
    SignalFactory(user_hash=MARIA[0])

    steps = [erasing.erase_some(MARIA) for _ in range(5)]

    assert [(step.events, step.signals, step.more) for step in steps] == [
        (2, 0, True),
        (1, 0, True),
        (0, 1, True),
        (0, 0, False),
        (0, 0, False),
    ]


def test_the_index_of_users_serves_the_search(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plans = [
        Event.objects.matching(EventFilter(user_hashes=MARIA + OTTO)).explain(),
        Signal.objects.matching(SignalFilter(user_hashes=MARIA + OTTO, state=None)).explain(),
    ]

    assert ["event_user" in plans[0], "signal_user" in plans[1]] == [True, True]
