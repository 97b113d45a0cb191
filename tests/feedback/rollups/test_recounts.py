"""Weights that change: states are counted again under the new table, exactly, and evidence is queued."""

import threading
from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction

from feedback import tasks
from feedback.choices import Bucket
from feedback.deployments import configuration
from feedback.models import Deployment, Evidence, FeedbackRecount, Rollup, RollupDelta, TouchedEvent
from feedback.rollups import folding, reading
from feedback.rollups.signals import recounting
from feedback.rollups.signals.figures import FeedbackFigures, Ratings, feedback
from feedback.stores import locks
from tests.factories import DeploymentFactory, StaffFactory
from tests.feedback.rollups.rolled_up import EVER, everything
from tests.feedback.rollups.sending import HOUR, event, rebuild, send, signal

HERE = "/api/v1/deployments/helpdesk"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(HOUR + timedelta(minutes=30), tick=False)
    return time_machine


@pytest.fixture
def helpdesk(db):
    return DeploymentFactory(id="helpdesk")


def change(api, **values):
    answer = api.patch(HERE, values, format="json")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def states(**where):
    found = feedback(reading.window(*EVER, "helpdesk", **where))[()]
    return {"good": found.good, "bad": found.bad, "mixed": found.mixed, "none": found.none}


def write_two_days(api, write_all):
    send(api, "events", [event(1), event(2), event(3, occurred_at=(HOUR - DAY).isoformat()), event(4)])
    write_all()
    said = [signal(1, 1), signal(2, 2, type="copy"), signal(2, 3, type="report"), signal(3, 4, type="copy")]
    send(api, "signals", [*said, signal(4, 5, type="label", value="resolved", deployment_id="helpdesk")])
    write_all()


def test_new_weights_count_states_again_and_the_old_rows_go(any_store, helpdesk, api, write_all):
    write_two_days(api, write_all)
    assert states() == {"good": 2, "bad": 0, "mixed": 1, "none": 1}

    change(api, signal_weights={"copy": 0, "label=resolved": 1})
    # What is written before the job has run counts by the new weights at once.
    send(api, "signals", [signal(3, 6, type="report")])
    write_all()
    assert recounting.is_running("helpdesk")
    tasks.recount_feedback("helpdesk")
    folding.fold()

    assert states() == {"good": 2, "bad": 2, "mixed": 0, "none": 0}
    assert not FeedbackRecount.objects.exists()
    versions = Rollup.objects.filter(metric="feedback_state").values_list("measure_version", flat=True)
    assert len(set(versions)) == 1
    assert "0 rows differ" in rebuild("--check")


def test_all_events_with_signals_or_evidence_are_queued(helpdesk, api, write_all):
    write_two_days(api, write_all)
    Evidence.objects.create(
        event_id=event(9)["id"], deployment_id="helpdesk", occurred_at=HOUR, state="none", up=0, down=0, users=0
    )
    TouchedEvent.objects.all().delete()

    change(api, signal_weights={"copy": 0})
    tasks.recount_feedback("helpdesk")

    queued = {str(event_id) for event_id in TouchedEvent.objects.values_list("event_id", flat=True)}
    assert queued == {event(number)["id"] for number in (1, 2, 3, 4, 9)}


def test_a_table_that_weighs_alike_counts_nothing_again(helpdesk, api):
    change(api, signal_weights={})
    change(api, signal_weights={"thumbs_up": 1})
    assert not FeedbackRecount.objects.exists()

    change(api, rating_minimum=1, rating_maximum=5)
    assert FeedbackRecount.objects.get().number == 1
    change(api, signal_weights={"rating": 0.5})
    assert FeedbackRecount.objects.get().number == 2


@pytest.mark.parametrize(
    ("weights", "fields"),
    [
        ({"thumbs_up": 2, "copy": 0.1}, ["signal_weights.thumbs_up"]),
        ({"rating": -1, "bogus": 1}, ["signal_weights.bogus", "signal_weights.rating"]),
        ({"label=a": "1"}, ["signal_weights.label=a"]),
        ({f"label={n}": 1 for n in range(201)}, ["signal_weights"]),
    ],
)
def test_wrong_weights_are_rejected_by_key_and_change_nothing(helpdesk, api, weights, fields):
    answer = api.patch(HERE, {"signal_weights": weights}, format="json")

    assert answer.status_code == 400
    assert sorted(error["field"] for error in answer.json()["errors"]) == fields
    assert Deployment.objects.get().signal_weights is None
    assert not FeedbackRecount.objects.exists()


def test_a_job_goes_on_where_it_was_interrupted(helpdesk, api, write_all, monkeypatch):
    write_two_days(api, write_all)
    folding.fold()
    change(api, signal_weights={"copy": 0})
    counted, of_hour = [], recounting._recount_hour

    def dies_on_the_second_day(deployment_id, at):
        if counted:
            raise KeyboardInterrupt
        counted.append(at)
        of_hour(deployment_id, at)

    monkeypatch.setattr(recounting, "_recount_hour", dies_on_the_second_day)
    with pytest.raises(KeyboardInterrupt):
        tasks.recount_feedback("helpdesk")
    assert FeedbackRecount.objects.get().reached_at == HOUR.replace(hour=0)
    counted.clear()
    monkeypatch.setattr(recounting, "_recount_hour", lambda *hour: (counted.append(hour[1]), of_hour(*hour)))
    tasks.recount_feedback("helpdesk")

    assert counted == [HOUR]
    assert states() == {"good": 1, "bad": 1, "mixed": 0, "none": 2}
    assert "0 rows differ" in rebuild("--check")


