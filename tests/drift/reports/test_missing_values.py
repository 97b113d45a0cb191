"""Events that stop saying a fact, such as their latency, are a change of their own."""

from datetime import timedelta

import numpy as np
import pytest
import time_machine

from drift.choices import Verdict
from drift.measures.verdicts import VerdictParameters
from drift.models import Baseline, DriftReport
from drift.reports import comparison, detection, lifecycle
from drift.windows.data import WindowData, with_model_version
from drift.windows.window import parse
from feedback.measures.catalogue import kind_of
from feedback.measures.histograms import Categories, Histogram
from tests.factories import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FACTS = {
    "latency_ms": 250.0,
    "prompt_tokens": 30,
    "completion_tokens": 60,
    "cost_usd": 0.002,
    "finish_reason": "stop",
    "model_version_id": "v1",
}
SHARES = {f"present.{name}" for name in [*FACTS, "total_tokens"]}


def window(n, *, latency, plans=()):
    """n events, of which `latency` say their latency; plans: the same by segment, as (n, latency)."""

    def part(n, latency):
        lengths, times = np.full(n, 80.0), np.full(latency, 250.0)
        return {
            "response_length": Histogram.of(lengths, kind_of("response_length")),
            "latency_ms": Histogram.of(times, kind_of("latency_ms")),
        }

    segments = {f"plan={name}": part(*counts) for name, counts in dict(plans).items()}
    return WindowData({"": part(n, latency), **segments})


def compare(reference, current):
    found = comparison.compare(reference, current, parameters=VerdictParameters(), seed=0)
    return {(one.result.segment, one.result.name): one.result for one in found}


@pytest.mark.parametrize(
    ("n", "before", "after", "verdict"),
    [
        (400, 1.0, 0.0, Verdict.DRIFTING),
        (400, 1.0, 0.6, Verdict.DRIFTING),
        (60, 1.0, 0.6, Verdict.DRIFTING),
        (400, 0.0, 1.0, Verdict.DRIFTING),
        (400, 0.9, 0.75, Verdict.DRIFTING),
        (1_000, 1.0, 0.95, Verdict.WATCH),
        (400, 1.0, 0.99, Verdict.OK),
        (100_000, 1.0, 0.97, Verdict.OK),
        (100_000, 0.5, 0.53, Verdict.OK),
        (400, 1.0, 1.0, Verdict.OK),
        (49, 1.0, 0.0, Verdict.INSUFFICIENT_DATA),
    ],
)
def test_the_share_of_events_with_a_value_is_watched(n, before, after, verdict):
    metrics = compare(window(n, latency=round(before * n)), window(n, latency=round(after * n)))

    found = metrics["", "present.latency_ms"]
    assert (found.verdict, found.n_reference, found.n_current) == (verdict, n, n)
    if verdict == Verdict.DRIFTING:
        assert found.sentence.startswith(f"Events with latency: {before:.1%} → {after:.1%}, ")
        assert found.effect == pytest.approx(after - before)


def test_a_value_that_no_event_has_is_left_out():
    assert ("", "present.latency_ms") not in compare(window(400, latency=0), window(400, latency=0))
    assert ("", "present.cost_usd") not in compare(window(400, latency=400), window(400, latency=400))


def test_a_segment_that_stops_saying_its_latency_is_named():
    reference = window(400, latency=400, plans={"free": (200, 200), "team": (200, 200)})
    current = window(400, latency=320, plans={"free": (200, 120), "team": (200, 200)})

    metrics = compare(reference, current)

    verdicts = {segment: metric.verdict for (segment, name), metric in metrics.items() if name == "present.latency_ms"}
    assert verdicts == {"": Verdict.DRIFTING, "plan=free": Verdict.DRIFTING, "plan=team": Verdict.OK}


def test_windows_that_do_not_say_their_model_versions_are_not_compared_by_them():
    known = window(400, latency=400)
    known = WindowData({"": {**known.of(""), **with_model_version(400, 400)}})

    assert ("", "present.model_version_id") not in compare(known, window(400, latency=400))
    assert compare(known, known)["", "present.model_version_id"].verdict == Verdict.OK


def test_more_values_than_events_are_known_of_say_nothing():
    odd = WindowData({"": {"response_length": Categories({}), **window(400, latency=400).of("")}}, sizes={"": 100})

    assert ("", "present.latency_ms") not in compare(odd, window(400, latency=0))


def day(number):
    return {"from": (NOON + number * DAY).isoformat(), "to": (NOON + number * DAY + HOUR).isoformat()}


@pytest.fixture
def traffic(api, write_all):
    """A day on which all of 80 events say every fact, one on which 48 do, and one on which none does."""
    with time_machine.travel(NOON + 3 * DAY):
        for number, count in enumerate((80, 48, 0)):
            at = (NOON + number * DAY).isoformat()
            common = {"deployment_id": "helpdesk", "prompt": "Where is it?", "response": "There.", "occurred_at": at}
            events = [common | (FACTS if index < count else {}) for index in range(80)]
            api.post("/api/v1/events", {"events": events}, format="json")
        write_all()
        api.put("/api/v1/deployments/helpdesk/baselines/release", {"window": day(0)}, format="json")
        yield


def run(**windows):
    sides = {side: parse(window) for side, window in windows.items()}
    report = detection.run(lifecycle.request("helpdesk", **sides, enqueue=False).pk)
    assert report.status == "completed", report.error
    return {metric["name"]: metric for metric in report.metrics if metric["name"].startswith("present.")}


@pytest.mark.parametrize(
    ("reference", "current", "share"),
    [
        (day(0), day(1), 0.6),
        (day(0), day(2), 0.0),
        ({"baseline": "release"}, day(1), 0.6),
        ({"last_events": 80, "skip": 160}, {"last_events": 80, "skip": 80}, 0.6),
        ({"last_events": 80, "skip": 160}, {"last_events": 80}, 0.0),
        ({"baseline": "release"}, {"last_events": 80}, 0.0),
    ],
    ids=["hours", "hours_without", "baseline", "events", "events_without", "baseline_without"],
)
def test_every_fact_that_goes_missing_drifts_in_every_kind_of_window(traffic, reference, current, share):
    found = run(reference=reference, current=current)

    assert found.keys() == SHARES
    assert {metric["verdict"] for metric in found.values()} == {"drifting"}
    assert {metric["after"]["shares"]["yes"] for metric in found.values()} == {share}
    assert {(metric["n_reference"], metric["n_current"]) for metric in found.values()} == {(80, 80)}


def test_a_baseline_of_before_model_versions_were_counted_reports_no_drift_of_them(traffic):
    kept = Baseline.objects.get()
    kept.parts[""].pop("present.model_version_id")
    kept.save(update_fields=["parts"])

    found = run(reference={"baseline": "release"}, current=day(2))

    assert found.keys() == SHARES - {"present.model_version_id"}


def test_the_page_of_a_report_shows_the_share(console, traffic):
    run(reference=day(0), current=day(1))
    report = DriftReport.objects.get()

    page = console.get(f"/admin/drift/driftreport/{report.pk}/change/").content.decode()

    assert "Events with latency" in page
    assert "Events with finish reason: 100.0% → 60.0%" in page
