"""Which events a report reads, wherever they come from, and that it says so."""

from datetime import timedelta

import numpy as np
import pytest
import time_machine

from drift.models import DriftReport
from drift.reports import detection, lifecycle
from drift.windows.window import Window, parse
from tests.drift.factories import store_window
from tests.factories import NOON

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIGURES = ("name", "effect", "effect_interval", "p_value", "n_reference", "n_current", "statistics", "before", "after")


def hours(rng, n, *starts, level=4.0, version=""):
    for start_at in starts:
        lengths = np.floor(rng.lognormal(level, 0.4, n)) + 1
        store_window("helpdesk", start_at=start_at, prompt_lengths=lengths, version=version)


def time(start, end):
    return {"from": start.isoformat(), "to": end.isoformat()}


def run(reference, current, **options):
    """A report over these windows, as JSON of the API has them."""
    reference, current = (None if asked is None else parse(asked) for asked in (reference, current))
    return detection.run(
        lifecycle.request("helpdesk", reference=reference, current=current, enqueue=False, **options).pk
    )


def figures(report):
    """Without embeddings, and without how many events name their model, which windows of one model do not say."""
    return [
        {name: metric[name] for name in FIGURES}
        for metric in report.metrics
        if "embedding" not in metric["name"] and metric["name"] != "present.model_version_id"
    ]


def by_name(report):
    return {metric["name"]: metric for metric in report.metrics}


COUNTS = {"last_events": 80, "skip": 70}, {"last_events": 70}


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (time(NOON, NOON + HOUR), time(NOON + DAY, NOON + DAY + HOUR)),
        (time(NOON - 12 * HOUR, NOON + 12 * HOUR), time(NOON + 23 * HOUR, NOON + 36 * HOUR)),
        (None, time(NOON + 12 * HOUR, NOON + 48 * HOUR)),
        ({"model_version_id": "v1"}, {"model_version_id": "v2"}),
        ({"previous_version": True}, {"model_version_id": "v2"}),
        ({"previous_version": True}, None),
        ({"trailing": {"days": 2, "gap_hours": 12}}, {"model_version_id": "v2"}),
        ({"trailing": {"hours": 24}}, {"last_events": 70}),
        ({"season": {"weeks": 2}}, {"last_events": 70}),
    ],
)
def test_every_kind_of_window_gives_the_numbers_of_the_events_it_holds(rng, reference, current):
    first = NOON - 6 * DAY if reference and "season" in reference else NOON
    hours(rng, 80, first, version="v1")
    hours(rng, 70, NOON + DAY, level=4.5, version="v2")

    by_count = run(*COUNTS)
    otherwise = run(reference, current)

    assert otherwise.status == "completed", otherwise.error
    assert (otherwise.n_reference, otherwise.n_current) == (80, 70)
    assert figures(otherwise) == figures(by_count)
    assert by_name(otherwise)["prompt_length"]["verdict"] == "drifting"


def test_a_report_says_where_its_windows_were_read(rng):
    hours(rng, 80, NOON, version="v1")
    hours(rng, 70, NOON + DAY, version="v2")

    report = run({"from": "2026-05-04T12:10:00Z", "to": "2026-05-04T12:20:00Z"}, {"last_events": 70})

    reference, current = report.resolved_windows["reference"], report.resolved_windows["current"]
    assert report.reference_window == {"from": "2026-05-04T12:10:00+00:00", "to": "2026-05-04T12:20:00+00:00"}
    assert reference["spans"] == [["2026-05-04T12:00:00+00:00", "2026-05-04T13:00:00+00:00"]]
    assert (reference["source"], reference["n"], reference["scheme"]) == ("rollups", 80, 1)
    assert (current["source"], current["first_at"]) == ("events", "2026-05-05T12:00:00+00:00")
    assert report.notes[0] == "Reference: The window is widened to whole hours."


def test_the_same_hours_of_earlier_weeks_are_the_reference(rng):
    week = 7 * DAY
    hours(rng, 60, NOON - 2 * week, NOON - week, NOON)
    hours(rng, 60, NOON - week + 3 * HOUR, level=6)

    report = run({"season": {"weeks": 2}}, time(NOON, NOON + HOUR))

    spans = [[(NOON - k * week).isoformat(), (NOON - k * week + HOUR).isoformat()] for k in (2, 1)]
    assert report.resolved_windows["reference"]["spans"] == spans
    assert (report.n_reference, report.n_current, report.verdict) == (120, 60, "ok")


@time_machine.travel(NOON + timedelta(minutes=20), tick=False)
def test_the_last_hours_are_compared_with_those_before(rng):
    hours(rng, 60, NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR, NOON)

    report = run(None, {"trailing": {"hours": 1}})

    assert report.resolved_windows["current"]["spans"] == [[(NOON - HOUR).isoformat(), NOON.isoformat()]]
    assert report.resolved_windows["reference"]["spans"] == [[(NOON - 2 * HOUR).isoformat(), (NOON - HOUR).isoformat()]]
    assert (report.n_reference, report.n_current) == (60, 60)


