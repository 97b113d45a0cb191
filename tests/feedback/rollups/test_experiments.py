"""Every deployment's events are also counted by their experiment."""

from datetime import timedelta

import pytest

from feedback.hashing import hash_person
from feedback.models import Deployment, KnownName
from feedback.removal import erasing
from feedback.rollups import folding, reading
from tests.factories import DeploymentFactory
from tests.feedback.rollups.rolled_up import EVER, figures, stored_rows
from tests.feedback.rollups.sending import HOUR, event, rebuild, send, signal


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(HOUR + timedelta(minutes=30), tick=False)
    return time_machine


def sizes():
    window = reading.window(*EVER, "helpdesk", segment=None)
    found = reading.grouped(window, [reading.EVENTS], by=["segment"])
    return {segment: by_metric[reading.EVENTS].n for (segment,), by_metric in found.items()}


def test_events_and_their_signals_are_split_by_experiment(any_store, api, write_all):
    send(api, "events", [event(1, experiment="short"), event(2, experiment="long"), event(3)])
    write_all()
    send(api, "signals", [signal(1, 1), signal(2, 2, type="report"), signal(3, 3)])
    write_all()

    assert sizes() == {"": 3, "experiment=short": 1, "experiment=long": 1}
    assert figures("helpdesk", segment="experiment=short")["feedback_state"] == {"good": 1}
    assert figures("helpdesk", segment="experiment=long")["signal"] == {"report": 1}
    assert "0 rows differ" in rebuild("--check")


def test_the_first_experiments_are_counted_by_themselves(api, write_all):
    send(api, "events", [event(number, experiment=f"arm-{number:02}") for number in range(1, 56)])
    write_all()

    assert sizes() == {"": 55, **{f"experiment=arm-{n:02}": 1 for n in range(1, 51)}, "experiment=other": 5}
    assert KnownName.objects.filter(field="experiment").count() == 50
    assert "0 rows differ" in rebuild("--check")


def test_a_metadata_key_of_that_name_counts_where_the_field_is_empty(api, write_all, now):
    DeploymentFactory(id="helpdesk")
    api.patch("/api/v1/deployments/helpdesk", {"segment_keys": ["experiment"]}, format="json")
    now.shift(2)
    both = {"metadata": {"experiment": "a"}}
    send(api, "events", [event(1, experiment="a", **both), event(2, **both), event(3, experiment="b", **both)])
    write_all()

    assert sizes() == {"": 3, "experiment=a": 2, "experiment=b": 1}
    assert "0 rows differ" in rebuild("--check")


def test_events_of_before_are_counted_by_a_rebuild_of_all_hours(any_store, api, write_all, now):
    since = HOUR + timedelta(minutes=40)
    DeploymentFactory(id="helpdesk", experiments_since=since)
    send(api, "events", [event(1, experiment="short", user_id="otto"), event(2, experiment="short")])
    write_all()
    now.move_to(since)
    send(api, "events", [event(3, experiment="short")])
    write_all()
    assert sizes() == {"": 3, "experiment=short": 1}
    assert "0 rows differ" in rebuild("--check")

    assert "0 rows differed" in rebuild("--from", "2026-05-04")
    assert Deployment.objects.get().experiments_since == since
    rebuild()

    assert sizes() == {"": 3, "experiment=short": 3}
    assert Deployment.objects.get().experiments_since is None
    assert "0 rows differ" in rebuild("--check")
    while erasing.erase_some([hash_person("otto")]).more:
        pass
    assert sizes() == {"": 2, "experiment=short": 2}
    assert "0 rows differ" in rebuild("--check")


def test_an_erased_event_of_before_leaves_nothing(api, write_all):
    DeploymentFactory(id="helpdesk", experiments_since=HOUR + timedelta(days=1))
    send(api, "events", [event(1, experiment="short", user_id="otto")])
    write_all()

    while erasing.erase_some([hash_person("otto")]).more:
        pass
    folding.fold()

    assert stored_rows() == (0, 0)
