import pytest
from django.urls import reverse
from playwright.sync_api import expect

from drift.reading import baselines
from drift.reports import detection, lifecycle
from drift.windows.window import Window
from tests.browser.test_pages import violations
from tests.drift.factories import store_window
from tests.factories import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_drift_is_read_on_a_desk_and_on_a_phone(open_console, rng, theme, width):
    lengths = rng.integers(100, 140, 220)
    store_window("helpdesk", start_at=NOON, prompt_lengths=lengths, response_lengths=[*lengths[:120], *range(201, 301)])
    report = detection.run(lifecycle.request("helpdesk", reference=Window(120, 100), current=Window(100)).pk)
    baselines.pin("helpdesk", "release", Window(100), by=None)
    page = open_console(theme=theme, width=width)
    said = next(metric["sentence"] for metric in report.metrics if metric["name"] == "response_length")

    for path in (
        reverse("admin:drift_driftreport_change", args=[report.pk]),
        reverse("admin:drift_deployment", args=["helpdesk"]),
    ):
        page.goto(path)
        sentence = page.get_by_text(said)
        expect(sentence).to_be_visible()
        box = sentence.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert violations(page) == []
