"""Signals from pages of other sites: one address answers them, with a key that may do nothing else."""

import pytest
from django.test import Client, override_settings

from feedback.access import keys, rates
from feedback.choices import Scope
from feedback.models import Signal
from tests.factories import EventFactory, StaffFactory

pytestmark = pytest.mark.django_db
SIGNALS = "/api/v1/signals"
SHOP = "https://shop.example.org"
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture
def public():
    """The text of a public key of a user who may do everything."""
    return keys.create(StaffFactory(), "web", [Scope.SIGNALS], deployments=["helpdesk"], is_public=True)[1]


def call(method, path, *, secret="", origin=SHOP, body="", **headers):
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    return Client().generic(method, path, body, content_type="application/json", headers={"Origin": origin, **headers})


def cors(answer):
    return {name: value for name, value in answer.items() if name.lower().startswith("access-control-")}


def test_a_preflight_is_answered_without_a_key():
    answer = call("OPTIONS", SIGNALS, **ASKED)

    assert (answer.status_code, answer.content) == (200, b"")
    assert cors(answer) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, content-type, content-encoding",
        "access-control-expose-headers": "Retry-After",
        "access-control-max-age": "86400",
    }
    assert "origin" in answer["Vary"]


def test_a_public_key_sends_a_signal_from_another_site(public, write_all):
    event = EventFactory()

    answer = call("POST", SIGNALS, secret=public, body=f'{{"event_id": "{event.pk}", "type": "thumbs_up"}}')
    write_all()

    assert answer.status_code == 202
    assert cors(answer) == {"access-control-allow-origin": "*", "access-control-expose-headers": "Retry-After"}
    assert Signal.objects.get().event_id == event.pk


@pytest.mark.parametrize(
    ("secret", "body", "status"), [("", "{}", 401), ("unknown", "{}", 401), (None, "{", 400), (None, "{}", 400)]
)
def test_error_responses_carry_the_headers_too(public, secret, body, status):
    answer = call("POST", SIGNALS, secret=public if secret is None else secret, body=body)

    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (status, "*")


def test_a_page_can_read_how_long_to_wait(public, settings):
    settings.PUBLIC_KEY_REQUESTS_PER_MINUTE = 1
    rates.forget()

    answers = [call("POST", SIGNALS, secret=public, body="{}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 429]
    assert answers[1]["Access-Control-Expose-Headers"] == "Retry-After"
    assert 1 <= int(answers[1]["Retry-After"]) <= 60


def test_a_foreign_host_and_a_redirect_to_https_carry_the_headers(public):
    foreign = call("POST", SIGNALS, secret=public, Host="foreign.example")
    with override_settings(SECURE_SSL_REDIRECT=True):
        redirected = call("POST", SIGNALS, secret=public)
        asked = call("OPTIONS", SIGNALS, **ASKED)

    assert [answer.status_code for answer in (foreign, redirected, asked)] == [400, 301, 200]
    assert {answer["Access-Control-Allow-Origin"] for answer in (foreign, redirected, asked)} == {"*"}


@pytest.mark.parametrize(
    "path", ["/api/v1/events", "/api/v1/signals/", "/api/v1/signalsx", "/api/v1/mask", "/api/schema/", "/admin/"]
)
def test_no_other_address_answers_other_sites(public, path):
    answers = [call(method, path, secret=public, **ASKED) for method in ("OPTIONS", "GET", "POST")]

    assert [cors(answer) for answer in answers] == [{}, {}, {}]
    assert {answer.status_code for answer in answers} <= {302, 401, 403, 404, 405}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (SHOP, SHOP),
        ("https://shop.example.org:8443", None),
        ("http://shop.example.org", None),
        ("https://shop.example.org.evil.example", None),
        ("null", None),
        ("https://[", None),
    ],
)
def test_origins_can_be_narrowed(public, origin, allowed):
    with override_settings(CORS_ALLOW_ALL_ORIGINS=False, CORS_ALLOWED_ORIGINS=[SHOP]):
        asked = call("OPTIONS", SIGNALS, origin=origin, **ASKED)
        sent = call("POST", SIGNALS, secret=public, origin=origin, body="{}")

    assert [answer.get("Access-Control-Allow-Origin") for answer in (asked, sent)] == [allowed, allowed]


def test_no_cookie_is_allowed_along(public):
    answer = call("OPTIONS", SIGNALS, **ASKED)

    assert "Access-Control-Allow-Credentials" not in answer
