from datetime import timedelta

import pytest
from django.urls import reverse

from drift.models import Baseline
from drift.pages import deployment_page
from tests.drift.factories import DriftReportFactory, TriggerFiringFactory, report_metric
from tests.factories import NOON, DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:drift_deployment", args=["helpdesk"])


def test_the_tracker_has_a_lettered_cell_for_each_report_newest_last(console, django_assert_max_num_queries):
    verdicts = ["ok", "watch", "drifting", "insufficient_data", "error"]
    made = [
        DriftReportFactory(
            verdict=verdict,
            score=0.25 if verdict in verdicts[:3] else None,
            is_scheduled=True,
            metrics=[report_metric(sentence=f"Sentence {verdict}.")],
            created_at=NOON + timedelta(days=day),
        )
        for day, verdict in enumerate(verdicts)
    ]
    made.append(
        DriftReportFactory(
            status="running", verdict="", score=None, finished_at=None, created_at=NOON + timedelta(days=5)
        )
    )

    with django_assert_max_num_queries(12):
        page = console.get(PAGE).content.decode()

    cells = deployment_page.build("helpdesk").cells
    assert [cell.report_id for cell in cells] == [report.pk for report in made]
    assert [cell.letter for cell in cells] == ["O", "W", "D", "I", "E", "R"]
    assert cells[2].description == "2026-05-06 12:00 UTC, scheduled: Drifting, score 0.250"
    assert cells[5].description == "2026-05-09 12:00 UTC, on demand: Running"
    for cell in cells:
        assert reverse("admin:drift_driftreport_change", args=[cell.report_id]) in page
        assert page.count(f'aria-label="{cell.description}"') == 1
    assert "Sentence error." in page
    assert "Sentence watch." not in page


def test_only_the_newest_windows_are_shown():
    made = [DriftReportFactory(created_at=NOON + timedelta(hours=k)) for k in range(62)]

    assert [cell.report_id for cell in deployment_page.build("helpdesk").cells] == [report.pk for report in made[2:]]


def test_it_links_to_baselines_and_triggers(console, operator):
    deployment = DeploymentFactory(id="helpdesk")
    span = {"first_at": NOON.isoformat(), "last_at": (NOON + timedelta(hours=2)).isoformat(), "source": "rollups"}
    pinned = {"deployment": deployment, "resolved_window": span, "scheme": 1, "parts": {}}
    Baseline.objects.create(
        **pinned, name="normal", window={"last_events": 1000, "skip": 0}, n=1000, created_by=operator
    )
    Baseline.objects.create(
        **pinned, name="training", window={"last_events": 1200, "skip": 0}, n=1200, reason="Training run 3"
    )
    TriggerFiringFactory()

    page = console.get(PAGE).content.decode()

    rows = deployment_page.build("helpdesk").baselines
    assert [(row.name, row.asked, row.by) for row in rows] == [
        ("training", "newest 1,200 events", "–"),
        ("normal", "newest 1,000 events", operator.username),
    ]
    assert rows[0].span == "2026-05-04 12:00 to 2026-05-04 14:00 UTC"
    assert "Firings (1 open)" in page
    assert f"{reverse('admin:drift_triggerevaluation_changelist')}?deployment_id=helpdesk" in page
    assert "Training run 3" in page


def test_a_deployment_without_reports_says_how_to_make_one(console):
    DeploymentFactory(id="helpdesk")

    assert "python manage.py detect_drift helpdesk" in console.get(PAGE).content.decode()


@pytest.mark.parametrize(("deployment", "status"), [("helpdesk", 403), ("nowhere", 403)])
def test_it_is_for_those_who_may_see_reports(client, deployment, status):
    DeploymentFactory(id="helpdesk")
    client.force_login(UserFactory(is_staff=True))

    assert client.get(reverse("admin:drift_deployment", args=[deployment])).status_code == status


def test_an_unknown_deployment_is_not_found(console):
    assert console.get(reverse("admin:drift_deployment", args=["nowhere"])).status_code == 404


def test_lists_and_reports_link_to_it(console):
    report = DriftReportFactory()

    for address in (
        reverse("admin:drift_driftreport_changelist"),
        reverse("admin:drift_driftreport_change", args=[report.pk]),
    ):
        assert PAGE in console.get(address).content.decode()
