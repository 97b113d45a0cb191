"""Ratings and labels by name and value, and events by the state of their live signals."""

from datetime import timedelta
from random import Random

import pytest

from feedback.hashing import hash_person
from feedback.models import KnownName, Rollup, RollupDelta
from feedback.removal import erasing, removing
from feedback.rollups import folding
from feedback.rollups.segments import LONGEST_NAME, NAMES_EACH
from feedback.stores.base import SignalFilter
from tests.factories import DeploymentFactory
from tests.feedback.rollups.rolled_up import everything, figures, stored_rows
from tests.feedback.rollups.sending import HOUR, event, rebuild, send, signal

TONE = {"type": "rating", "name": "tone"}
TOPIC = {"type": "label", "name": "topic"}
AS_SAID = ("signal", "rating", "rating:tone", "label", "label:topic", "feedback_state")


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(HOUR + timedelta(minutes=30), tick=False)
    return time_machine


@pytest.fixture
def say(api, write_all):
    """Sends signals about event 1 and writes them; each later than the one before."""
    said = []

    def send_all(*signals):
        for one in signals:
            said.append(one)
            at = HOUR + timedelta(seconds=len(said))
            about = signal(1, len(said), user_id="otto", deployment_id="helpdesk", occurred_at=at.isoformat())
            send(api, "signals", [about | one])
        write_all()

    return send_all


def feedback_figures():
    found = figures("helpdesk")
    return {name: found[name] for name in AS_SAID if name in found}


def erase(user):
    while erasing.erase_some([hash_person(user)]).more:
        pass


def test_ratings_are_numbers_and_labels_categories_of_their_name(any_store, api, write_all, say):
    send(api, "events", [event(1)])
    say(
        {"type": "rating", "value": 4},
        {**TONE, "value": 2.5},
        {**TONE, "value": 1e40, "user_id": "maria"},
        {"type": "label", "value": "billing"},
        {**TOPIC, "value": True},
        {**TOPIC, "value": 7, "user_id": "maria"},
    )

    found = feedback_figures()

    assert found["signal"] == {"rating": 3, "label": 3}
    assert found["rating"] == (1, 4.0, 16.0)
    assert found["rating:tone"] == (2, 1e15 + 2.5, pytest.approx(1e30))
    assert (found["label"], found["label:topic"]) == ({"billing": 1}, {"true": 1, "7": 1})
    assert "feedback_state" not in found
    assert "0 rows differ" in rebuild("--check")


@pytest.mark.parametrize(
    "value", [{"value": 12.5, "unit": "min"}, ["billing", "refund"], "x" * (LONGEST_NAME + 1)], ids=lambda v: str(v)[:9]
)
def test_a_label_that_is_no_category_counts_as_other(any_store, api, write_all, say, value):
    send(api, "events", [event(1)])
    say({"type": "label", "value": value})

    assert feedback_figures()["label"] == {"other": 1}
    assert not KnownName.objects.filter(field="label").exists()
    assert "0 rows differ" in rebuild("--check")


def test_the_first_labels_of_a_name_are_counted_by_themselves(api, write_all):
    send(api, "events", [event(1)])
    write_all()
    said = [signal(1, n, **TOPIC, value=f"topic-{n:02}", user_id=f"user-{n}") for n in range(NAMES_EACH + 5)]
    send(api, "signals", said)
    write_all()
    send(api, "signals", [signal(1, 99, type="label", value="topic-52", user_id="maria")])
    write_all()

    found = feedback_figures()

    assert (len(found["label:topic"]), found["label:topic"]["other"]) == (NAMES_EACH + 1, 5)
    assert found["label"] == {"topic-52": 1}
    erase("user-52")
    assert feedback_figures()["label:topic"]["other"] == 4
    assert "0 rows differ" in rebuild("--check")


def test_a_rating_that_is_replaced_or_taken_back_is_subtracted(any_store, api, write_all, say):
    send(api, "events", [event(1)])
    say({**TONE, "value": 5}, {**TOPIC, "value": "billing"}, {"type": "rating", "value": 3})

    say({**TONE, "value": 2})
    assert feedback_figures()["rating:tone"] == (1, 2.0, 4.0)
    say({**TONE, "retracted": True}, {**TOPIC, "value": None})
    found = feedback_figures()
    assert (found["signal"], found["rating"]) == ({"rating": 1}, (1, 3.0, 9.0))
    assert found.keys() == {"signal", "rating"}
    assert "0 rows differ" in rebuild("--check")


