"""Judges for tests: one behind an endpoint that compares answers, measured against people or not."""

import json
import re
from contextlib import contextmanager

from feedback.models import Deployment, JudgeConsent, JudgeStanding
from tests.factories import StaffFactory
from tests.feedback.endpoints.served import served
from tests.feedback.factories import JudgeFactory


def shown(asked):
    """The first and the second answer of a question to a judge."""
    mark = re.escape(asked.prompt.split(" conversation\n", 1)[0])
    found = re.search(rf"{mark} first answer\n(.*)\n{mark} second answer\n(.*)\n{mark} end$", asked.prompt, re.DOTALL)
    return found[1], found[2]


def says(better):
    return json.dumps({"reason": "Because.", "better": better})


def preferring(rate):
    """An answer of the endpoint: the answer that `rate` gives the higher number, a tie for equal ones."""

    def answer(asked, there):
        first, second = map(rate, shown(asked))
        return says("tie" if first == second else "first" if first > second else "second")

    return answer


@contextmanager
def judged_by(settings, answer, *, deployment_id="helpdesk", **standing):
    """A judge whose endpoint gives this answer; standing: its agreement with people."""
    with served(answer) as there:
        settings.LLM_ENDPOINTS = {
            **(settings.LLM_ENDPOINTS if isinstance(settings.LLM_ENDPOINTS, dict) else {}),
            "judge": {"base_url": there.url, "model": "m", "private": True, "timeout_seconds": 5},
        }
        Deployment.objects.get_or_create(pk=deployment_id)
        judge = JudgeFactory(deployment_id=deployment_id, endpoints=["judge"], is_enabled=True)
        JudgeConsent.objects.get_or_create(deployment_id=deployment_id, defaults={"accepted_by": StaffFactory()})
        if standing:
            JudgeStanding.objects.create(judge=judge, rubric_version=judge.rubric_version, **standing)
        yield judge, there
