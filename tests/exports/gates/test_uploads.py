"""Uploaded answers: each line is checked, stored once, and the last one completes the gate."""

from typing import ClassVar

import numpy as np
import pytest

from exports.gates import completing
from exports.models import GateAnswer, GateRun
from feedback.embeddings import clients
from tests.curation.factories import GoldenRowFactory
from tests.exports.gates.conftest import message_of

pytestmark = pytest.mark.django_db


def test_uploaded_answers_are_compared_when_all_are_there(api, request_gate, golden_set, upload, running_tasks):
    waiting = request_gate({"model_version_id": "v2"}, {"model_version_id": "v1"}).data
    rows = list(golden_set.rows.order_by("pk"))
    ours = [{"row_id": row.pk, "side": "candidate", "response": row.reference} for row in rows]
    theirs = [{"row_id": row.pk, "side": "current", "response": "Rome"} for row in rows]
    theirs[0]["response"] = None

    with running_tasks():
        first = upload(waiting["id"], *ours)
        repeated = upload(waiting["id"], *ours[:3])
        last = upload(waiting["id"], *theirs)
    after = upload(waiting["id"], *theirs)

    assert (waiting["status"], waiting["sentence"]) == (
        "waiting",
        "Waiting for uploaded answers of the candidate and the current model.",
    )
    assert first.data == {"status": "waiting", "stored": 60, "unchanged": 0, "rejected": []}
    assert repeated.data == {"status": "waiting", "stored": 0, "unchanged": 3, "rejected": []}
    assert last.data["stored"] == 60
    assert (after.status_code, after.data) == (
        200,
        {"status": "completed", "stored": 0, "unchanged": 60, "rejected": []},
    )
    found = api.get(f"/api/v1/gates/{waiting['id']}").data
    assert (found["verdict"], found["tokens"]) == ("better", 0)
    assert found["current"]["outcomes"] == {"missing": 1, "answered": 59}


def test_each_line_is_checked(request_gate, golden_set, upload):
    gate_id = request_gate().data["id"]
    row = golden_set.rows.first().pk
    stranger = GoldenRowFactory().pk
    line = {"row_id": row, "side": "candidate", "response": "City 1"}

    answer = upload(
        gate_id,
        line,
        line | {"response": "City 2"},
        line | {"row_id": stranger},
        line | {"side": "both"},
        line | {"score": 1},
        {"row_id": row, "side": "current"},
        "no JSON",
        line | {"row_id": str(row)},
        line | {"row_id": 10**30},
    )

    assert answer.status_code == 207
    assert (answer.data["stored"], answer.data["unchanged"]) == (1, 0)
    assert [(error["index"], error["field"], error["code"]) for error in answer.data["rejected"]] == [
        (1, "response", "already_answered"),
        (2, "row_id", "unknown_row"),
        (3, "", "invalid"),
        (4, "", "invalid"),
        (5, "", "invalid"),
        (6, "", "malformed"),
        (7, "", "invalid"),
        (8, "row_id", "unknown_row"),
    ]
    assert list(GateAnswer.objects.values_list("row_id", "side", "response")) == [(row, "candidate", "City 1")]


def test_one_side_is_uploaded_and_the_other_asked(request_gate, golden_set, allowed, models, upload, running_tasks):
    with running_tasks():
        gate_id = request_gate({"endpoint": "new"}, {}).data["id"]
    gate = GateRun.objects.get()
    assert (gate.status, gate.answers.count(), models["old"].asked) == ("waiting", 60, [])
    lines = [{"row_id": row.pk, "side": "current", "response": ""} for row in golden_set.rows.all()]

    with running_tasks():
        rejected = upload(gate_id, lines[0] | {"side": "candidate"})
        upload(gate_id, *lines)

    assert rejected.data["rejected"][0]["code"] == "asked"
    gate.refresh_from_db()
    assert (gate.verdict, gate.details["outcomes"]["current"]) == ("better", {"empty": 60})
    assert len(models["new"].asked) == 60


