from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from drift.models import DriftReport, TriggerEvaluation
from drift.reports import detection, lifecycle
from drift.windows.window import Window
from tests.drift.factories import DriftReportFactory, store_window
from tests.factories import NOON, DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
REPORTS = reverse("admin:drift_driftreport_changelist")
TRIGGERS = reverse("admin:drift_triggerevaluation_changelist")
RUN_CHECK = reverse("admin:drift_driftreport_run_drift_check")
CHECK_TRIGGERS = reverse("admin:drift_triggerevaluation_check_triggers")


def test_the_list_shows_verdict_score_and_events(console, django_assert_max_num_queries):
    DriftReportFactory(verdict="drifting", score=0.4567, n_reference=1204, n_current=1180)
    DriftReportFactory(verdict="insufficient_data", score=None, n_reference=0, n_current=30)
    DriftReportFactory(status="running", verdict="", score=None, finished_at=None)

    with django_assert_max_num_queries(12):
        page = console.get(REPORTS).content.decode()

    for text in ("helpdesk", "Drifting", "0.457", "1,204 and 1,180", "Insufficient data", "0 and 30", "Running"):
        assert text in page


def test_empty_lists_show_how_to_fill_them(console):
    assert "python manage.py detect_drift DEPLOYMENT" in console.get(REPORTS).content.decode()
    assert "python manage.py check_triggers DEPLOYMENT" in console.get(TRIGGERS).content.decode()


def test_the_page_of_a_report_shows_every_metric_in_words(console, rng, django_assert_max_num_queries):
    store_window("helpdesk", start_at=NOON, prompt_lengths=rng.integers(20, 40, 120))
    store_window("helpdesk", start_at=NOON + timedelta(days=1), prompt_lengths=rng.integers(60, 90, 100))
    report = detection.run(lifecycle.request("helpdesk", reference=Window(120, 100), current=Window(100)).pk)

    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:drift_driftreport_change", args=[report.pk])).content.decode()

    for metric in report.metrics:
        assert metric["label"] in page
        assert metric["sentence"] in page
    for text in (
        "Drifting",
        "score 1.000",
        "1.000 (0.940 to 1.000)",
        "120 and 100",
        "newest 120 events, skipping the",
    ):
        assert text in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"status": "failed", "verdict": "error", "score": None, "error": "The windows share 5 events."},
            "share 5 events",
        ),
        ({"status": "running", "verdict": "", "score": None, "finished_at": None}, "No results yet."),
    ],
)
def test_a_report_without_results_says_why(console, values, text):
    report = DriftReportFactory(**values)

    assert text in console.get(reverse("admin:drift_driftreport_change", args=[report.pk])).content.decode()


def test_the_dialog_runs_a_drift_check_of_the_chosen_deployment(console, running_tasks):
    DeploymentFactory(id="helpdesk")

    asked = console.get(RUN_CHECK)
    assert DriftReport.objects.count() == 0
    with running_tasks():
        answer = console.post(RUN_CHECK, {"_form_submitted": True, "deployment": "helpdesk"})

    assert "Run drift check" in asked.content.decode()
    assert answer.headers["HX-Redirect"] == REPORTS
    assert DriftReport.objects.get().verdict == "insufficient_data"


def test_the_dialog_checks_the_triggers_of_the_chosen_deployment(console, running_tasks):
    DeploymentFactory(id="helpdesk")

    console.get(CHECK_TRIGGERS)
    assert TriggerEvaluation.objects.count() == 0
    with running_tasks():
        answer = console.post(CHECK_TRIGGERS, {"_form_submitted": True, "deployment": "helpdesk"})

    assert answer.headers["HX-Redirect"] == TRIGGERS
    assert TriggerEvaluation.objects.count() == 4


@pytest.mark.parametrize(("permission", "status"), [("add", 200), ("view", 403)])
@pytest.mark.parametrize(("url", "model"), [(RUN_CHECK, "driftreport"), (CHECK_TRIGGERS, "triggerevaluation")])
def test_only_staff_with_the_right_run_checks(url, model, permission, status):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=f"{permission}_{model}"))
    client = Client()
    client.force_login(user)

    assert client.get(url).status_code == status
