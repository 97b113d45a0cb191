import json
from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from drift import tasks
from drift.choices import ReportStatus, Verdict
from drift.models import DriftReport
from drift.reports import detection, lifecycle
from drift.windows.window import Window
from feedback.access import keys
from tests.drift.factories import DriftReportFactory, store_window
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, EventFactory, UserFactory

pytestmark = pytest.mark.django_db
RUN = "/api/v1/deployments/helpdesk/drift"


def lengths(rng, n, level=4.0):
    return np.floor(rng.lognormal(level, 0.4, n)) + 1


def unit_vectors(rng, n, shift=0.0):
    vectors = rng.normal(size=(n, 8)) + shift
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def store_pair(rng, *, n_reference=300, n_current=260, **current):
    store_window(
        "helpdesk",
        start_at=NOON,
        prompt_lengths=lengths(rng, n_reference),
        response_lengths=lengths(rng, n_reference, 5),
        vectors=unit_vectors(rng, n_reference),
        version="v1",
    )
    return store_window(
        "helpdesk",
        start_at=NOON + timedelta(days=1),
        **{
            "prompt_lengths": lengths(rng, n_current),
            "response_lengths": lengths(rng, n_current, 5),
            "vectors": unit_vectors(rng, n_current),
            "version": "v2",
            **current,
        },
    )


def run_report(api, running_tasks, body):
    with running_tasks():
        answer = api.post(RUN, body, format="json")
    assert answer.status_code == 202, answer.json()
    return api.get(f"/api/v1/drift-reports/{answer.json()['id']}").json()


def by_name(report):
    return {metric["name"]: metric for metric in report["metrics"]}


PAIR = {"reference": {"last_events": 300, "skip": 260}, "current": {"last_events": 260}}


def test_a_run_is_accepted_at_once_and_completed_by_a_worker(api, running_tasks, rng):
    store_pair(rng, response_lengths=lengths(rng, 260, 5.5))

    with running_tasks():
        answer = api.post(RUN, PAIR, format="json")
        assert (answer.status_code, answer.json()["status"]) == (202, "running")

    report = api.get(f"/api/v1/drift-reports/{answer.json()['id']}").json()
    assert (report["status"], report["verdict"]) == ("completed", "drifting")
    assert (report["n_reference"], report["n_current"]) == (300, 260)
    metrics = by_name(report)
    assert len(metrics) == len(report["metrics"]) == 44
    # A text of one letter is one long word, so its words grow with it.
    moved = [name for name, metric in metrics.items() if metric["verdict"] in ("watch", "drifting")]
    assert moved == ["response_length", "response.word_length"]
    unmeasured = [name for name, metric in metrics.items() if metric["verdict"] == "insufficient_data"]
    assert unmeasured == ["response_embedding"]
    changed = metrics["response_length"]
    assert (
        changed["sentence"]
        == "Response length: median 148 → 245 characters, +1.2 SD [1.0, 1.4], n = 300 and 260; a clear change."
    )
    assert (changed["segment"], changed["method"]) == ("", "adaptive_ranks-1,mood-1,ks-1")
    assert report["score"] == changed["statistics"]["ks"] > 0.3
    assert (changed["before"]["n"], changed["before"]["median"], changed["after"]["median"]) == (300, 147.5, 245)
    assert (changed["judged"], changed["windows"], changed["first_seen_at"]) == ("drifting", [], None)
    assert report["notes"] == ["Based on these two windows only; earlier reports are not considered."]


def test_the_list_has_what_moved_in_place_of_all_metrics(api, running_tasks, rng):
    store_pair(rng, response_lengths=lengths(rng, 260, 5.5))
    with running_tasks():
        report_id = api.post(RUN, PAIR, format="json").json()["id"]

    report, listed = api.get(f"/api/v1/drift-reports/{report_id}").json(), api.get(RUN).json()["results"]

    said = ["name", "label", "segment", "verdict", "effect", "sentence"]
    (short,) = listed
    moved = short.pop("moved")
    assert moved == [
        {name: metric[name] for name in said}
        for metric in report["metrics"]
        if metric["verdict"] in ("watch", "drifting")
    ]
    assert [metric["name"] for metric in moved] == ["response_length", "response.word_length"]
    assert short == {name: report[name] for name in short}
    assert report.keys() - short.keys() == {"metrics", "notes", "resolved_windows", "parameters", "methods", "seed"}
    assert len(json.dumps(listed)) < 1_500 < 30_000 < len(json.dumps(report))


