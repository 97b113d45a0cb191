"""What is logged about requests: one line each, with nothing that the client wrote."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse

from config.console import system_page
from tests.factories import UserFactory

SECRET = "cf_secret"


@pytest.fixture
def lines(monkeypatch):
    """The lines that a process writes to its standard error."""
    [console] = [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]
    written = io.StringIO()
    monkeypatch.setattr(console, "stream", written)
    return lambda: [line.split(" ", 1)[1] for line in written.getvalue().splitlines()]


def test_an_unknown_path_is_not_repeated(client, lines):
    assert client.get(f"/{SECRET}?key={SECRET}").status_code == 404

    assert lines() == ['level=warning event="404 GET (no route)"']


def test_a_route_is_named_by_its_pattern(console, lines):
    console.get(reverse("admin:exports_exportbatch_download", args=["20260504"]))

    assert lines() == ['level=warning event="404 GET /admin/exports/exportbatch/<path:object_id>/download/"']


def test_a_refused_host_is_one_line(client, lines):
    assert client.get("/healthz", HTTP_HOST=f"{SECRET}.example.org").status_code == 400

    assert lines() == ['level=error event="400 GET (no route) security.DisallowedHost"']


def test_a_refusal_has_no_traceback(client, db, lines):
    client.force_login(UserFactory(is_staff=True))

    client.get(reverse("admin:system"))

    assert lines() == ['level=warning event="403 GET /admin/system/"']


def test_a_forged_form_is_one_line(db, lines):
    client = Client(enforce_csrf_checks=True)

    client.post(reverse("admin:login"), {"username": SECRET}, HTTP_ORIGIN=f"https://{SECRET}.example.org")

    assert lines() == ['level=warning event="403 POST /admin/login/ security.csrf"']


def test_another_method_is_not_repeated(client, db, lines):
    client.generic(SECRET.upper(), reverse("admin:login"))
    client.generic("PURGE", reverse("healthz"))

    assert SECRET.upper() not in " ".join(lines())


def test_an_error_of_the_server_keeps_its_traceback(console, lines, monkeypatch):
    console.raise_request_exception = False
    monkeypatch.setattr(system_page, "build", lambda user: 1 / 0)

    console.get(reverse("admin:system"), {"key": SECRET})

    [line] = lines()
    assert line.startswith('level=error event="500 GET /admin/system/" exception="')
    assert "ZeroDivisionError" in line
    assert SECRET not in line
