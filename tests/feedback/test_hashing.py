import hashlib
import hmac

import pytest

from feedback.hashing import hash_external_id, hash_person, hash_session, person_hashes
from feedback.models import Event

MARIA = "maria@example.org"


@pytest.fixture(autouse=True)
def key(settings):
    settings.HASH_KEY, settings.RETIRED_HASH_KEYS, settings.HASH_DOMAINS = "k" * 32, {}, True


def plain(text):
    return hmac.new(b"k" * 32, text.encode(), hashlib.sha256).hexdigest()


def test_each_kind_of_id_has_a_domain_of_its_own():
    hashes = [hash_person(MARIA), hash_session(MARIA), hash_external_id(MARIA)]

    assert hashes == [plain(MARIA), plain(f"session\0{MARIA}"), plain(f"external_id\0{MARIA}")]
    assert len(set(hashes)) == 3


def test_no_user_is_spelt_like_an_id_of_another_domain():
    assert hash_person(f"session\0{MARIA}") != hash_session(MARIA)


def test_a_user_keeps_the_hash_of_earlier_versions_under_every_key(settings):
    settings.RETIRED_HASH_KEYS = {"1": "short"}

    assert person_hashes(MARIA) == [plain(MARIA), hmac.new(b"short", MARIA.encode(), hashlib.sha256).hexdigest()]


def test_domains_can_wait_until_earlier_sessions_have_ended(settings):
    settings.HASH_DOMAINS = False

    assert {hash_person(MARIA), hash_session(MARIA), hash_external_id(MARIA)} == {plain(MARIA)}


def test_none_has_no_hash():
    assert [hash_person(None), hash_person(""), hash_session(None), hash_session("")] == [""] * 4


def test_one_address_in_three_fields_is_stored_as_three_hashes(api, write_all):
    ids = {"user_id": MARIA, "session_id": MARIA, "external_id": MARIA}
    event = {"deployment_id": "helpdesk", "prompt": "Hello?", "response": "Hello.", **ids}
    api.post("/api/v1/events", event, format="json")
    signal = {"external_id": MARIA, "deployment_id": "helpdesk", "type": "thumbs_up", "user_id": MARIA}
    api.post("/api/v1/signals", signal, format="json")

    write_all()

    stored = Event.objects.get()
    assert stored.user_hash == hash_person(MARIA)
    assert stored.session_hash == hash_session(MARIA)
    assert stored.external_id == hash_external_id(MARIA)
    [attached] = api.get(f"/api/v1/events/{stored.pk}").json()["signals"]
    assert attached["type"] == "thumbs_up"
