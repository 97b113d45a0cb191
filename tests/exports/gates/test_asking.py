"""Questions to endpoints: blind, bounded, resumed and cancelled."""

import json
import subprocess
import sys
import textwrap
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from curation.models import GoldenRow
from exports import tasks
from exports.gates import consent, requesting, running
from exports.models import GateAnswer, GateRun
from feedback.models import JobLease
from tests.exports.factories import ExportLeaseFactory
from tests.exports.gates.conftest import ASKED, message_of
from tests.servers.processes import environment

pytestmark = pytest.mark.django_db


def test_questions_come_in_random_order_and_say_nothing_of_the_gate(
    request_gate, golden_set, allowed, models, running_tasks
):
    with running_tasks():
        request_gate(**ASKED)

    in_order = list(golden_set.rows.order_by("pk").values_list("prompt", flat=True))
    for there in models.values():
        assert there.prompts != in_order
        assert sorted(there.prompts) == sorted(in_order)
        assert {tuple(sorted(asked.body)) for asked in there.asked} == {("messages", "model", "temperature")}
        sent = json.dumps([[asked.path, asked.headers, asked.body] for asked in there.asked])
        assert [word for word in ("candidate", "current", "golden", "gate", "City", "helpdesk") if word in sent] == []
    new, old = (models[name].asked[0] for name in ("new", "old"))
    assert new.headers | {"Host": "", "Content-Length": ""} == old.headers | {"Host": "", "Content-Length": ""}


def test_a_conversation_is_sent_up_to_its_last_question(request_gate, golden_set, allowed, models, running_tasks):
    talk = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi.", "reasoning_content": "A greeting."},
        {"role": "user", "content": "And number 7?"},
        {"role": "assistant", "content": "Unknown."},
    ]
    GoldenRow.objects.filter(pk=golden_set.rows.first().pk).update(messages=talk)
    with running_tasks():
        request_gate(**ASKED)

    (asked,) = (one for one in models["new"].asked if len(one.body["messages"]) > 1)
    assert asked.body["messages"] == [talk[0], talk[1], {"role": "assistant", "content": "Hi."}, talk[3]]


def test_withdrawn_consent_ends_a_running_gate(request_gate, operator, golden_set, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    consent.withdraw(golden_set.deployment, by=operator)

    tasks.run_gate(gate_id)

    gate = GateRun.objects.get()
    assert (gate.status, gate.error) == ("failed", "The consent to send texts of this deployment was withdrawn.")
    assert models["new"].asked == []


def test_texts_leave_masked_also_where_they_are_stored_as_sent(
    request_gate, golden_set, allowed, models, running_tasks
):
    type(golden_set.deployment).objects.update(content_policy="off")
    GoldenRow.objects.filter(pk=golden_set.rows.first().pk).update(prompt="Write to maria@example.org about 7?")
    with running_tasks():
        request_gate(**ASKED)

    assert any("[EMAIL]" in asked.prompt for asked in models["new"].asked)
    assert all("maria@" not in asked.prompt for asked in models["new"].asked)


def test_answers_are_masked_before_they_are_stored(request_gate, allowed, models, running_tasks):
    models["old"].answer = lambda asked, there: "Write to maria@example.org."
    with running_tasks():
        request_gate(**ASKED)

    assert set(GateAnswer.objects.filter(side="current").values_list("response", flat=True)) == {"Write to [EMAIL]."}


def test_answers_that_are_missing_end_without_a_verdict(request_gate, allowed, models, running_tasks):
    models["old"].answer = lambda asked, there: (400, {}, b"") if asked.prompt.endswith("7?") else "Rome"
    with running_tasks():
        request_gate(**ASKED)

    gate = GateRun.objects.get()
    assert (gate.verdict, gate.reason, gate.n) == ("no_evidence", "missing_answers", 60)
    missing = gate.answers.filter(outcome="missing")
    assert set(missing.values_list("side", "reason", "response")) == {
        ("current", "The endpoint responded with 400.", "")
    }
    assert gate.details["outcomes"]["current"] == {"missing": missing.count(), "answered": 60 - missing.count()}


def test_a_budget_ends_the_questions(settings, api, request_gate, allowed, models, running_tasks):
    settings.GATE_TOKEN_BUDGET = 300
    with running_tasks():
        gate_id = request_gate(**ASKED).data["id"]

    found = api.get(f"/api/v1/gates/{gate_id}").data
    assert (found["status"], found["verdict"], found["details"]["budget_exhausted"]) == (
        "completed",
        "no_evidence",
        True,
    )
    assert 200 <= found["tokens"] <= 300
    assert found["sentence"].endswith("missing, and at most 5 % of a side may be. The token budget was used up.")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, {}, b""), "The endpoint old is unusable: it rejects the key (401)."),
        ((503, {}, b""), "The endpoint old did not answer 10 questions in a row: The endpoint responded with 503."),
    ],
)
def test_an_endpoint_that_is_down_fails_the_gate(request_gate, allowed, models, answer, error):
    models["old"].answer = lambda asked, there: answer
    gate_id = request_gate(**ASKED).data["id"]

    tasks.run_gate(gate_id)

    gate = GateRun.objects.get()
    assert (gate.status, gate.verdict, gate.error) == ("failed", "", error)
    assert len(models["new"].asked) < 60


