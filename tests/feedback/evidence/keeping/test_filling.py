"""Evidence follows the live signals of every event."""

import pytest

from feedback.evidence.keeping import checking, filling
from feedback.hashing import hash_person
from feedback.models import Deployment, Evidence, TouchedEvent
from feedback.removal import erasing, removing
from tests.factories import NOON
from tests.feedback.evidence.keeping.sent import event, event_id, held, send, signal, whole


@pytest.fixture
def work(write_all):
    """Write everything that was sent, then fill the evidence."""

    def work():
        write_all()
        return filling.work_off()

    return work


def test_events_with_signals_that_count_have_evidence(api, work):
    send(api, "events", *(event(number) for number in (1, 2, 3)))
    send(api, "signals", signal(1, "a"), signal(1, "b", type="thumbs_down"), signal(1, "c"))
    send(api, "signals", signal(2, "a", type="label", value="seen"))
    work()

    assert held(1) == (2.0, 1.0, 3, "mixed")
    assert (held(2), held(3)) == (None, None)
    row = Evidence.objects.get()
    assert row.approval == pytest.approx(2.5 / 4)
    assert (row.deployment_id, row.model_version_id, row.occurred_at) == ("helpdesk", "m1", NOON)
    assert checking.compare_newest().differing == []


def test_the_latest_signal_of_a_slot_counts_and_a_retraction_takes_it_back(api, work):
    send(api, "events", event(1))
    send(api, "signals", signal(1, "a"))
    work()
    send(api, "signals", signal(1, "a", type="thumbs_down"))
    work()
    assert held(1) == (0.0, 1.0, 1, "bad")

    send(api, "signals", signal(1, "a", type="thumbs_down", retracted=True))
    work()

    assert held(1) is None


def test_a_signal_that_waits_has_no_evidence_before_its_event(api, work):
    send(api, "signals", signal(1, "a"))
    assert work() == 0

    send(api, "events", event(1))
    work()

    assert held(1) == (1.0, 0.0, 1, "good")


def test_nothing_is_touched_by_events_alone(api, work):
    send(api, "events", *(event(number) for number in range(1, 6)))

    assert work() == 0


def test_ratings_count_by_the_scale(api, work):
    Deployment.objects.create(id="helpdesk", rating_minimum=1, rating_maximum=5)
    send(api, "events", event(1))
    send(api, "signals", signal(1, "a", type="rating", value=4))
    work()

    assert held(1) == (0.75, 0.25, 1, "good")


def test_evidence_goes_with_its_event_its_signal_and_its_user(api, work):
    send(api, "events", *(event(number) for number in (1, 2, 3)))
    send(api, "signals", *(signal(number, user) for number in (1, 2, 3) for user in ("maria", "otto")))
    work()

    removing.remove_events([event_id(1)])
    while erasing.erase_some([hash_person("maria")]).more:
        pass
    filling.work_off()

    assert (held(1), held(2), held(3)) == (None, (1.0, 0.0, 1, "good"), (1.0, 0.0, 1, "good"))
    assert checking.rebuild("helpdesk", is_check=True).differing == []


def test_a_process_that_dies_leaves_its_batch_in_the_queue(api, work, write_all, monkeypatch):
    send(api, "events", event(1))
    send(api, "signals", signal(1, "a"))
    write_all()

    with monkeypatch.context() as patch:
        patch.setattr(filling, "fill", lambda ids: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            filling.work_off()

    assert (TouchedEvent.objects.count(), held(1)) == (1, None)
    assert work() == 1
    assert held(1) == (1.0, 0.0, 1, "good")


def test_any_traffic_gives_what_a_recomputation_gives(api, any_store, work, rng):
    kinds = ("thumbs_up", "thumbs_down", "report", "copy", "regenerate")
    for number in range(1, 11):
        some = [
            signal(
                int(rng.integers(1, 13)),
                str(rng.choice(["", "a", "b", "c"])),
                type=str(rng.choice(kinds)),
                retracted=bool(rng.random() < 0.2),
            )
            for _ in range(12)
        ]
        send(api, "signals", *some)
        send(api, "events", event(number))
        work()

    before = whole()
    compared = checking.rebuild("helpdesk", is_check=True)
    assert (compared.differing, compared.events) == ([], len(before))
    Evidence.objects.all().delete()
    checking.rebuild("helpdesk")
    assert whole() == before
    assert len(before) > 5


def test_an_event_tells_its_evidence(api, work):
    send(api, "events", event(1), event(2))
    send(api, "signals", signal(1, "a"), signal(1, "b"), signal(1, "c", type="thumbs_down"))
    work()

    told = api.get(f"/api/v1/events/{event_id(1)}").json()["evidence"]

    assert api.get(f"/api/v1/events/{event_id(2)}").json()["evidence"] is None
    assert (told["up"], told["down"], told["users"], told["state"], told["gold"]) == (2.0, 1.0, 3, "mixed", [])
    assert {name: round(value, 4) for name, value in told["approval"].items()} == {
        "mean": 0.625,
        "low": 0.1767,
        "high": 0.9613,
        "level": 0.95,
    }
    assert told["agreement"] == "unknown"
    assert 0.5 < told["p_good"] < 0.95
