"""A change of a measure is no drift: values are compared within one version, and reports say since when it changed."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from drift.choices import CheckSource, TriggerOutcome
from drift.models import Baseline
from drift.reading import baselines
from drift.reports import detection, lifecycle
from drift.triggers import checking
from drift.windows.window import parse
from feedback.measures import catalogue, descriptors, language
from feedback.quality.profiles import PROFILES
from feedback.rollups import folding
from feedback.rollups.rolling import rolling_average
from feedback.scores import recording
from tests.drift.factories import store_window
from tests.factories import NOON

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHECKS = '[{"name": "format", "score": 0.5, "details": {"format": "%s"}, "version": "default-8"}]'


def window(start, hours=1):
    return {"from": start.isoformat(), "to": (start + hours * HOUR).isoformat()}


def run(reference, current):
    sides = {"reference": parse(reference), "current": parse(current)}
    report = detection.run(lifecycle.request("helpdesk", **sides, enqueue=False).pk)
    assert report.status == "completed", report.error
    return report, {metric["name"]: metric for metric in report.metrics}


def score_anew(events, value):
    """Score these events by a later version of the checks."""
    recording.record(
        [
            {
                "event_id": str(event.id),
                "assessor": "checks",
                "name": "quality",
                "profile": "default",
                "raw": value,
                "score": value,
                "minimum": 0.0,
                "maximum": 1.0,
                "version": "default-8",
                "checks": CHECKS % "plain",
                "assessed_at": timezone.now(),
            }
            for event in events
        ]
    )


@pytest.fixture
def hours(rng, monkeypatch):
    """A day of scores of about .9, and on the next day scores of .4 by a later version of the checks."""
    store_window("helpdesk", start_at=NOON, prompt_lengths=rng.integers(5, 90, 80), quality=rng.uniform(0.85, 0.95, 80))
    monkeypatch.setitem(PROFILES, "default", replace(PROFILES["default"], version="default-8"))
    later = store_window("helpdesk", start_at=NOON + DAY, prompt_lengths=rng.integers(5, 90, 80))
    score_anew(later, 0.4)
    return later


SENTENCE = f"Score of the checks: measured differently since {NOON + DAY:%Y-%m-%d %H:00} UTC, n = 80 and 80."


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (window(NOON), window(NOON + DAY)),
        (window(NOON + DAY), window(NOON)),
        ({"last_events": 80, "skip": 80}, {"last_events": 80}),
        ({"baseline": "release"}, window(NOON + DAY)),
    ],
    ids=["hours", "turned round", "events", "baseline"],
)
def test_values_of_two_versions_are_not_compared(hours, reference, current):
    baselines.pin("helpdesk", "release", parse(window(NOON)), by=None)
    folding.fold()

    report, metrics = run(reference, current)

    quality = metrics["quality"]
    assert (quality["verdict"], quality["sentence"]) == ("insufficient_data", SENTENCE)
    assert (report.verdict, report.score) == ("ok", 0)
    assert metrics["prompt_length"]["verdict"] == "ok"


def test_a_baseline_keeps_the_versions_of_its_metrics(hours):
    old = baselines.pin("helpdesk", "old", parse(window(NOON)), by=None)
    new = baselines.pin("helpdesk", "new", parse(window(NOON + DAY)), by=None)

    versions = [row.measure_versions["quality"] for row in (old, new)]
    assert (versions, old.measure_versions["prompt_length"]) == (["default-2", "default-8"], "1")
    _, metrics = run({"baseline": "new"}, window(NOON + 2 * DAY))
    assert metrics["quality"]["sentence"].startswith("Score of the checks: too few scored values")


def test_a_baseline_without_versions_was_measured_by_the_first(rng, hours):
    Baseline.objects.filter(pk=baselines.pin("helpdesk", "old", parse(window(NOON)), by=None).pk).update(
        measure_versions={}
    )
    store_window("helpdesk", start_at=NOON + 2 * DAY, prompt_lengths=rng.integers(5, 90, 80), quality=[0.4] * 80)

    assert run({"baseline": "old"}, window(NOON + DAY))[1]["quality"]["sentence"] == SENTENCE
    assert run({"baseline": "old"}, window(NOON + 2 * DAY))[1]["quality"]["verdict"] == "drifting"


def test_a_window_that_holds_both_versions_is_compared_within_the_newer(rng, hours):
    newest = store_window("helpdesk", start_at=NOON + 2 * DAY, prompt_lengths=rng.integers(5, 90, 60))
    score_anew(newest, 0.4)

    report, metrics = run(window(NOON, 25), window(NOON + 2 * DAY))

    quality = metrics["quality"]
    assert (quality["verdict"], quality["n_reference"], quality["n_current"]) == ("ok", 80, 60)
    assert (report.n_reference, report.n_current) == (160, 60)


def test_too_few_values_of_the_newer_version_say_why(rng, hours):
    store_window("helpdesk", start_at=NOON + 2 * DAY, prompt_lengths=rng.integers(5, 90, 60))
    score_anew(store_window("helpdesk", start_at=NOON + 2 * DAY + HOUR, prompt_lengths=[20] * 10), 0.1)

    _, metrics = run(window(NOON + DAY), window(NOON + 2 * DAY, 2))

    expected = f"Score of the checks: measured differently since {NOON + DAY:%Y-%m-%d %H:00} UTC, n = 80 and 10."
    assert metrics["quality"]["sentence"] == expected


def test_other_ways_of_reading_texts_are_no_drift(rng, monkeypatch):
    store_window("helpdesk", start_at=NOON, prompt_lengths=rng.integers(5, 90, 80))
    for owner, name in ((catalogue, "LENGTH_VERSION"), (descriptors, "VERSION"), (language, "VERSION")):
        monkeypatch.setattr(owner, name, "9")
    store_window("helpdesk", start_at=NOON + DAY, prompt_lengths=rng.integers(400, 900, 80))

    report, metrics = run(window(NOON), window(NOON + DAY))

    since = f"measured differently since {NOON + DAY:%Y-%m-%d %H:00} UTC, n = 80 and 80."
    changed = ("prompt_length", "response_length", "prompt.word_length", "language")
    assert [metrics[name]["sentence"].partition(": ")[2] for name in changed] == [since] * 4
    assert (report.verdict, report.score, report.n_reference, report.n_current) == ("ok", 0, 80, 80)


def test_no_trigger_fires_because_a_measure_changed(hours, time_machine):
    time_machine.move_to(NOON + DAY + 2 * HOUR)

    found = {one.name: one for one in checking.check("helpdesk", source=CheckSource.BEAT)}

    drop = found["quality_drop"]
    assert (drop.outcome, drop.value) == (TriggerOutcome.NO_DATA, pytest.approx(0.4))
    since = f"{NOON + DAY:%Y-%m-%d %H:00} UTC"
    assert drop.reason == f"The checks have measured differently since {since}; 80 events scored so far."
    assert found["drift_threshold"].outcome != TriggerOutcome.FIRED


def test_the_rolling_average_is_that_of_the_version_in_force(hours):
    average = rolling_average("helpdesk", 120)

    assert (average.n, round(average.mean, 6), average.measured_since) == (80, 0.4, NOON + DAY)
    only_new = rolling_average("helpdesk", 80)
    assert (only_new.n, only_new.measured_since) == (80, None)


def test_the_crucible_profile_does_not_compare_quality_across_versions(hours):
    reference, current = parse({"last_events": 80, "skip": 80}), parse({"last_events": 80})
    request = lifecycle.request("helpdesk", reference=reference, current=current, profile="crucible", enqueue=False)

    report = detection.run(request.pk)

    output = next(metric for metric in report.metrics if metric["name"] == "output")
    assert output["statistics"]["quality_change"] == 0
    assert np.isfinite(report.score)