@pytest.mark.django_db(transaction=True)
def test_a_gate_is_cancelled_while_a_server_hangs(api, operator, request_gate, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]

    def answer(asked, there):
        """Cancelled by a user during the first question; the server hangs on."""
        if asked is there.asked[0]:
            requesting.cancel(gate_id, by=operator)
            connection.close()
        there.released.wait(4)
        return "Late."

    models["new"].answer = answer
    tasks.run_gate(gate_id)

    assert (GateRun.objects.get().status, GateAnswer.objects.filter(side="candidate").count()) == ("cancelled", 0)
    assert len(models["new"].asked) + len(models["old"].asked) < 20
    again = api.post(f"/api/v1/gates/{gate_id}/cancel")
    assert (again.status_code, message_of(again)) == (409, f"Gate {gate_id} is cancelled already.")


def test_no_question_is_asked_again_whose_answer_is_stored(request_gate, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    stopped = models["new"].answer

    models["new"].answer = lambda asked, there: (401, {}, b"") if len(there.asked) > 20 else stopped(asked, there)
    tasks.run_gate(gate_id)
    stored = set(GateAnswer.objects.values_list("row_id", "side"))
    assert 20 <= len(stored) < 120
    GateRun.objects.update(status="running", error="", completed_at=None)
    models["new"].answer = stopped
    before = {name: Counter(there.prompts) for name, there in models.items()}

    tasks.run_gate(gate_id)

    prompts = dict(GoldenRow.objects.values_list("pk", "prompt"))
    for name, side in (("new", "candidate"), ("old", "current")):
        asked_since = Counter(models[name].prompts) - before[name]
        kept = {prompts[row_id] for row_id, stored_side in stored if stored_side == side}
        assert kept & set(asked_since) == set()
    assert GateRun.objects.get().verdict == "better"
    assert GateAnswer.objects.count() == 120


def test_another_worker_holds_the_gate(request_gate, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]

    in_a_minute = timezone.now() + timedelta(minutes=1)
    ExportLeaseFactory(task="exports.tasks.run_gate", key=str(gate_id), expires_at=in_a_minute)
    running.run(gate_id)

    assert models["new"].asked == []


def test_the_sweep_queues_a_gate_whose_worker_died(request_gate, allowed, models, running_tasks):
    gate_id = request_gate(**ASKED).data["id"]
    GateRun.objects.update(created_at="2020-01-01T00:00:00Z")

    with running_tasks():
        requesting.sweep()

    assert GateRun.objects.get(pk=gate_id).status == "completed"


DIES_AFTER_TEN_ANSWERS = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from exports import tasks
    from exports.gates.answers import storing

    store, seen = storing.store, []

    def dying(*arguments, **facts):
        store(*arguments, **facts)
        seen.append(1)
        if len(seen) == 10:
            os.kill(os.getpid(), signal.SIGKILL)

    storing.store = dying
    tasks.run_gate(int(sys.argv[1]))
    """
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_loses_no_answer(settings, request_gate, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    variables = {"LLM_ENDPOINTS": json.dumps(settings.LLM_ENDPOINTS), "DJANGO_SETTINGS_MODULE": "config.settings"}

    worker = subprocess.run(
        [sys.executable, "-c", DIES_AFTER_TEN_ANSWERS, str(gate_id)],
        cwd=django_settings.BASE_DIR,
        env=environment() | variables,
        check=False,
    )
    stored = set(GateAnswer.objects.values_list("row_id", "side"))
    requests_before = sum(len(there.asked) for there in models.values())
    JobLease.objects.update(expires_at="2020-01-01T00:00:00Z")
    tasks.run_gate(gate_id)

    assert worker.returncode == -9
    assert len(stored) == 10
    # At most the questions in flight were asked twice.
    assert 10 <= requests_before <= 14
    assert sum(len(there.asked) for there in models.values()) - requests_before == 110
    assert GateRun.objects.get().verdict == "better"
