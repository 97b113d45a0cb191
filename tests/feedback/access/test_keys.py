"""What a key opens, until when, and what is remembered of its use."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.access.authentication import ApiKeyAuthentication
from feedback.choices import Scope
from feedback.models import ApiKey
from tests.factories import ALL_SCOPES, StaffFactory

pytestmark = pytest.mark.django_db
DEPLOYMENTS = "/api/v1/deployments"
START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def get(secret):
    return APIClient().get(DEPLOYMENTS, HTTP_AUTHORIZATION=f"Bearer {secret}")


def revoke(key):
    keys.revoke(key)


def expire(key):
    ApiKey.objects.filter(pk=key.pk).update(expires_at=START)


def deactivate(key):
    type(key.user).objects.filter(pk=key.user_id).update(is_active=False)


def forget(key):
    key.delete()


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (revoke, "This API key was revoked."),
        (expire, "This API key expired at 2026-05-04 12:00 UTC."),
        (deactivate, "The user of this API key is inactive."),
        (forget, "This API key does not exist. Create one with create_api_key or in the console."),
    ],
)
def test_a_key_ends_at_once_and_the_answer_reports_why(end, message):
    key, secret = keys.create(StaffFactory(), "reader", [Scope.READ])
    before = get(secret)

    end(key)
    after = get(secret)

    assert (before.status_code, after.status_code) == (200, 401)
    assert after["WWW-Authenticate"] == "Bearer"
    assert after.json() == {"errors": [{"field": "", "code": "authentication_failed", "message": message}]}
    assert keys.find(secret) is None


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_a_key_expires_to_the_second(time_machine, seconds, status):
    time_machine.move_to(START, tick=False)
    _, secret = keys.create(StaffFactory(), "reader", [Scope.READ], expires_at=keys.expiry(1))

    time_machine.move_to(START + timedelta(days=1, seconds=seconds), tick=False)

    assert get(secret).status_code == status


@pytest.mark.parametrize(
    ("rights", "field"),
    [
        ({"scopes": [Scope.SIGNALS], "is_public": True}, None),
        ({"scopes": [Scope.SIGNALS, Scope.READ], "is_public": True}, "scopes"),
        ({"scopes": [Scope.INGEST], "is_public": True}, "scopes"),
        ({"scopes": [], "is_public": True}, "scopes"),
        ({"scopes": [Scope.READ], "deployments": ["a:b.c_d-1", "A" * 255]}, None),
        ({"scopes": [Scope.READ], "deployments": ["help desk"]}, "deployments"),
        ({"scopes": [Scope.READ], "deployments": ["a" * 256]}, "deployments"),
        ({"scopes": [Scope.READ], "deployments": [""]}, "deployments"),
        ({"scopes": [Scope.READ], "deployments": ["a\0"]}, "deployments"),
    ],
)
def test_rights_that_no_key_may_have_are_rejected(rights, field):
    user = StaffFactory()

    if field is None:
        keys.create(user, "key", **rights)
    else:
        with pytest.raises(keys.InvalidKey) as refused:
            keys.create(user, "key", **rights)
        assert refused.value.field == field

    assert ApiKey.objects.count() == (field is None)


def test_a_key_costs_one_query_and_its_use_one_more_a_minute(time_machine, django_assert_num_queries):
    time_machine.move_to(START, tick=False)
    key, secret = keys.create(StaffFactory(), "reader", [Scope.READ])

    def used(*, queries):
        with django_assert_num_queries(queries):
            keys.usable(secret)
        return ApiKey.objects.get(pk=key.pk).last_used_at

    first = used(queries=2)
    time_machine.shift(59)
    second = used(queries=1)
    time_machine.shift(2)
    third = used(queries=2)

    assert (first, second, third) == (START, START, START + timedelta(seconds=61))


@pytest.mark.django_db(transaction=True)
def test_a_use_that_cannot_be_written_costs_no_answer():
    key, secret = keys.create(StaffFactory(), "reader", [Scope.READ])

    def refuse_updates(execute, sql, *rest):
        if sql.startswith("UPDATE"):
            raise OperationalError("cannot execute UPDATE in a read-only transaction")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse_updates):
        answer = get(secret)

    assert answer.status_code == 200
    assert ApiKey.objects.get(pk=key.pk).last_used_at is None


def test_with_the_database_down_a_key_that_was_seen_counts_until_it_expires(time_machine, monkeypatch):
    time_machine.move_to(START, tick=False)
    expires_at = START + timedelta(minutes=30)
    _, expiring = keys.create(StaffFactory(), "short", [Scope.READ], expires_at=expires_at)
    _, lasting = keys.create(StaffFactory(), "long", [Scope.READ])
    _, unseen = keys.create(StaffFactory(), "unseen", [Scope.READ])
    assert keys.find(expiring)
    assert keys.find(lasting)

    def away(*args, **options):
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)
    with pytest.raises(OperationalError):
        keys.usable(unseen)
    assert keys.usable(expiring).name == "short"
    time_machine.move_to(expires_at, tick=False)
    with pytest.raises(keys.KeyRejected, match="expired at 2026-05-04 12:30 UTC"):
        keys.usable(expiring)
    assert keys.usable(lasting).name == "long"
    monkeypatch.setattr(keys, "REMEMBERED_SECONDS", 0)
    with pytest.raises(OperationalError):
        keys.usable(lasting)


def test_a_revoked_key_is_not_remembered(monkeypatch):
    key, secret = keys.create(StaffFactory(), "reader", [Scope.READ])
    keys.usable(secret)
    keys.revoke(key)
    assert keys.find(secret) is None

    def away(*args, **options):
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)

    with pytest.raises(OperationalError):
        keys.usable(secret)


def test_nothing_stored_of_a_key_reveals_its_text():
    key, secret = keys.create(StaffFactory(), "reader", ALL_SCOPES, expires_at=timezone.now() + timedelta(days=1))

    kept = ApiKey.objects.filter(pk=key.pk).values().get()

    assert kept["prefix"] == secret[:8]
    assert not [name for name, value in kept.items() if secret[8:] in str(value)]


ODD = ["", "Bearer", "Bearer ", "Bearer  ", "Bearer \0", "Bearer cf_\0\0", "Bearer é", "bearer\tx", "Basic YTpi"]
ODD += ["Bearer " + "x" * 100_000, "é" * 10_000, "\xff\xfe", "Token x", "Bearer a b c", "Bearer 'OR 1=1--"]


@pytest.mark.parametrize("header", ODD, ids=lambda header: ascii(header[:20]))
def test_an_odd_header_is_not_a_key(header):
    assert APIClient().get(DEPLOYMENTS, HTTP_AUTHORIZATION=header).status_code == 401


@given(st.text(st.characters(max_codepoint=0xFF), max_size=300))
def test_no_header_is_a_failure_of_the_server(text):
    for header in (text, f"Bearer {text}"):
        assert APIClient().get(DEPLOYMENTS, HTTP_AUTHORIZATION=header).status_code == 401


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_the_scheme_is_read_in_any_case(form):
    _, secret = keys.create(StaffFactory(), "reader", [Scope.READ])

    assert APIClient().get(DEPLOYMENTS, HTTP_AUTHORIZATION=form.format(secret)).status_code == 200
    assert ApiKeyAuthentication().authenticate_header(None) == "Bearer"
