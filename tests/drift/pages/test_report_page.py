import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from drift.models import Baseline
from drift.pages import examples, files, overlays, report_page
from drift.reports import detection, drawings, lifecycle
from drift.windows.window import Window
from feedback.measures.binning import Kind
from feedback.measures.histograms import Histogram, aligned
from feedback.models import Event, RollupDelta
from tests.drift.factories import DriftReportFactory, report_metric, store_window
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def address(report, name="change", *rest):
    return reverse(f"admin:drift_driftreport_{name}", args=[report.pk, *rest])


def test_metrics_are_ordered_by_verdict_and_size_of_change():
    report = DriftReportFactory(
        verdict="drifting",
        metrics=[
            report_metric("thin", "insufficient_data", None),
            report_metric("quiet", "ok", 0.9),
            report_metric("broken", "error", None),
            report_metric("maybe", "watch", 0.8),
            report_metric("small", "drifting", 0.2),
            report_metric("large", "drifting", -0.5),
        ],
    )

    page = report_page.build(report)

    assert [row.label for row in page.metrics] == ["Large", "Small", "Maybe", "Broken", "Quiet", "Thin"]
    assert page.headline == (
        "Drifting: Large, Small; may have changed: Maybe; could not be measured: Broken; too few values: 1; "
        "6 metrics compared."
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"verdict": "ok", "metrics": [report_metric()]}, "No meaningful change; 1 metric compared."),
        (
            {"verdict": "watch", "metrics": [report_metric(str(k), "watch", 0.2) for k in range(5)]},
            "May have changed: 0, 1, 2 and 2 more; 5 metrics compared.",
        ),
        (
            {"verdict": "drifting", "metrics": [report_metric(verdict="drifting", segment="plan=free")]},
            "Drifting: Response length, plan=free; 1 metric compared.",
        ),
        (
            {"verdict": "insufficient_data", "score": None, "metrics": [report_metric(verdict="insufficient_data")]},
            "Not enough data to judge any metric; 1 metric compared.",
        ),
        (
            {"status": "running", "verdict": "", "score": None, "finished_at": None},
            "A worker is comparing the windows.",
        ),
        (
            {"status": "failed", "verdict": "error", "score": None, "error": "They share 5 events."},
            "The windows could not be compared: They share 5 events.",
        ),
    ],
)
def test_one_sentence_says_the_verdict(console, values, words):
    report = DriftReportFactory(**values)

    assert report_page.headline(report) == words
    assert words in console.get(address(report)).content.decode()


@pytest.mark.parametrize(("reach", "words"), [(0.474, "smallest detectable: 0.47"), (1.3, "smallest detectable: none")])
def test_too_few_values_show_the_smallest_detectable_effect(reach, words):
    statistics = {"smallest_detectable_delta": reach}
    report = DriftReportFactory(
        metrics=[report_metric(verdict="insufficient_data", effect=None, statistics=statistics)]
    )

    assert report_page.build(report).metrics[0].effect == words


def test_a_changing_metric_shows_its_start():
    since = "2026-05-01T00:00:00+00:00"
    report = DriftReportFactory(metrics=[report_metric(verdict="watch", first_seen_at=since)])

    assert report_page.build(report).metrics[0].since == "2026-05-01 00:00:00 UTC"


def test_the_page_draws_what_moved_and_links_to_events_that_show_it(
    console, longer_responses, django_assert_max_num_queries
):
    report, events = longer_responses

    with django_assert_max_num_queries(12):
        page = console.get(address(report)).content.decode()

    shown = examples.of_report(report)
    assert shown.description == "Events with the longest responses among the newest 200."
    assert [example.id for example in shown.rows] == [str(event.id) for event in events[:-6:-1]]
    for example in shown.rows:
        assert reverse("admin:feedback_event_change", args=[example.id]) in page
    assert "Response length: reference and current" in page
    assert page.count('data-figure="overlay-0-figure"') == 1
    assert "plotly-cartesian.min.js" in page
    listed = console.get(f"{reverse('admin:feedback_event_changelist')}?{shown.query}")
    assert len(listed.context["cl"].result_list) == 50
    assert "deployment_id=helpdesk&" in shown.query


def test_an_overlay_has_the_shares_of_both_windows(longer_responses):
    report, _ = longer_responses

    overlay = overlays.of_report(report)[0]
    chart = overlays.charts(report)[0]

    assert (overlay.label, overlay.axis, len(overlay.names)) == ("Response length", "Response length, characters", 30)
    assert (round(sum(overlay.reference)), round(sum(overlay.current))) == (100, 100)
    assert [trace["name"] for trace in chart.figure["data"]] == ["Reference", "Current"]
    assert chart.rows[0][1:] == [f"{overlay.reference[0]:.1f}", f"{overlay.current[0]:.1f}"]


def test_few_whole_numbers_have_a_bar_each():
    """The values beyond the middle 98 % count in the last bar."""
    both = aligned(*(Histogram.of(np.array(values), Kind.COUNT) for values in ([1.0] * 200 + [3.0] * 100, [40.0, 2.0])))
    metrics = [report_metric("response.paragraphs", "drifting", 0.3, label="Response paragraphs")]
    drawing = drawings.of_numbers(both)
    report = DriftReportFactory(metrics=metrics, histograms={"|response.paragraphs": drawing})

    chart = overlays.charts(report)[0]

    assert drawing == {"edges": [0.5, 1.5, 2.5, 3.5], "reference": [200, 0, 100], "current": [0, 1, 1]}
    assert chart.header[0] == "Response paragraphs"
    assert chart.rows == [["1", "66.7", "0.0"], ["2", "0.0", "50.0"], ["3", "33.3", "50.0"]]


