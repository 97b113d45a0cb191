from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from drift.models import Baseline, DriftReport, MetricState
from drift.reading import baselines, references
from drift.reports import detection, lifecycle
from drift.windows.window import Window
from feedback.access import keys
from feedback.models import Event, Rollup, RollupDelta
from tests.drift.factories import DriftReportFactory, store_window
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RELEASE = "/api/v1/deployments/helpdesk/baselines/release"


def store(rng, n, day, level=4.0):
    lengths = np.floor(rng.lognormal(level, 0.4, n)) + 1
    return store_window("helpdesk", start_at=NOON + day * DAY, prompt_lengths=lengths)


def run(**windows):
    return detection.run(lifecycle.request("helpdesk", enqueue=False, **windows).pk)


def numbers(report):
    return [(metric["name"], metric["effect"], metric["p_value"], metric["before"]) for metric in report.metrics]


@pytest.mark.parametrize(
    "window",
    [{"last_events": 80}, {"from": NOON.isoformat(), "to": (NOON + timedelta(hours=1)).isoformat()}],
)
def test_a_pinned_window_gives_the_same_numbers_when_its_events_are_gone(api, rng, window):
    store(rng, 80, 0)
    answer = api.put(RELEASE, {"window": window, "reason": "release 1.4"}, format="json")
    store(rng, 90, 1, level=4.5)
    before = run(reference=Window(baseline="release"), current=Window(90))

    Event.objects.filter(occurred_at__lt=NOON + DAY).delete()
    Rollup.objects.all().delete()
    RollupDelta.objects.all().delete()
    after = run(reference=Window(baseline="release"), current=Window(90))

    assert (answer.status_code, answer.json()["n"], answer.json()["version"]) == (200, 80, 1)
    assert (answer.json()["reason"], answer.json()["created_by"]) == (
        "release 1.4",
        Baseline.objects.get().created_by.username,
    )
    assert (before.n_reference, before.n_current, before.verdict) == (80, 90, "drifting")
    assert numbers(after) == numbers(before)
    assert after.resolved_windows["reference"]["baseline_id"] == Baseline.objects.get().pk
    assert [one.result.p_value for one in detection.recompute(after)] == [metric["p_value"] for metric in after.metrics]


def test_a_name_pinned_again_is_a_new_version_and_the_old_one_stays(api, rng):
    store(rng, 80, 0)
    for n in (30, 60):
        api.put(RELEASE, {"window": {"last_events": n}}, format="json")

    found = api.get(RELEASE).json()

    assert (found["version"], found["n"], found["window"]) == (2, 60, {"last_events": 60, "skip": 0})
    assert list(Baseline.objects.order_by("version").values_list("version", "n")) == [(1, 30), (2, 60)]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"window": {"model_version_id": "v9"}}, 400, "window"),
        ({"window": {"season": {"weeks": 2}}}, 400, "window"),
        ({"window": {"baseline": "other"}}, 400, "window.baseline"),
        ({"windows": {}}, 400, "windows"),
        ({"window": {"last_events": 5}}, 200, None),
    ],
)
def test_an_empty_window_is_not_pinned(api, rng, body, status, field):
    store(rng, 80, 0)

    answer = api.put(RELEASE, body, format="json")

    assert answer.status_code == status
    assert Baseline.objects.count() == (status == 200)
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_unknown_baseline_is_not_found(api):
    DeploymentFactory(id="helpdesk")

    assert api.get(RELEASE).status_code == 404
    assert api.put("/api/v1/deployments/nowhere/baselines/release", {}, format="json").status_code == 404


@pytest.mark.parametrize(("current", "shared"), [({"last_events": 100}, 10), ({"model_version_id": ""}, None)])
def test_a_baseline_and_the_current_window_never_overlap(api, rng, current, shared):
    store(rng, 80, 0)
    api.put(RELEASE, {"window": {"last_events": 80}}, format="json")
    store(rng, 90, 1)

    report = run(reference=Window(baseline="release"), current=Window(**current))

    assert (report.status, report.verdict) == ("failed", "error")
    assert report.error == f"The reference and the current window share {shared or 80} events."


@pytest.mark.parametrize(
    "window",
    [{"last_events": 80}, {"from": NOON.isoformat(), "to": (NOON + timedelta(hours=1)).isoformat()}],
)
def test_a_copy_of_a_baseline_is_compared_like_the_baseline(api, rng, window):
    store(rng, 80, 0)
    api.put(RELEASE, {"window": window}, format="json")
    copied = api.put(RELEASE.replace("release", "copy"), {"window": {"baseline": "release"}}, format="json")
    store(rng, 90, 1, level=4.5)

    found = [run(reference=Window(baseline=name), current=Window(90)) for name in ("release", "copy")]
    overlapping = run(reference=Window(baseline="copy"), current=Window(100))

    assert copied.json()["resolved_window"] == api.get(RELEASE).json()["resolved_window"]
    assert [report.verdict for report in found] == ["drifting", "drifting"]
    assert numbers(found[1]) == numbers(found[0])
    assert overlapping.error == "The reference and the current window share 10 events."


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        ({"window": {"baseline": "release"}}, 60),
        ({"window": {"last_events": 20}}, 20),
        ({"window": {"last_events": 70}}, 60),
        ({"window": {"from": (NOON + DAY).isoformat(), "to": (NOON + 2 * DAY).isoformat()}}, 60),
        ({"window": {"last_events": 10, "skip": 60}}, None),
    ],
)
def test_two_baselines_with_the_same_events_are_not_compared(api, rng, other, shared):
    store(rng, 80, 0)
    store(rng, 60, 1)
    api.put(RELEASE, {"window": {"last_events": 60}}, format="json")
    api.put(RELEASE.replace("release", "other"), other, format="json")

    report = run(reference=Window(baseline="release"), current=Window(baseline="other"))

    words = f"The reference and the current window share {shared} events." if shared else ""
    assert (report.error, report.status) == (words, "failed" if shared else "completed")


