"""What a trainer behind a URL receives."""

import base64
import hashlib
import hmac
import json

import pytest

from exports.training.adapters.base import TrainerFailed
from exports.training.adapters.webhook import WebhookAdapter
from tests import receiver as receivers
from tests.exports.training.cases import SECRET, hand_off


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("TRAINER_SECRET_TEST", SECRET)


@pytest.fixture
def receiver():
    with receivers.running() as running:
        yield running


def adapter(url, **options):
    return WebhookAdapter(url, "TRAINER_SECRET_TEST", **({"private_addresses": True} | options))


def test_a_request_is_a_cloudevent_that_standard_webhooks_verify(receiver, settings, tmp_path, time_machine):
    time_machine.move_to("2026-05-04T12:00:00Z", tick=False)
    settings.PUBLIC_URL = "https://crucible.example.org/"

    adapter(f"{receiver.url}/train").start(hand_off(7, folder=tmp_path))

    [(path, headers, body)] = receiver.requests
    event = json.loads(body)
    data = event.pop("data")
    signed = b".".join([b"training-run-7-requested", b"1777896000", body])
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert (path, headers["Content-Type"]) == ("/train", "application/cloudevents+json")
    assert headers["webhook-id"] == "training-run-7-requested"
    assert (headers["webhook-timestamp"], headers["webhook-signature"]) == ("1777896000", f"v1,{expected}")
    assert event == {
        "specversion": "1.0",
        "id": "training-run-7-requested",
        "source": "https://crucible.example.org/api/v1/training-runs",
        "type": "crucible.training.requested",
        "subject": "training-runs/7",
        "datacontenttype": "application/json",
    }
    assert data == {
        "run_id": 7,
        "deployment": "helpdesk",
        "config": {"epochs": 2},
        "dataset": {
            "export_id": 3,
            "format": "jsonl",
            "rows": 1,
            "sha256": "0" * 64,
            "url": "http://127.0.0.1:8000/api/v1/exports/3/download",
            "manifest_url": "http://127.0.0.1:8000/api/v1/exports/3/manifest",
            "files": [{"path": "helpdesk.jsonl", "sha256": "0" * 64, "bytes": 17}],
            "manifest": {"manifest_version": 1, "set": "helpdesk"},
        },
        "report_url": "http://127.0.0.1:8000/api/v1/training-runs/7",
        "key": "cf_secret",
    }


def test_an_integer_beyond_64_bits_arrives_as_it_is(receiver, tmp_path):
    adapter(receiver.url).start(hand_off(7, folder=tmp_path, config={"options": {"seed": 2**70}}))

    [(_, _, body)] = receiver.requests
    assert json.loads(body)["data"]["config"] == {"options": {"seed": 2**70}}


def test_a_cancellation_names_the_run_and_has_no_key(receiver, tmp_path):
    adapter(receiver.url).cancel(hand_off(7, folder=tmp_path))

    [(_, headers, body)] = receiver.requests
    event = json.loads(body)
    assert headers["webhook-id"] == event["id"] == "training-run-7-cancelled"
    assert event["type"] == "crucible.training.cancelled"
    assert event["data"] == {"run_id": 7, "deployment": "helpdesk"}


@pytest.mark.parametrize(("status", "is_temporary"), [(503, True), (429, True), (400, False), (410, False)])
def test_a_trainer_that_answers_otherwise_is_a_failure(receiver, tmp_path, status, is_temporary):
    receiver.answers = [(status, {})]

    with pytest.raises(TrainerFailed, match=f"responded with {status}; expected 2xx") as failure:
        adapter(receiver.url).start(hand_off(folder=tmp_path))

    assert failure.value.is_temporary == is_temporary


def test_a_private_address_is_refused_unless_the_trainer_allows_it(receiver, tmp_path):
    with pytest.raises(TrainerFailed) as failure:
        adapter(receiver.url, private_addresses=False).start(hand_off(folder=tmp_path))

    message = "is not an allowed webhook address (see private_addresses of the trainer in TRAINERS)."
    assert str(failure.value).endswith(message)
    assert not failure.value.is_temporary
    assert receiver.requests == []


@pytest.mark.parametrize("address", ["169.254.169.254", "[fd00:ec2::254]"])
def test_metadata_services_are_refused_always(tmp_path, address):
    with pytest.raises(TrainerFailed, match="is not an allowed webhook address"):
        adapter(f"http://{address}/").start(hand_off(folder=tmp_path))