def test_categories_are_drawn_by_name():
    drawing = {"names": ["none", "full"], "reference": [95, 5], "current": [180, 20]}
    refusals = report_metric("refusal", "drifting", 0.05)
    report = DriftReportFactory(metrics=[refusals], histograms={"|refusal": drawing})

    chart = overlays.charts(report)[0]

    assert chart.rows == [["none", "95.0", "90.0"], ["full", "5.0", "10.0"]]
    assert [trace["type"] for trace in chart.figure["data"]] == ["bar", "bar"]


def test_quiet_metrics_and_embeddings_are_not_drawn():
    drawing = {"edges": [0.0, 1.0], "reference": [1], "current": [1]}
    metrics = [report_metric("quality"), report_metric("prompt_embedding", "drifting", 0.3)]

    assert overlays.charts(DriftReportFactory(metrics=metrics, histograms={"|quality": drawing})) == []


def test_who_may_not_see_events_sees_the_report_without_them(longer_responses):
    report, events = longer_responses
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_driftreport"))
    client = Client()
    client.force_login(user)

    page = client.get(address(report)).content.decode()

    assert "Response length: reference and current" in page
    assert "Events of the current window" not in page
    assert str(events[-1].id) not in page


def test_accepting_as_new_normal_asks_for_a_reason_and_is_offered_once(console, operator, longer_responses):
    report, _ = longer_responses
    url = reverse("admin:drift_driftreport_accept", args=[report.pk])
    assert url in console.get(address(report)).content.decode()

    without = console.post(url, {"_form_submitted": True, "reason": ""})
    assert (without.status_code, Baseline.objects.count()) == (200, 0)
    answer = console.post(url, {"_form_submitted": True, "reason": "A new prompt."})

    assert answer.headers["HX-Redirect"] == address(report)
    baseline = Baseline.objects.get()
    assert (baseline.name, baseline.n, baseline.created_by, baseline.reason) == (
        "normal",
        100,
        operator,
        "A new prompt.",
    )
    page = console.get(address(report)).content.decode()
    assert f"Accepted as new normal by {operator.username}" in page
    assert url not in page


def test_a_report_that_was_accepted_meanwhile_stays_as_it_is(console, longer_responses):
    report, _ = longer_responses
    url = reverse("admin:drift_driftreport_accept", args=[report.pk])

    for reason in ("First.", "Second."):
        console.post(url, {"_form_submitted": True, "reason": reason})

    assert [baseline.reason for baseline in Baseline.objects.all()] == ["First."]


@pytest.mark.parametrize("object_id", ["abc", "99999", "9" * 30])
def test_a_report_that_is_not_there_is_not_accepted(console, object_id):
    url = reverse("admin:drift_driftreport_accept", args=[object_id])

    answer = console.post(url, {"_form_submitted": True, "reason": "A new prompt."})

    assert answer.status_code == 404


@pytest.mark.parametrize(("permission", "status"), [("change", 200), ("view", 403)])
def test_only_staff_with_the_right_accept(permission, status):
    report = DriftReportFactory()
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=f"{permission}_driftreport"))
    client = Client()
    client.force_login(user)

    assert client.get(reverse("admin:drift_driftreport_accept", args=[report.pk])).status_code == status


def test_events_of_a_window_by_version_are_those_of_the_version(console, longer_responses):
    _, events = longer_responses
    store_window("helpdesk", start_at=events[0].occurred_at, prompt_lengths=[900] * 60, version="v3")
    windows = {"reference": Window(model_version_id="v1"), "current": Window(model_version_id="v2")}
    report = detection.run(lifecycle.request("helpdesk", **windows).pk)

    shown = examples.of_report(report)

    assert [example.id for example in shown.rows] == [str(event.id) for event in events[:-6:-1]]
    assert "model_version_id=v2" in shown.query
    assert "hourly rollups" in console.get(address(report)).content.decode()


def test_no_list_of_events_is_offered_that_would_show_others_too(console, longer_responses):
    Event.objects.filter(model_version_id="v2").update(prompt_version="p2")
    RollupDelta.objects.filter(model_version_id="v2").update(prompt_version="p2")
    windows = {"reference": Window(model_version_id="v1"), "current": Window(prompt_version="p2")}
    report = detection.run(lifecycle.request("helpdesk", **windows).pk)

    page = console.get(address(report)).content.decode()

    assert len(examples.of_report(report).rows) == 5
    assert "Events of the current window" in page
    assert "All of them" not in page


def test_a_report_with_the_numbers_of_the_original_has_a_page_and_files(console, longer_responses):
    windows = {"reference": Window(120, 100), "current": Window(100)}
    report = detection.run(lifecycle.request("helpdesk", **windows, profile="crucible").pk)

    page = console.get(address(report)).content.decode()

    assert "Crucible (the original&#x27;s numbers)" in page
    assert reverse("admin:drift_driftreport_accept", args=[report.pk]) not in page
    for form in files.FORMS:
        assert report.metrics[0]["label"].encode() in files.of_report(report, form).content


@pytest.mark.parametrize(
    "window", [{"n": 0, "source": "events", "first_at": None, "last_at": None}, {"n": 9, "source": "baseline"}]
)
def test_a_window_without_events_of_its_own_has_no_examples(window):
    assert examples.of_report(DriftReportFactory(resolved_windows={"current": window})) is None
