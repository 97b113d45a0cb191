"""The limit of requests of a key, over all processes."""

import threading

import pytest
from rest_framework.test import APIClient

from feedback import valkey
from feedback.access import keys, rates
from feedback.choices import Scope
from feedback.models import ApiKey
from tests.factories import StaffFactory

DEPLOYMENTS = "/api/v1/deployments"
NOBODY = "redis://127.0.0.1:1/0"
MINUTE = "2026-05-04T12:00:45Z"


@pytest.fixture(autouse=True)
def _own_counters(time_machine):
    time_machine.move_to(MINUTE, tick=False)
    _begin()
    yield
    _begin()


def _begin():
    rates.forget()
    for counter in valkey.client().scan_iter(f"{rates.COUNTER}*"):
        valkey.client().delete(counter)


@pytest.fixture
def ask(db):
    """Ask as this key; the answer's status."""

    def asked(secret):
        return APIClient().get(DEPLOYMENTS, HTTP_AUTHORIZATION=f"Bearer {secret}")

    return asked


def _key(**fields):
    return keys.create(StaffFactory(), "key", [Scope.READ], **fields)[1]


def test_a_key_over_its_limit_waits_for_the_next_minute(ask, settings, time_machine):
    settings.API_KEY_REQUESTS_PER_MINUTE = 3
    secret, other = _key(), _key()

    statuses = [ask(secret).status_code for _ in range(4)]
    refused = ask(secret)
    elsewhere = ask(other).status_code
    time_machine.shift(15)
    later = ask(secret).status_code

    assert (statuses, elsewhere, later) == ([200, 200, 200, 429], 200, 200)
    assert (refused.status_code, refused["Retry-After"]) == (429, "15")
    [error] = refused.json()["errors"]
    assert error["code"] == "throttled"
    assert error["message"].startswith("This API key may make 3 requests a minute (API_KEY_REQUESTS_PER_MINUTE).")


def test_processes_share_the_limit(ask, settings):
    settings.API_KEY_REQUESTS_PER_MINUTE = 3
    secret = _key()

    here = [ask(secret).status_code for _ in range(2)]
    rates.forget()  # As another process, which knows nothing of this one.
    there = [ask(secret).status_code for _ in range(2)]

    assert (here, there) == ([200, 200], [200, 429])


def test_zero_is_no_limit_and_asks_no_server(ask, settings):
    settings.API_KEY_REQUESTS_PER_MINUTE = 0
    secret = _key()

    assert [ask(secret).status_code for _ in range(5)] == [200] * 5
    assert list(valkey.client().scan_iter(f"{rates.COUNTER}*")) == []


def test_a_public_key_has_a_limit_of_its_own(db, settings):
    settings.API_KEY_REQUESTS_PER_MINUTE = 0
    settings.PUBLIC_KEY_REQUESTS_PER_MINUTE = 1
    _, secret = keys.create(StaffFactory(), "web", [Scope.SIGNALS], is_public=True)

    def post():
        return APIClient().post("/api/v1/signals", {}, format="json", HTTP_AUTHORIZATION=f"Bearer {secret}")

    first, second = post(), post()

    assert (first.status_code, second.status_code) == (400, 429)
    assert "1 requests a minute (PUBLIC_KEY_REQUESTS_PER_MINUTE)" in second.json()["errors"][0]["message"]


def test_with_redis_down_there_is_no_limit_and_it_is_not_asked_each_time(ask, settings, time_machine):
    settings.API_KEY_REQUESTS_PER_MINUTE = 1
    secret, servers = _key(), settings.REDIS_URL
    settings.REDIS_URL = NOBODY

    away = [ask(secret).status_code for _ in range(3)]
    settings.REDIS_URL = servers
    paused = [ask(secret).status_code for _ in range(3)]
    time_machine.shift(rates.PAUSE_SECONDS)
    back = [ask(secret).status_code for _ in range(2)]

    assert (away, paused, back) == ([200] * 3, [200] * 3, [200, 429])


@pytest.mark.parametrize("limit", [1, 999, 2_500])
def test_threads_and_processes_together_let_through_exactly_the_limit(settings, limit):
    settings.API_KEY_REQUESTS_PER_MINUTE = limit
    key = ApiKey(pk=7)
    passed = []

    def run():
        while True:
            try:
                rates.count(key)
            except rates.TooMuch:
                return
            passed.append(1)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(passed) == limit


def test_most_requests_ask_no_server(settings):
    settings.API_KEY_REQUESTS_PER_MINUTE = 120_000
    key = ApiKey(pk=7)

    for _ in range(121):
        rates.count(key)

    [counter] = valkey.client().scan_iter(f"{rates.COUNTER}*")
    assert valkey.client().get(counter) == b"240"
    assert 60 < valkey.client().ttl(counter) <= 120