@pytest.mark.parametrize("status", ["cancelled", "failed"])
def test_an_ended_gate_takes_no_answers(request_gate, golden_set, upload, status):
    gate_id = request_gate().data["id"]
    GateRun.objects.update(status=status, error="No disk.")

    answer = upload(gate_id, {"row_id": golden_set.rows.first().pk, "side": "current", "response": "x"})

    assert (answer.status_code, message_of(answer)) == (409, f"Gate {gate_id} is {status}, so it takes no answers.")
    assert not GateAnswer.objects.exists()


def test_long_answers_are_compared_by_similarity_and_their_embeddings_reported(
    settings, api, request_gate, golden_set, upload, running_tasks
):
    settings.EMBEDDING_CLIENT = "wordllama"
    clients.embedding_client.cache_clear()
    for number, row in enumerate(golden_set.rows.all()):
        row.reference = f"Open page {number}, choose option {number + 100} there and confirm with code {number + 200}."
        row.model_version_id = "v1" if number < 20 else "v0"
        row.save(update_fields=["reference", "model_version_id"])
    gate_id = request_gate({"model_version_id": "v2"}, {"model_version_id": "v1"}).data["id"]
    right = [{"row_id": row.pk, "side": "candidate", "response": row.reference} for row in golden_set.rows.all()]
    same = "Open the page, choose an option there and confirm with the code that you were sent."

    with running_tasks():
        upload(gate_id, *right, *[line | {"side": "current", "response": same} for line in right])

    found = api.get(f"/api/v1/gates/{gate_id}").data
    details = found["details"]
    clients.embedding_client.cache_clear()
    assert (found["metric"], found["verdict"]) == ("similarity", "better")
    assert details["uncorrected"]["candidate"] == 1.0
    assert details["uncorrected"]["current"] > 0.4
    assert abs(found["current"]["mean"]) < 0.01
    assert {name: group["rows"] for name, group in details["references_from"].items()} == {"current": 20, "other": 40}
    assert details["embedding"]["candidate"] == pytest.approx(1.0, abs=1e-3)
    assert 0 < details["embedding"]["current"] < 0.9
    assert details["embedding"]["client"].startswith("wordllama ")


class Unreachable:
    name, version = "unreachable", "1"

    def embed(self, texts):
        raise ConnectionError("no answer from the embedding server")


class Counting:
    """Embeds every text alike, and counts the texts of each request."""

    name, version = "counting", "1"
    sizes: ClassVar[list[int]] = []

    def embed(self, texts):
        self.sizes.append(len(texts))
        return np.ones((len(texts), 2), np.float32)


def uploaded_with(client, settings, request_gate, golden_set, upload, running_tasks):
    """The gate after right and wrong answers were uploaded, with this embedding client."""
    settings.EMBEDDING_CLIENT = f"{__name__}.{client.__name__}"
    clients.embedding_client.cache_clear()
    gate_id = request_gate().data["id"]
    right = [{"row_id": row.pk, "side": "candidate", "response": row.reference} for row in golden_set.rows.all()]
    with running_tasks():
        upload(gate_id, *right, *[line | {"side": "current", "response": "Rome"} for line in right])
    clients.embedding_client.cache_clear()
    return GateRun.objects.get(pk=gate_id)


def test_an_embedding_client_that_fails_leaves_the_verdict(settings, request_gate, golden_set, upload, running_tasks):
    gate = uploaded_with(Unreachable, settings, request_gate, golden_set, upload, running_tasks)

    assert (gate.status, gate.verdict, gate.error, gate.details["embedding"]) == ("completed", "better", "", None)


def test_answers_are_embedded_in_batches(settings, monkeypatch, request_gate, golden_set, upload, running_tasks):
    monkeypatch.setattr(completing, "_BATCH", 25)
    Counting.sizes.clear()

    gate = uploaded_with(Counting, settings, request_gate, golden_set, upload, running_tasks)

    assert Counting.sizes == [25] * 6 + [10] * 3
    means = {"candidate": pytest.approx(1.0, abs=1e-6), "current": pytest.approx(1.0, abs=1e-6)}
    assert gate.details["embedding"] == means | {"client": "counting 1"}
