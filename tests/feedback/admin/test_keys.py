import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from feedback.access import keys
from feedback.models import ApiKey
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
KEYS = reverse("admin:feedback_apikey_changelist")
ADD = reverse("admin:feedback_apikey_add")


def revoke_page(key):
    return reverse("admin:feedback_apikey_revoke", args=[key.pk])


@pytest.fixture
def staff(settings):
    """A browser session of a member of staff who may make and revoke keys."""
    user = UserFactory(is_staff=True)
    permissions = ["add_apikey", "view_apikey", "change_apikey"]
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_a_new_key_is_shown_once_with_a_command_that_works(console, operator):
    made = console.post(ADD, {"name": "web", "scopes": ["ingest", "signals"]})

    key = ApiKey.objects.get()
    [secret] = set(re.findall(r"cf_[A-Za-z0-9_-]{43}", made.content.decode()))
    assert (key.name, key.user, key.scopes) == ("web", operator, ["ingest", "signals"])
    assert keys.find(secret) == key
    assert "no-store" in made["Cache-Control"]
    assert f"Bearer {secret}" in made.content.decode()
    for address in (KEYS, reverse("admin:feedback_apikey_change", args=[key.pk])):
        later = console.get(address).content.decode()
        assert key.prefix in later
        assert secret not in later


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_a_key_without_known_scopes_is_rejected(console, scopes):
    answer = console.post(ADD, {"name": "web", "scopes": scopes})

    assert answer.status_code == 200
    assert not ApiKey.objects.exists()


def test_a_public_key_comes_with_what_a_page_calls(console, time_machine):
    time_machine.move_to("2026-05-04T12:00:00Z", tick=False)
    form = {"name": "shop", "scopes": ["signals"], "deployments": "shop, helpdesk", "is_public": "on"}

    made = console.post(ADD, form | {"expires_days": "30"}).content.decode()

    key = ApiKey.objects.get()
    assert (key.is_public, key.scopes, key.deployments) == (True, ["signals"], ["helpdesk", "shop"])
    assert f"{key.expires_at:%Y-%m-%d %H:%M}" == "2026-06-03 12:00"
    assert 'fetch("http://testserver/api/v1/signals"' in made
    assert 'type: "thumbs_up"' in made
    assert "curl" not in made


@pytest.mark.parametrize(
    ("scopes", "example"),
    [
        (["ingest", "read"], "/api/v1/events"),
        (["signals"], "/api/v1/signals"),
        (["read"], "/api/v1/deployments"),
        (["operate"], None),
    ],
)
def test_the_example_is_one_that_the_key_may_do(console, scopes, example):
    made = console.post(ADD, {"name": "web", "scopes": scopes}).content.decode()

    assert re.findall(r"curl http://testserver(\S+)", made) == ([example] if example else [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"is_public": "on"}, "A public key may only send signals: choose the scope signals and no other."),
        ({"deployments": "helpdesk, a/b"}, "a/b is not a deployment id: 1 to 255 characters of A-Z a-z 0-9 . _ : -"),
        ({"expires_days": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"expires_days": "3651"}, "Ensure this value is less than or equal to 3650."),
        ({"expires_days": "soon"}, "Enter a whole number."),
    ],
)
def test_what_no_key_may_be_is_reported_at_its_field(console, given, message):
    answer = console.post(ADD, {"name": "web", "scopes": ["signals", "read"], **given})

    assert (answer.status_code, message in answer.content.decode()) == (200, True)
    assert not ApiKey.objects.exists()


def test_the_list_shows_rights_state_and_use(console, operator, time_machine, django_assert_max_num_queries):
    time_machine.move_to("2026-05-04T12:00:00Z", tick=False)
    many = [f"shop-{number}" for number in range(5)]
    keys.create(operator, "many", ["read"], deployments=many, expires_at=keys.expiry(1))
    keys.usable(keys.create(operator, "web", ["signals"], is_public=True)[1])
    time_machine.move_to("2026-05-06T12:00:00Z", tick=False)

    with django_assert_max_num_queries(12):
        page = console.get(KEYS).content.decode()

    for shown in ("shop-0, shop-1 and 3 more", "every deployment", "public", "Expired", "Usable", "2 d ago"):
        assert shown in page, shown
    assert "2026-05-05" in page


def test_revoking_asks_first(console, operator):
    key, secret = keys.create(operator, "web", ["ingest"])

    dialog = console.get(revoke_page(key))
    assert "Revoke this API key?" in dialog.content.decode()
    assert keys.find(secret) == key

    done = console.post(revoke_page(key), {"_form_submitted": "on"})
    assert done["HX-Redirect"] == KEYS
    assert keys.find(secret) is None


def test_revoking_twice_keeps_the_first_moment(console, operator):
    key, _ = keys.create(operator, "web", ["ingest"])
    keys.revoke(key)
    revoked_at = ApiKey.objects.get().revoked_at

    console.post(revoke_page(key), {"_form_submitted": "on"})

    assert ApiKey.objects.get().revoked_at == revoked_at


def test_a_key_cannot_be_changed_or_deleted(console, operator):
    key, _ = keys.create(operator, "web", ["ingest"])

    changed = console.post(reverse("admin:feedback_apikey_change", args=[key.pk]), {"name": "x", "scopes": ["operate"]})
    deleted = console.post(reverse("admin:feedback_apikey_delete", args=[key.pk]), {"post": "yes"})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert ApiKey.objects.get().scopes == ["ingest"]


def test_staff_see_and_revoke_their_own_keys_only(staff, operator):
    key, secret = keys.create(operator, "web", ["ingest"])

    assert "No API keys yet" in staff.get(KEYS).content.decode()
    assert staff.post(revoke_page(key), {"_form_submitted": "on"}).status_code == 404
    assert keys.find(secret) == key

    staff.post(ADD, {"name": "mine", "scopes": ["read"]})
    assert "mine" in staff.get(KEYS).content.decode()
    assert ApiKey.objects.get(name="mine").user != operator


def test_revoking_needs_the_permission(client, operator, settings):
    key, secret = keys.create(operator, "web", ["ingest"])
    client.force_login(UserFactory(is_staff=True))

    assert client.post(revoke_page(key), {"_form_submitted": "on"}).status_code == 403
    assert keys.find(secret) == key