def test_without_windows_the_newest_thousand_is_compared_with_the_thousand_before(api, running_tasks, rng, settings):
    settings.DRIFT_WINDOW = 200
    store_pair(rng)

    report = run_report(api, running_tasks, {})

    assert (report["n_reference"], report["n_current"]) == (200, 200)
    assert report["reference_window"] == {"last_events": 200, "skip": 200}


def test_a_young_deployment_has_insufficient_data_and_no_score(api, running_tasks, rng):
    store_pair(rng, n_reference=30, n_current=30, quality=[0.1] * 30)

    report = run_report(api, running_tasks, {})

    assert (report["status"], report["verdict"], report["score"]) == ("completed", "insufficient_data", None)
    assert (report["n_reference"], report["n_current"]) == (0, 60)


def test_a_deployment_without_events_has_insufficient_data(api, running_tasks):
    DeploymentFactory(id="helpdesk")

    report = run_report(api, running_tasks, {})

    assert (report["status"], report["verdict"], report["n_current"]) == ("completed", "insufficient_data", 0)


def test_embeddings_of_different_clients_are_an_error(api, running_tasks, rng):
    store_pair(rng, client="other")

    report = run_report(api, running_tasks, PAIR)

    assert (report["status"], report["verdict"], report["score"]) == ("completed", "error", None)
    assert (
        by_name(report)["prompt_embedding"]["sentence"]
        == "Prompt embeddings: the windows were embedded by different clients, test and other."
    )


def test_the_crucible_profile_counts_graphemes_and_unscored_events_as_zero(api, running_tasks, rng):
    store_pair(rng, quality=[None] * 260, vectors=None)

    report = run_report(api, running_tasks, {**PAIR, "profile": "crucible"})

    output = report["metrics"][2]
    assert output["statistics"]["quality_change"] == pytest.approx(0.9)
    assert (report["verdict"], report["score"]) == ("drifting", pytest.approx(0.9))
    assert report["metrics"][1]["verdict"] == "insufficient_data"


