"""The pages of judges in a browser: agreement with people, and pairwise runs."""

import os

import numpy as np
import pytest
from django.urls import reverse

from exports.models import PairwiseRun, PairwiseVerdict
from exports.pairwise import reporting
from feedback.judging.agreement import standings
from feedback.models import Deployment, Judgement
from feedback.rubrics import versions
from tests.browser.test_pages import violations
from tests.exports.factories import PairwiseRunFactory
from tests.feedback.factories import JudgeFactory
from tests.feedback.judging.test_agreement import both_score

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(transactional_db, settings):
    """A judge that agrees with people, and a run of it that prefers the answer shown first."""
    versions.install_shipped()
    Deployment.objects.create(id="helpdesk")
    settings.LLM_ENDPOINTS = {"small": {"base_url": "https://llm.example.org/v1", "model": "judge-mini"}}
    judge = JudgeFactory(name="strict", endpoints=["small"], is_enabled=True)
    both_score(judge, np.random.default_rng(3), n=90, noise=0.6)
    Judgement.objects.update(model="judge-mini", rationale="It names one step that the person can take today.")
    standings.measure(judge.pk)
    run = PairwiseRunFactory(judge=judge)
    orders = [("first", "second")] * 22 + [("second", "first")] * 9 + [("first", "first")] * 9
    verdicts = [
        PairwiseVerdict(forward=forward, backward=backward, length_a=200 + at, length_b=190, people="a")
        for at, (forward, backward) in enumerate(orders)
    ]
    PairwiseRun.objects.filter(pk=run.pk).update(status="completed", figures=reporting.figures(verdicts))
    return {
        "agreement": reverse("admin:feedback_judgestanding_change", args=[judge.pk]),
        "pairwise": reverse("admin:exports_pairwiserun_change", args=[run.pk]),
        "judge": reverse("admin:feedback_judge_change", args=[judge.pk]),
        "judgement": reverse("admin:feedback_judgement_change", args=[judge.judgements.first().pk]),
        "judges": reverse("admin:feedback_judge_changelist"),
        "new-judge": reverse("admin:feedback_judge_add"),
        "judgements": reverse("admin:feedback_judgement_changelist"),
        "runs": reverse("admin:exports_pairwiserun_changelist"),
        "standings": reverse("admin:feedback_judgestanding_changelist"),
    }


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_pages_of_judges_have_no_barrier(open_console, addresses, width, theme):
    page = open_console(width=width, theme=theme)
    found = {}
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        found[name] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    assert not any(found.values()), found