def test_windows_of_very_many_events_are_read_as_whole_hours(rng, monkeypatch):
    monkeypatch.setattr("drift.windows.window.MAX_EVENTS", 100)
    hours(rng, 80, *(NOON + k * HOUR for k in range(4)))

    report = run(None, {"last_events": 120})

    spans = [report.resolved_windows[side]["spans"] for side in ("reference", "current")]
    assert spans == [
        [[NOON.isoformat(), (NOON + 2 * HOUR).isoformat()]],
        [[(NOON + 2 * HOUR).isoformat(), (NOON + 4 * HOUR).isoformat()]],
    ]
    assert (report.n_reference, report.n_current) == (160, 160)
    assert "are read in whole hours" in report.notes[0]


@pytest.mark.parametrize(
    ("reference", "current", "shared"),
    [
        ({"last_events": 100}, {"model_version_id": "v2"}, 70),
        (time(NOON, NOON + 2 * DAY), {"last_events": 30}, 30),
        (time(NOON, NOON + 2 * DAY), {"model_version_id": "v2"}, 70),
        ({"prompt_version": ""}, {"model_version_id": "v2"}, 70),
    ],
)
def test_windows_that_turn_out_to_share_events_fail_and_say_how_many(rng, reference, current, shared):
    hours(rng, 80, NOON, version="v1")
    hours(rng, 70, NOON + DAY, version="v2")

    report = run(reference, current)

    assert (report.status, report.verdict, report.metrics) == ("failed", "error", [])
    assert report.error == f"The reference and the current window share {shared} events."


def test_versions_in_the_same_hours_share_nothing(rng):
    hours(rng, 80, NOON, version="v1")
    hours(rng, 70, NOON, version="v2")

    report = run({"model_version_id": "v1"}, {"model_version_id": "v2"})

    assert (report.status, report.n_reference, report.n_current) == ("completed", 80, 70)


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        COUNTS,
        ({"model_version_id": "v1"}, {"model_version_id": "v2"}),
        ({"trailing": {"days": 1}}, {"last_events": 70}),
    ],
)
def test_a_report_can_be_computed_again_from_what_it_keeps(rng, reference, current):
    vectors = rng.normal(size=(150, 8))
    lengths = rng.integers(20, 60, 150)
    store_window("helpdesk", start_at=NOON, prompt_lengths=lengths[:80], vectors=vectors[:80], version="v1")
    store_window("helpdesk", start_at=NOON + DAY, prompt_lengths=lengths[80:], vectors=vectors[80:], version="v2")
    report = run(reference, current, seed=7)
    # What comes later changes windows by count, not those of the report.
    hours(rng, 90, NOON + 3 * DAY, level=6, version="v3")

    again = detection.recompute(DriftReport.objects.get(pk=report.pk))

    assert [(one.result.p_value, one.result.effect, one.result.sentence) for one in again] == [
        (metric["p_value"], metric["effect"], metric["sentence"]) for metric in report.metrics
    ]
    assert by_name(report)["prompt_embedding"]["n_current"] == 70
    assert report.parameters["permutations"] == 999
    assert (report.seed, report.methods["ks"], report.methods["bins"]) == (7, "1", "1")


def test_a_reference_by_count_and_a_newer_current_window_are_read_apart(rng):
    hours(rng, 150, NOON)

    report = run({"last_events": 80, "skip": 70}, {"last_events": 70})

    assert report.resolved_windows["reference"]["last_at"] < report.resolved_windows["current"]["first_at"]
    assert Window(80, 70).as_json() == report.reference_window


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (time(NOON, NOON + HOUR), time(NOON + DAY, NOON + DAY + HOUR)),
        ({"last_events": 160, "skip": 160}, {"last_events": 160}),
    ],
)
def test_versions_within_a_window_are_compared_apart(rng, reference, current):
    for version, later in (("v1", 4.0), ("v2", 5.0)):
        hours(rng, 80, NOON, version=version)
        hours(rng, 80, NOON + DAY, version=version, level=later)

    report = run(reference, current, segments=["model_version_id"])

    lengths = {metric["segment"]: metric for metric in report.metrics if metric["name"] == "prompt_length"}
    assert {segment: metric["verdict"] for segment, metric in lengths.items()} == {
        "": "drifting",
        "model_version_id=v1": "ok",
        "model_version_id=v2": "drifting",
    }
    assert {metric["n_current"] for metric in lengths.values()} == {80, 160}
    assert {"|prompt_length", "model_version_id=v2|prompt_length"} <= report.histograms.keys()
    assert "model_version_id=v1|prompt_length" not in report.histograms
