"""A day has rollups of so many versions, and counts all further ones together."""

import importlib
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from feedback.hashing import hash_person
from feedback.models import Event, OwnVersion, Rollup
from feedback.removal import erasing
from feedback.rollups import folding, own_versions
from feedback.rollups.reading import EVENTS
from tests.feedback.rollups.rolled_up import everything, figures

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_a_day(monkeypatch, time_machine):
    time_machine.move_to(NOON + timedelta(minutes=30), tick=False)
    monkeypatch.setattr(own_versions, "VERSIONS_A_DAY", 3)


def _event(number, *, model="", prompt="", at=NOON):
    return {
        "id": str(uuid.UUID(int=number)),
        "deployment_id": "helpdesk",
        "model_version_id": model,
        "prompt_version": prompt,
        "prompt": "Where do I change it?",
        "response": "On the settings page, under Security.",
        "user_id": f"user-{number % 2}",
        "occurred_at": at.isoformat(),
    }


def _send(api, write_all, path, items):
    assert api.post(f"/api/v1/{path}", {path: items}, format="json").status_code == 202
    write_all()


def _counts(kind="model_version_id"):
    rows = Rollup.objects.filter(metric=EVENTS, bucket="day").values_list("start_at", kind, "n")
    found = Counter()
    for start_at, name, n in rows:
        found[start_at.day, name] += n
    return dict(found)


def _check():
    output = StringIO()
    call_command("rebuild_rollups", "--check", stdout=output)
    return output.getvalue()


def test_versions_beyond_those_of_a_day_count_together(api, write_all):
    _send(api, write_all, "events", [_event(n, model=f"m{n}", prompt=f"p{n}") for n in (1, 2)])
    _send(api, write_all, "events", [_event(n, model=f"m{n}", prompt="p1") for n in range(3, 7)])
    _send(api, write_all, "events", [_event(n, model=f"m{n}", at=NOON - timedelta(days=1)) for n in (7, 8)])
    folding.fold()

    assert _counts() == {
        **{(4, f"m{n}"): 1 for n in (1, 2, 3)},
        (4, "(other)"): 3,
        **{(3, f"m{n}"): 1 for n in (7, 8)},
    }
    assert _counts("prompt_version") == {(4, "p1"): 4, (4, "p2"): 1, (4, "(other)"): 1, (3, ""): 2}
    assert set(Event.objects.values_list("model_version_id", flat=True)) == {f"m{n}" for n in range(1, 9)}
    assert figures(model_version_id="(other)")[EVENTS][0] == 3
    assert "0 rows differ" in _check()


def test_events_and_signals_are_subtracted_where_they_were_added(api, write_all):
    events = [_event(n, model=f"m{n}", prompt=f"p{n}") for n in range(1, 9)]
    signals = [{"event_id": event["id"], "type": "thumbs_up"} for event in events]
    _send(api, write_all, "events", events)
    _send(api, write_all, "signals", signals)

    while erasing.erase_some([hash_person("user-1")]).more:
        pass
    folding.fold()

    assert _counts() == {(4, "m2"): 1, (4, "(other)"): 3}
    assert all(n for n in Rollup.objects.values_list("n", flat=True))
    assert "0 rows differ" in _check()


def test_what_is_left_is_what_the_remaining_events_alone_would_make(api, write_all):
    _send(api, write_all, "events", [_event(n, model=f"m{n}") for n in range(1, 9)])
    while erasing.erase_some([hash_person("user-1")]).more:
        pass
    remaining = everything()
    call_command("rebuild_rollups", stdout=StringIO())

    assert everything() == remaining


def test_a_day_that_is_full_stays_full(api, write_all):
    _send(api, write_all, "events", [_event(n, model=f"m{n}") for n in range(1, 5)])
    while erasing.erase_some([hash_person("user-1"), hash_person("user-0")]).more:
        pass
    _send(api, write_all, "events", [_event(n, model=f"m{n}") for n in (11, 2)])
    folding.fold()

    assert _counts() == {(4, "(other)"): 1, (4, "m2"): 1}
    assert "0 rows differ" in _check()


@pytest.mark.parametrize("is_folded", [True, False])
def test_versions_counted_before_there_was_a_bound_keep_their_rollups(api, write_all, monkeypatch, is_folded):
    monkeypatch.setattr(own_versions, "VERSIONS_A_DAY", 100)
    _send(api, write_all, "events", [_event(n, model=f"m{n}", prompt="p") for n in range(1, 6)])
    OwnVersion.objects.all().delete()
    if is_folded:
        folding.fold()
    monkeypatch.setattr(own_versions, "VERSIONS_A_DAY", 3)

    migration = importlib.import_module("feedback.migrations.0015_own_versions_of_earlier_days")
    with connection.schema_editor() as editor:
        migration.name_the_versions(None, editor)
    _send(api, write_all, "events", [_event(6, model="m6")])
    while erasing.erase_some([hash_person("user-1")]).more:
        pass
    folding.fold()

    assert OwnVersion.objects.filter(kind="model").count() == 5
    assert _counts() == {(4, "m2"): 1, (4, "m4"): 1, (4, "(other)"): 1}
    assert "0 rows differ" in _check()
