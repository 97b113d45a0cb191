"""A deployment with events, a consent, and judges behind endpoints on the loopback interface."""

import json
from contextlib import ExitStack
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from feedback.endpoints import client
from feedback.judging import consent
from feedback.judging.online import running
from feedback.models import Deployment, Judge, Judgement
from tests.feedback.endpoints.served import completion, served
from tests.feedback.factories import JudgeFactory
from tests.feedback.scores.sent import event, event_id, send_events

GOOD = {"relevance": 4, "actionability": 5, "tone": 3, "format_ok": True, "overlong": False}


def reply(*, confidence=0.8, rationale="It names one step.", **answers):
    """The reply of a judge that knows its form."""
    return json.dumps({"rationale": rationale, "answers": GOOD | answers, "confidence": confidence})


def paid(text, *, prompt_tokens=700, completion_tokens=50):
    """A completion whose tokens are counted by kind."""
    body = json.loads(completion(text))
    body["usage"] = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    return 200, {}, json.dumps(body).encode()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(client, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def events(api, write_all):
    """Call it to store events of these numbers, an hour old."""

    def stored(*numbers, **fields):
        at = (timezone.now() - timedelta(hours=1)).isoformat()
        send_events(api, *[event(number, **{"occurred_at": at, **fields}) for number in numbers])
        write_all()

    return stored


@pytest.fixture
def accepted(operator):
    """The operator accepts that texts leave."""
    deployment, _ = Deployment.objects.get_or_create(id="helpdesk")
    return consent.accept(deployment, by=operator)


@pytest.fixture
def endpoint(settings):
    """Call it to serve an endpoint of this name; `answer` as `served` takes it."""
    with ExitStack() as stack:
        settings.LLM_ENDPOINTS = {}

        def serve(answer=lambda asked, there: paid(reply()), name="small", **facts):
            there = stack.enter_context(served(answer))
            settings.LLM_ENDPOINTS = settings.LLM_ENDPOINTS | {
                name: {"base_url": there.url, "model": f"m-{name}", "private": True, "timeout_seconds": 5} | facts
            }
            return there

        yield serve


@pytest.fixture
def judge(accepted):
    """Call it to make an enabled judge."""
    return lambda **facts: JudgeFactory(**{"name": "strict", "is_enabled": True, **facts})


@pytest.fixture
def ran():
    """Call it to run a judge and get its judgements by the number of the event."""

    def run(judge):
        running.run(judge.pk)
        judge.refresh_from_db()
        return judgements()

    return run


@pytest.fixture
def time_machine_at():
    """Call it to go to a time."""
    with ExitStack() as stack:
        yield lambda moment: stack.enter_context(time_machine.travel(moment, tick=True))


def judgements():
    found = Judgement.objects.select_related("judge", "rubric_version").order_by("event_id")
    return {row.event_id.int: row for row in found}


__all__ = ["GOOD", "Judge", "event_id", "judgements", "paid", "reply"]
