from ipaddress import ip_network

import pytest
import redis
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from feedback import valkey
from tests.factories import StaffFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(db, settings):
    settings.LOGIN_ATTEMPTS_PER_ACCOUNT, settings.LOGIN_ATTEMPTS_PER_ADDRESS = 3, 5
    valkey.client().flushdb()
    user = StaffFactory(username="ann")
    user.set_password(PASSWORD)
    user.save()
    return user


def login(client, name, password, **headers):
    return client.post(reverse("admin:login"), {"username": name, "password": password}, **headers)


def statuses(client, attempts):
    return [login(client, name, password, **headers).status_code for name, password, headers in attempts]


def test_an_account_is_refused_after_its_attempts_even_with_the_right_password(client, ann):
    wrong = [("ann", "wrong", {"REMOTE_ADDR": f"192.0.2.{last}"}) for last in range(3)]

    assert statuses(client, wrong) == [200, 200, 200]
    refused = login(client, "ANN", PASSWORD, REMOTE_ADDR="192.0.2.9")

    assert refused.status_code == 429
    assert refused["Retry-After"] == "900"
    assert "Too many attempts. Try again in 15 minutes." in refused.text
    assert "_auth_user_id" not in client.session


def test_an_address_is_refused_after_its_attempts(client, ann):
    wrong = [(f"user-{number}", "wrong", {}) for number in range(5)]

    assert statuses(client, wrong) == [200] * 5
    assert login(client, "ann", PASSWORD).status_code == 429
    assert login(client, "ann", PASSWORD, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_addresses_of_one_ipv6_network_count_together(client, ann):
    wrong = [(f"user-{number}", "wrong", {"REMOTE_ADDR": f"2001:db8::{number}"}) for number in range(6)]

    assert statuses(client, wrong) == [200] * 5 + [429]


def test_a_login_clears_what_was_counted_before(client, ann):
    attempts = [("ann", "wrong", {}), ("ann", "wrong", {}), ("ann", PASSWORD, {})]

    assert statuses(client, attempts * 2) == [200, 200, 302, 200, 200, 302]


def test_attempts_are_admitted_again_after_the_window(client, ann):
    assert statuses(client, [("ann", "wrong", {})] * 4)[-1] == 429
    lasts = [valkey.client().ttl(key) for key in valkey.client().scan_iter("crucible:logins:*")]

    assert [890 < seconds <= 900 for seconds in lasts] == [True, True]


@pytest.mark.parametrize(("proxies", "status"), [([], 429), (["127.0.0.0/8"], 302), (["192.0.2.0/24"], 429)])
def test_only_trusted_proxies_name_the_client(client, ann, settings, proxies, status):
    settings.TRUSTED_PROXIES = [ip_network(network) for network in proxies]
    for number in range(5):
        login(client, f"user-{number}", "wrong", HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.7")

    answer = login(client, "ann", PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.8")

    assert answer.status_code == status


def test_a_refusal_hashes_nothing_and_logs_no_password(client, ann, monkeypatch, caplog):
    statuses(client, [("ann", "wrong secret", {}), ("no one's passphrase", "wrong secret", {}), ("ann", "", {})])
    statuses(client, [("ann", "wrong secret", {})] * 2)
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *_, **__: pytest.fail("hashed"))

    assert login(client, "ann", "wrong secret").status_code == 429

    lines = [record.getMessage() for record in caplog.records if "login_" in record.getMessage()]
    assert [line.count("login_failed") for line in lines] == [1, 1, 1, 1, 0]
    assert "'account': 'ann'" in lines[0]
    assert "'account': '(unknown)'" in lines[1]
    assert "'by': 'account'" in lines[-1]
    assert "secret" not in caplog.text
    assert "passphrase" not in caplog.text


def test_without_valkey_no_one_logs_in(client, ann, monkeypatch):
    def fail(*_, **__):
        raise redis.ConnectionError

    monkeypatch.setattr(valkey, "client", fail)

    assert "while Valkey is unavailable" in login(client, "ann", PASSWORD).text


@pytest.mark.parametrize(
    ("password", "is_accepted"),
    [("short-9-one", False), ("857201936471", False), ("twelve-chars", True), (PASSWORD, True)],
)
def test_passwords_are_long_and_not_digits_alone(password, is_accepted):
    try:
        validate_password(password)
    except ValidationError:
        assert not is_accepted
    else:
        assert is_accepted