def accept(api, report, **body):
    return api.post(f"/api/v1/drift-reports/{report.pk}/accept", {"reason": "new prompt", **body}, format="json")


def test_accepting_a_report_makes_its_current_window_normal(api, rng, settings):
    settings.DRIFT_WINDOW = 80
    store(rng, 80, 0)
    store(rng, 80, 1, level=5)
    report = detection.run(lifecycle.request("helpdesk", is_scheduled=True, enqueue=False).pk)
    assert (report.verdict, MetricState.objects.filter(metric="prompt_length").count()) == ("watch", 1)

    answer = accept(api, report)

    found = api.get(f"/api/v1/drift-reports/{report.pk}").json()
    baseline = Baseline.objects.get()
    assert (answer.status_code, answer.json()["name"], answer.json()["n"]) == (201, "normal", 80)
    assert (baseline.report_id, baseline.reason) == (report.pk, "new prompt")
    assert (found["acknowledged_by"], found["acknowledged_reason"]) == (baseline.created_by.username, "new prompt")
    assert found["acknowledged_at"] is not None
    assert MetricState.objects.count() == 0
    assert references.accepted_as_normal("helpdesk") is None

    store(rng, 80, 2, level=5)

    assert references.accepted_as_normal("helpdesk") == Window(baseline="normal")
    later = run(reference=references.accepted_as_normal("helpdesk"))
    assert (later.verdict, later.n_reference, later.n_current) == ("ok", 80, 80)


def test_a_baseline_that_was_looked_at_can_become_normal(api, rng):
    store(rng, 80, 0)
    store(rng, 80, 1, level=5)
    api.put(RELEASE, {"window": {"last_events": 80}}, format="json")
    report = run(reference=Window(80, 80), current=Window(baseline="release"))

    answer = accept(api, report)
    store(rng, 80, 2, level=5)
    later = run(reference=Window(baseline="normal"), current=Window(80))

    assert (answer.status_code, answer.json()["n"]) == (201, 80)
    assert (later.status, later.verdict, later.n_reference) == ("completed", "ok", 80)


def test_a_report_is_accepted_once(api, rng):
    store(rng, 160, 0)
    report = run(reference=Window(80, 80), current=Window(80))

    answers = [accept(api, report, baseline="spring").status_code for _ in range(2)]

    assert answers == [201, 409]
    assert list(Baseline.objects.values_list("name", flat=True)) == ["spring"]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "running", "verdict": "", "score": None, "finished_at": None},
        {"status": "failed", "verdict": "error", "score": None, "error": "It failed."},
        {"profile": "crucible"},
    ],
)
def test_a_report_without_a_judgement_is_not_accepted(api, values):
    report = DriftReportFactory(**values)

    assert accept(api, report).status_code == 409
    assert DriftReport.objects.get().acknowledged_at is None


def test_accepting_needs_a_reason_and_the_right(api, rng):
    store(rng, 160, 0)
    report = run(reference=Window(80, 80), current=Window(80))
    without = accept(api, report, reason="")
    _, secret = keys.create(UserFactory(), "no rights", ALL_SCOPES)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert (without.status_code, without.json()["errors"][0]["field"]) == (400, "reason")
    assert accept(api, report).status_code == 403
    assert api.put(RELEASE, {}, format="json").status_code == 403
    assert Baseline.objects.count() == 0


@pytest.mark.parametrize(
    "values",
    [{"acknowledged_reason": "because"}, {"acknowledged_at": NOON}],
)
def test_an_acknowledgement_has_a_person_a_time_and_a_reason(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        DriftReportFactory(**values)


def test_the_newest_versions_of_so_many_names_are_kept(api, rng, monkeypatch):
    monkeypatch.setattr(baselines, "MOST_VERSIONS", 2)
    monkeypatch.setattr(baselines, "MOST_NAMES", 1)
    store(rng, 5, 0)

    numbered = [api.put(RELEASE, {}, format="json").json()["version"] for _ in range(4)]
    rejected = api.put(RELEASE.replace("release", "other"), {}, format="json")

    assert numbered == [1, 2, 3, 4]
    assert sorted(Baseline.objects.values_list("name", "version")) == [("release", 3), ("release", 4)]
    assert rejected.status_code == 409
    [error] = rejected.json()["errors"]
    assert error["message"] == "helpdesk has 1 baselines. Pin a new version of one of them."
