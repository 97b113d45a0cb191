"""Requests of one process take turns at masking, which saves time; none is held up by one that hangs."""

import json
from threading import Event, Thread

import pytest

from feedback.choices import ItemKind
from feedback.ingestion import accept
from feedback.ingestion.admitting import admission
from feedback.ingestion.parsing import bodies

pytestmark = pytest.mark.django_db


def test_a_request_is_answered_while_another_holds_the_masking_lock(write_all, monkeypatch):
    """The policy of a deployment comes from the database, which may take its time."""
    policy_of, begun, over = admission.policies.policy_of, Event(), Event()

    def hanging_for_one(deployment_id):
        if deployment_id == "hangs":
            begun.set()
            over.wait(30)
        return policy_of("other")

    monkeypatch.setattr(admission.policies, "policy_of", hanging_for_one)
    first = Thread(target=_accept, args=["hangs"])
    first.start()
    begun.wait(30)

    receipt = _accept("other")

    assert (len(receipt.ids), first.is_alive()) == (1, True)
    over.set()
    first.join()
    write_all()


def _accept(deployment_id):
    event = {"deployment_id": deployment_id, "prompt": "How?", "response": "So."}
    return accept.accept([bodies.RawItem(0, json.dumps(event).encode())], ItemKind.EVENT)
