import os
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests import chromium
from tests.curation.conftest import embedding  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def browser():
    # Playwright keeps an event loop in this thread, in which Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=["--headless", *chromium.ARGUMENTS]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_window(browser, live_server, settings):
    """Open a browser window; the test fails if a page of it logs an error or asks another host for anything."""
    contexts, faults = [], []

    def opened(*, theme="light", width=1280):
        context = browser.new_context(
            base_url=live_server.url, color_scheme=theme, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda request: None if _is_own(request.url, live_server.url) else faults.append(request.url)
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _is_own(address, server):
    return address.startswith(f"{server}/") or urlsplit(address).scheme in {"data", "blob"}


@pytest.fixture
def open_console(open_window, console, live_server):
    """Open a browser window in which the operator is logged in."""

    def opened(**options):
        page = open_window(**options)
        session = console.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return opened
