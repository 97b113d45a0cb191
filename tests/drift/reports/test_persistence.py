from datetime import timedelta
from itertools import count

import numpy as np
import pytest

from drift import tasks
from drift.models import DriftReport, MetricState
from drift.reports import detection, lifecycle, persistence
from drift.reports.persistence import Rule, Seen, State
from feedback.models import Deployment
from tests.drift.factories import store_window
from tests.factories import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def after(verdicts, *, apart=HOUR):
    """The verdicts that last after windows with these verdicts, one after another."""
    state, lasting = State(), []
    for place, verdict in enumerate(verdicts):
        start = NOON + place * apart
        state = persistence.advance(state, Seen(verdict, start, start + HOUR), Rule())
        lasting.append(state.verdict)
    return lasting


@pytest.mark.parametrize(
    ("judged", "lasting"),
    [
        ("ok ok", "ok ok"),
        ("drifting", "watch"),
        ("drifting drifting", "watch drifting"),
        ("drifting ok drifting", "watch ok drifting"),
        ("drifting ok ok drifting", "watch ok ok watch"),
        ("watch watch watch", "watch watch watch"),
        ("drifting drifting ok drifting", "watch drifting drifting drifting"),
        ("drifting drifting ok ok", "watch drifting drifting ok"),
        ("drifting drifting watch ok ok", "watch drifting drifting drifting ok"),
        ("drifting insufficient_data drifting", "watch watch drifting"),
        ("drifting error ok", "watch watch ok"),
    ],
)
def test_drift_is_what_two_of_three_windows_show_and_ends_after_two_quiet_ones(judged, lasting):
    assert after(judged.split()) == lasting.split()


def test_windows_that_overlap_count_as_one():
    assert after(["drifting"] * 3, apart=HOUR / 2) == ["watch", "watch", "drifting"]


def test_the_worst_of_overlapping_windows_counts():
    looks = ["ok", "drifting", "drifting", "drifting", "ok", "ok", "ok", "ok"]

    assert after(looks, apart=HOUR / 2) == [
        "ok",
        "watch",  # Half of it was in the quiet window before, whose place it takes.
        "watch",
        "drifting",
        "drifting",
        "drifting",
        "drifting",
        "ok",
    ]


def test_since_when_a_metric_moves_is_the_first_window_of_it():
    state = State()
    for place, verdict in enumerate(("ok", "drifting", "drifting", "ok")):
        state = persistence.advance(state, Seen(verdict, NOON + place * DAY, NOON + place * DAY + HOUR), Rule())

    assert state.since_at == NOON + DAY


@pytest.fixture
def days(rng, settings):
    """A hundred events on each day, with the level of their lengths on that day."""
    settings.DRIFT_WINDOW = 100

    numbers = count()

    def store(*levels):
        for level in levels:
            lengths = np.floor(rng.lognormal(level, 0.3, 100)) + 1
            store_window("helpdesk", start_at=NOON + next(numbers) * DAY, prompt_lengths=lengths)

    return store


def checked():
    report = detection.run(lifecycle.request("helpdesk", is_scheduled=True, enqueue=False).pk)
    return report, next(metric for metric in report.metrics if metric["name"] == "prompt_length")


@pytest.mark.django_db
def test_a_scheduled_report_calls_drift_what_lasts(days):
    days(4, 4)
    found = [checked()]
    for level in (5, 6, 6):
        days(level)
        found.append(checked())

    assert [metric["judged"] for _, metric in found] == ["ok", "drifting", "drifting", "ok"]
    assert [metric["verdict"] for _, metric in found] == ["ok", "watch", "drifting", "drifting"]
    report, metric = found[2]
    assert metric["sentence"].endswith("a clear change; 2 of the last 3 windows show a clear change, drift requires 2.")
    assert metric["windows"] == ["ok", "drifting", "drifting"]
    assert metric["first_seen_at"] == found[1][0].resolved_windows["current"]["first_at"]
    assert report.verdict == "drifting"
    assert report.notes == ["A metric counts as drifting once 2 of the last 3 scheduled windows show a clear change."]
    state = MetricState.objects.get(metric="prompt_length")
    assert (state.verdict, state.report_id, state.reference_kind) == ("drifting", found[3][0].pk, "last_events")


@pytest.mark.django_db
def test_a_change_in_an_overlapping_window_is_mentioned(days, rng):
    days(4, 6)
    checked()
    store_window("helpdesk", start_at=NOON + 1.5 * DAY, prompt_lengths=np.floor(rng.lognormal(6, 0.3, 90)) + 1)

    _, metric = checked()

    assert (metric["judged"], metric["verdict"], metric["windows"]) == ("ok", "watch", ["drifting"])
    assert metric["sentence"].endswith(
        "; an overlapping window showed a change; 1 of 1 window so far shows a clear change, drift requires 2."
    )


@pytest.mark.django_db
def test_a_report_on_demand_neither_waits_nor_is_remembered(days):
    days(4, 6)

    report = detection.run(lifecycle.request("helpdesk", enqueue=False).pk)

    assert report.verdict == "drifting"
    assert report.parameters["persistence"] is None
    assert MetricState.objects.count() == 0


@pytest.mark.django_db
def test_a_change_that_stays_is_drift_and_then_what_is_usual(days, running_tasks):
    """What moves is compared with what lay before it for three windows; a sliding reference would hold the change."""
    days(4, 4)
    found = []
    for level in (4, 6, 6, 6, 6, 6, 6):
        days(level)
        DriftReport.objects.update(created_at=NOON)
        with running_tasks():
            tasks.detect_all_drift()
        report = DriftReport.objects.newest_first().first()
        metric = next(metric for metric in report.metrics if metric["name"] == "prompt_length")
        found.append((metric["judged"], metric["verdict"], report.reference_window["skip"]))

    assert found == [
        ("ok", "ok", 100),
        ("drifting", "watch", 100),
        ("drifting", "drifting", 200),
        ("drifting", "drifting", 300),
        ("ok", "drifting", 100),
        ("ok", "ok", 100),
        ("ok", "ok", 100),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("document", "skips"),
    [
        (None, [100]),
        ({"enabled": True, "window_size": 60}, [60]),
        ({"enabled": False, "window_size": 60}, []),
        ({"window_size": 0}, [100]),
        ({"window_size": True}, [100]),
        ({"window_size": "60"}, [100]),
    ],
)
def test_the_configuration_of_a_deployment_counts(days, running_tasks, document, skips):
    days(4, 6)
    Deployment.objects.update(drift_detection=document)

    with running_tasks():
        tasks.detect_all_drift()

    assert [report.reference_window["skip"] for report in DriftReport.objects.all()] == skips


@pytest.mark.django_db
def test_a_report_on_demand_takes_the_place_of_no_scheduled_one(days, running_tasks):
    days(4, 6)
    detection.run(lifecycle.request("helpdesk", enqueue=False).pk)

    with running_tasks():
        tasks.detect_all_drift()

    assert list(DriftReport.objects.order_by("pk").values_list("is_scheduled", flat=True)) == [False, True]


@pytest.mark.django_db
def test_the_schedule_remembers(days, running_tasks):
    days(4, 6)

    with running_tasks():
        tasks.detect_all_drift()

    report = DriftReport.objects.get()
    assert (report.is_scheduled, report.verdict) == (True, "watch")
    assert report.parameters["persistence"] == {"needed": 2, "windows": 3}
    assert MetricState.objects.count() == len(report.metrics)