def test_windows_that_turn_out_to_share_events_fail_with_that_reason(api, running_tasks, rng):
    store_pair(rng)

    report = run_report(api, running_tasks, {"reference": {"last_events": 500}, "current": {"model_version_id": "v2"}})

    assert (report["status"], report["verdict"], report["score"]) == ("failed", "error", None)
    assert report["error"] == "The reference and the current window share 260 events."


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"reference": {"last_events": 500}, "current": {"last_events": 500}}, "reference", "invalid_window"),
        ({"reference": {"baseline": "release"}}, "reference.baseline", "no_baseline"),
        ({"reference": {"last_events": 0}}, "reference.last_events", "min_value"),
        ({"reference": {"last_events": 10**12 + 1}}, "reference.last_events", "max_value"),
        ({"reference": {"last_events": 5, "skip": 2**63 - 1}}, "reference.skip", "max_value"),
        ({"current": {"from": "1971-01-02T00:00:00Z", "to": "8999-12-31T00:00:00Z"}}, "reference", "invalid_window"),
        ({"current": {"from": "0001-01-02T00:00:00Z", "to": "1971-12-31T00:00:00Z"}}, "current.from", "invalid_window"),
        ({"current": {"season": {"weeks": 2}}}, "current", "invalid_window"),
        ({"reference": {"season": {"weeks": 99}}}, "reference.season.weeks", "max_value"),
        ({"reference": {"trailing": {"gap_hours": 5}}}, "reference.trailing", "invalid_window"),
        ({"reference": {"previous_version": True}}, "current", "invalid_window"),
        ({"reference": {"model_version_id": "v" * 256}}, "reference.model_version_id", "max_length"),
        ({"segments": ["model_version_id"], "profile": "crucible"}, "segments", "invalid_window"),
        ({"reference": {"trailing": {"hours": 5}}, "profile": "crucible"}, "reference", "invalid_window"),
        ({"current": {"last": 5}}, "current.last", "unknown_field"),
        ({"window_size": 0}, "window_size", "min_value"),
        ({"window_size": 10**12 + 1}, "window_size", "max_value"),
        ({"window_size": 5, "current": {"last_events": 5}}, "window_size", "invalid_window"),
        ({"current": {"skip": 5}}, "current.last_events", "invalid_window"),
        ({"current": {"from": "2026-05-05T00:00:00Z"}}, "current", "invalid_window"),
        ({"windows": {}}, "windows", "unknown_field"),
        ({"profile": "strict"}, "profile", "invalid_choice"),
        ([], "", "invalid"),
    ],
)
def test_a_request_that_cannot_be_run_names_its_field_and_leaves_no_report(api, body, field, code):
    DeploymentFactory(id="helpdesk")

    answer = api.post(RUN, body, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert DriftReport.objects.count() == 0


def test_an_unknown_deployment_or_report_is_not_found(api):
    for path in (RUN, "/api/v1/drift-reports/5", "/api/v1/deployments/helpdesk/triggers"):
        assert api.get(path).status_code == 404
    assert api.post(RUN).status_code == 404
    assert api.post("/api/v1/deployments/helpdesk/triggers/check").status_code == 404


@pytest.mark.parametrize("call", ["drift", "triggers/check"])
def test_only_a_user_with_the_right_runs_checks(api, call):
    DeploymentFactory(id="helpdesk")
    _, secret = keys.create(UserFactory(), "no rights", ALL_SCOPES)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert api.post(f"/api/v1/deployments/helpdesk/{call}").status_code == 403
    assert DriftReport.objects.count() == 0


def test_running_a_report_again_leaves_it_as_it_was(rng):
    store_pair(rng)
    report = lifecycle.request("helpdesk", current=Window(260), reference=Window(300, 260))
    tasks.detect_drift(report.pk)
    report.refresh_from_db()
    finished_at, metrics = report.finished_at, report.metrics

    store_pair(rng)
    tasks.detect_drift(report.pk)

    report.refresh_from_db()
    assert (report.finished_at, report.metrics) == (finished_at, metrics)


def test_an_unforeseen_failure_fails_the_report_and_is_raised(settings):
    DeploymentFactory(id="helpdesk")
    report = lifecycle.request("helpdesk")
    DriftReport.objects.filter(pk=report.pk).update(reference_window={"last_events": "many"})

    with pytest.raises(TypeError):
        detection.run(report.pk)

    report.refresh_from_db()
    assert (report.status, report.verdict, report.score) == (ReportStatus.FAILED, Verdict.ERROR, None)
    assert report.error.startswith("TypeError: ")


@pytest.mark.parametrize(
    "values",
    [
        {"verdict": ""},
        {"verdict": Verdict.INSUFFICIENT_DATA},
        {"status": ReportStatus.FAILED, "verdict": Verdict.ERROR, "score": None},
        {"status": ReportStatus.RUNNING},
        {"finished_at": None},
        {"profile": "strict"},
    ],
)
def test_the_database_rejects_an_inconsistent_report(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        DriftReportFactory(**values)


def test_all_enabled_deployments_are_checked(running_tasks, rng):
    store_pair(rng)
    DeploymentFactory(id="young")
    DeploymentFactory(id="off", enabled=False)

    with running_tasks():
        tasks.detect_all_drift()

    verdicts = DriftReport.objects.values_list("deployment_id", "verdict")
    assert sorted(verdicts) == [("helpdesk", "insufficient_data"), ("young", "insufficient_data")]


def test_a_deployment_is_checked_again_once_it_has_a_newer_event(running_tasks):
    DeploymentFactory(id="helpdesk")
    counts = []
    for received_at in (NOON, NOON, timezone.now() + timedelta(minutes=1)):
        EventFactory(received_at=received_at, occurred_at=received_at)
        with running_tasks():
            tasks.detect_all_drift()
        counts.append(DriftReport.objects.count())

    assert counts == [1, 1, 2]