def test_an_event_moves_between_states_with_its_signals(any_store, api, write_all, say):
    send(api, "events", [event(1), event(2)])
    states = []
    for said in (
        {},
        {"type": "report", "user_id": "maria"},
        {"type": "thumbs_down"},
        {"type": "thumbs_down", "retracted": True},
        {"type": "report", "user_id": "maria", "retracted": True},
    ):
        say(said)
        states.append(feedback_figures().get("feedback_state"))

    assert states == [{"good": 1}, {"mixed": 1}, {"bad": 1}, {"bad": 1}, None]
    assert "0 rows differ" in rebuild("--check")


def test_ratings_make_a_state_only_on_a_scale(any_store, api, write_all):
    for name, scale in (("plain", {}), ("scaled", {"rating_minimum": 1, "rating_maximum": 5})):
        DeploymentFactory(id=name, **scale)
        number = len(name)
        send(api, "events", [event(number, deployment_id=name)])
        send(api, "signals", [signal(number, number, type="rating", value=5, deployment_id=name)])
    write_all()

    assert figures("plain").get("feedback_state") is None
    assert figures("scaled")["feedback_state"] == {"good": 1}
    assert "0 rows differ" in rebuild("--check")


def test_a_removed_signal_leaves_the_state_of_those_that_stay(any_store, api, write_all, say):
    send(api, "events", [event(1)])
    say({}, {"type": "report", "user_id": "maria"}, {**TONE, "value": 4, "user_id": "maria"})

    erase("maria")

    assert feedback_figures() == {"signal": {"thumbs_up": 1}, "feedback_state": {"good": 1}}
    assert any_store.count_signals(SignalFilter(state=None)) == 1
    assert "0 rows differ" in rebuild("--check")


def test_an_erased_event_leaves_nothing(any_store, api, write_all, say):
    send(api, "events", [event(1, user_id="maria", experiment="short")])
    say({}, {**TONE, "value": 4}, {**TOPIC, "value": "billing"})

    erase("maria")
    folding.fold()

    assert everything() == {}
    assert stored_rows() == (0, 0)


def any_signal(number, random):
    kind = random.choice(["thumbs_up", "thumbs_down", "report", "rating", "label", "regenerate", "edit"])
    fields = {"type": kind, "user_id": f"user-{random.randint(1, 4)}"}
    if kind in ("rating", "label") and (name := random.choice(["", "tone", "topic"])):
        fields["name"] = name
    if random.random() < 0.25:
        fields["retracted"] = True
    elif kind == "rating":
        fields["value"] = random.choice([1, 2, 3.5, 5])
    elif kind == "label":
        fields["value"] = random.choice(["good", "bad", {"a": 1}])
    elif kind == "edit":
        fields["edited_response"] = random.choice(["You can reset it on the settings page.", "Open the settings."])
    at = HOUR + timedelta(seconds=random.randint(0, 900))
    return signal(random.randint(1, 12), number, deployment_id="helpdesk", occurred_at=at.isoformat(), **fields)


@pytest.mark.parametrize("seed", range(2))
def test_rollups_equal_a_rebuild_after_any_sequence(any_store, api, write_all, seed):
    random = Random(seed)
    DeploymentFactory(id="helpdesk", rating_minimum=1, rating_maximum=5, signal_weights={"label:topic=good": 1.0})
    sent = [
        event(n, user_id=f"user-{n % 4}", experiment=random.choice(["", "a", "b"]), model_version_id=f"v{n % 2}")
        for n in range(1, 13)
    ]
    said = [any_signal(number, random) for number in range(80)]
    for step in range(5):
        send(api, "events", random.sample(sent, 5))
        # An edit that equals the response is rejected where the event is there already.
        answer = api.post("/api/v1/signals", {"signals": said[step * 16 : step * 16 + 16]}, format="json")
        assert answer.status_code in (202, 207)
        write_all()
        if random.random() < 0.5:
            folding.fold()
        if step in (2, 4):
            erase(f"user-{step}")
    live = any_store.scan_signals(SignalFilter(), ["id"]).read_all()["id"].to_pylist()
    removing.remove_signals(random.sample(live, 3))

    assert len(live) > 10
    assert "0 rows differ" in rebuild("--check")
    held = everything()
    assert {"signal", "feedback_state"} <= feedback_figures().keys()
    Rollup.objects.all().delete()
    RollupDelta.objects.all().delete()
    rebuild()
    assert everything() == held