def test_a_newer_request_begins_again(helpdesk, api, write_all, operator, monkeypatch):
    write_two_days(api, write_all)
    change(api, signal_weights={"copy": 0})
    of_hour, changed = recounting._recount_hour, []

    def changes_weights(deployment_id, at):
        of_hour(deployment_id, at)
        if not changed:
            changed.append(configuration.change("helpdesk", {"signal_weights": {"copy": -1}}, by=operator))

    monkeypatch.setattr(recounting, "_recount_hour", changes_weights)
    tasks.recount_feedback("helpdesk")

    assert states() == {"good": 1, "bad": 2, "mixed": 0, "none": 1}
    assert not FeedbackRecount.objects.exists()
    assert "0 rows differ" in rebuild("--check")


def test_a_job_that_crashes_its_workers_is_given_up_until_the_next_request(helpdesk, api):
    change(api, signal_weights={"copy": 0})

    recounting._give_up("helpdesk", "The worker crashed.")
    assert not FeedbackRecount.objects.unfinished().exists()
    change(api, signal_weights={"copy": 1})

    assert FeedbackRecount.objects.unfinished().count() == 1


@pytest.mark.django_db(transaction=True)
def test_weights_wait_for_writers_that_still_count_by_the_former_ones():
    DeploymentFactory(id="helpdesk")
    user, done = StaffFactory(), threading.Event()

    def change_weights():
        configuration.change("helpdesk", {"signal_weights": {"copy": 0}}, by=user)
        done.set()
        connection.close()

    with transaction.atomic():
        locks.lock_signals(shared=True)
        worker = threading.Thread(target=change_weights)
        worker.start()
        assert not done.wait(timeout=0.5)
        assert Deployment.objects.get().signal_weights is None
    worker.join(timeout=10)

    assert Deployment.objects.get().signal_weights == {"copy": 0}


WEIGHTS = [None, {"copy": 0}, {"copy": -1, "label=a": 1}, {"thumbs_down": 0, "rating": 0.5, "label=b": -0.25}]


@pytest.mark.parametrize("seed", range(2))
def test_rollups_equal_a_rebuild_through_any_changes_of_weights(any_store, helpdesk, api, write_all, seed):
    random = Random(seed)
    kinds = [{"type": "thumbs_up"}, {"type": "thumbs_down"}, {"type": "copy"}, {"type": "report"}]
    kinds += [{"type": "label", "value": value} for value in "ab"] + [{"type": "rating", "value": n} for n in (1, 5)]
    send(api, "events", [event(n, experiment=random.choice("ab")) for n in range(1, 11)])
    for step in range(8):
        said = [
            signal(random.randint(1, 10), step * 10 + n, deployment_id="helpdesk", user_id=random.choice("xyz"))
            | random.choice(kinds)
            for n in range(10)
        ]
        send(api, "signals", said)
        write_all()
        change(api, signal_weights=random.choice(WEIGHTS))
        if random.random() < 0.3:
            low, high = random.choice([(None, None), (1, 5)])
            change(api, rating_minimum=low, rating_maximum=high)
        if random.random() < 0.5:
            tasks.recount_feedback("helpdesk")
        if random.random() < 0.5:
            folding.fold()
    tasks.recount_feedback("helpdesk")

    assert "0 rows differ" in rebuild("--check")
    held = everything()
    Rollup.objects.all().delete()
    RollupDelta.objects.all().delete()
    rebuild()
    assert everything() == held


def test_figures_are_read_by_version_segment_and_bucket(helpdesk, api, write_all):
    change(api, rating_minimum=1, rating_maximum=5)
    send(api, "events", [event(1, model_version_id="v1", experiment="a"), event(2, model_version_id="v1")])
    send(api, "events", [event(3, model_version_id="v2", occurred_at=(HOUR - DAY).isoformat())])
    write_all()
    tone = {"type": "rating", "name": "tone", "deployment_id": "helpdesk"}
    send(api, "signals", [signal(1, 1), signal(1, 2, **tone, value=2), signal(2, 3, **tone, value=1)])
    send(api, "signals", [signal(3, 4, type="label", value="late", deployment_id="helpdesk")])
    write_all()
    folding.fold()
    window = reading.window(*EVER, "helpdesk")

    by_version = feedback(window, by=["model_version_id"])
    by_day = feedback(window, each=Bucket.DAY)
    by_segment = feedback(reading.window(*EVER, "helpdesk", segment=None), by=["segment"])

    v1 = FeedbackFigures(2, 0, 1, 1, {"thumbs_up": 1, "rating": 2}, {"tone": Ratings(2, 3.0)})
    v2 = FeedbackFigures(1, 0, 0, 0, {"label": 1}, {}, {"": {"late": 1}})
    assert by_version == {("v1",): v1, ("v2",): v2}
    assert (v1.ratings["tone"].mean, v1.none, v1.per_hundred(v1.signals["thumbs_up"])) == (1.5, 0, 50.0)
    assert by_day == {((HOUR - DAY).replace(hour=0),): v2, (HOUR.replace(hour=0),): v1}
    assert by_segment.keys() == {("",), ("experiment=a",)}
    assert by_segment[("experiment=a",)] == FeedbackFigures(
        1, 0, 0, 1, {"thumbs_up": 1, "rating": 1}, {"tone": Ratings(1, 2.0)}
    )
    assert feedback(reading.window(HOUR - 9 * DAY, HOUR - 8 * DAY, "helpdesk")) == {(): FeedbackFigures()}
