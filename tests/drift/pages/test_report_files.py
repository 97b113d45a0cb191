import json
import re

import pytest
from django.urls import reverse

from drift.pages import files
from feedback.access import keys
from tests.drift.factories import DriftReportFactory, report_metric
from tests.factories import NOON, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>|[x](javascript:alert(1))\n# `*_"


@pytest.fixture
def hostile():
    """A large report in which every name is an attack."""
    categories = {"names": [HOSTILE * 10] * 12, "reference": [1] * 12, "current": [2] * 12}
    numbers = {"edges": [float(k) for k in range(31)], "reference": [k + 1 for k in range(30)], "current": [1] * 30}
    metrics = [
        report_metric(f"metadata.{k}", "drifting", 0.3, label=HOSTILE * 20, segment=HOSTILE, sentence=HOSTILE * 100)
        for k in range(400)
    ]
    drawings = {f"{HOSTILE}|metadata.{k}": categories if k % 2 else numbers for k in range(400)}
    return DriftReportFactory(
        verdict="drifting",
        metrics=metrics,
        histograms=drawings,
        acknowledged_by=UserFactory(username="<b>ann</b>"),
        acknowledged_at=NOON,
        acknowledged_reason=HOSTILE,
    )


def text(report, form):
    return files.of_report(report, form).content.decode()


def test_the_html_is_self_contained(longer_responses):
    report, _ = longer_responses

    page = text(report, "html")

    assert page.startswith("<!doctype html>")
    assert re.findall(r"(?i)(?:src|href|url|@import|<link|<script)[=(\s]", page) == []
    for found in report.metrics:
        assert found["sentence"].replace("'", "&#x27;") in page
    assert "Drift of helpdesk: Drifting" in page
    assert page.count("<svg ") == page.count('<path class="steps"') == 2
    assert len(page) < 300_000


def test_the_html_has_the_palette_of_the_console(settings, longer_responses):
    report, _ = longer_responses
    palette = (settings.BASE_DIR / "static" / "styles" / "tokens.css").read_text()

    assert f"<style>{palette}" in text(report, "html")


def test_the_html_of_a_hostile_report_is_small_and_escaped(hostile):
    page = text(hostile, "html")

    assert len(page.encode()) < 300_000
    assert "<script" not in page
    assert "<b>ann" not in page
    assert page.count("<svg ") == 12
    assert "250 more metrics are in the JSON file." in page


def test_the_markdown_holds_every_metric_in_words(longer_responses):
    report, _ = longer_responses

    lines = text(report, "md").splitlines()

    assert lines[0] == "# Drift of helpdesk: Drifting"
    assert lines[6:8] == ["## Windows", ""]
    assert lines[10].startswith(
        "| reference | newest 120 events, skipping the 100 newest | 120 | 2026-05-04 12:00:00 to "
    )
    row = next(line for line in lines if line.startswith("| Response length |"))
    assert "| Drifting | Response length: median 12" in row
    assert "[" in row
    rows = lines[lines.index("## Metrics") + 4 : lines.index("## Parameters") - 1]
    assert len(rows) == len(report.metrics)
    assert "- embedding sample: 2000" in [line.replace("\\", "") for line in lines]


@pytest.mark.parametrize(("verdict", "p", "is_said"), [("ok", 0.5, True), ("insufficient_data", None, False)])
def test_a_judged_report_states_the_limits_of_its_statistics(console, verdict, p, is_said):
    metrics = [report_metric(verdict=verdict, effect=None, adjusted_p_value=p)]
    report = DriftReportFactory(verdict=verdict, score=None if p is None else 0.0, metrics=metrics)

    page = console.get(reverse("admin:drift_driftreport_change", args=[report.pk])).content.decode()

    for shown in (page, text(report, "html"), text(report, "md")):
        assert ("assume independent events" in shown) is is_said


def test_the_markdown_of_a_hostile_report_is_plain_text(hostile):
    page = text(hostile, "md")

    assert "<script" not in page.replace("\\<", "")
    assert re.findall(r"\]\((?!\\)", page) == []
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {6, 7}
    assert [line for line in page.splitlines() if line.startswith("#")] == [
        "# Drift of helpdesk: Drifting",
        "## Windows",
        "## Metrics",
        "## Parameters",
    ]


@pytest.mark.parametrize("form", ["html", "md", "json"])
@pytest.mark.parametrize(
    "values",
    [
        {"status": "running", "verdict": "", "score": None, "finished_at": None},
        {"status": "failed", "verdict": "error", "score": None, "error": "The windows share 5 events."},
        {"verdict": "insufficient_data", "score": None},
    ],
)
def test_a_report_without_results_is_a_file_too(form, values):
    report = DriftReportFactory(**values)

    assert values.get("error", "") in text(report, form)


@pytest.mark.parametrize(("form", "media_type"), [("html", "text/html"), ("md", "text/markdown")])
@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/markdown"])
def test_the_api_gives_the_file_whatever_is_accepted(api, form, media_type, accept):
    report = DriftReportFactory()

    answer = api.get(f"/api/v1/drift-reports/{report.pk}.{form}", HTTP_ACCEPT=accept)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{media_type}; charset=utf-8")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="drift-report-{report.pk}.{form}"'
    assert answer.content.decode() == text(report, form)


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_key_of_other_deployments_finds_no_file(client, form):
    report = DriftReportFactory()
    _, secret = keys.create(StaffFactory(), "shop", ["read"], deployments=["shop"])

    answer = client.get(f"/api/v1/drift-reports/{report.pk}.{form}", headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


@pytest.mark.parametrize(("form", "status"), [("html", 200), ("md", 200), ("json", 200), ("exe", 404)])
def test_the_console_downloads_the_files(console, form, status):
    report = DriftReportFactory()
    address = reverse("admin:drift_driftreport_file", args=[report.pk, form])

    assert console.get(address).status_code == status
    linked = address in console.get(reverse("admin:drift_driftreport_change", args=[report.pk])).content.decode()
    assert linked == (status == 200)


def test_the_json_file_is_the_answer_of_the_api(console, api, longer_responses):
    report, _ = longer_responses

    file = console.get(reverse("admin:drift_driftreport_file", args=[report.pk, "json"]))

    assert json.loads(file.content) == api.get(f"/api/v1/drift-reports/{report.pk}").json()


def test_files_are_for_those_who_may_see_reports(client):
    report = DriftReportFactory()
    client.force_login(UserFactory(is_staff=True))

    assert client.get(reverse("admin:drift_driftreport_file", args=[report.pk, "html"])).status_code == 403
