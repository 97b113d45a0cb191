"""Judges in the console: added by form, switched by dialogs, with their budget, state and judgements."""

import pytest
from django.urls import reverse

from feedback.judging import storing
from feedback.models import Deployment, Judge, JudgeConsent, Judgement
from tests.exports.test_admin import action, staff_with, text_of
from tests.feedback.factories import JudgeFactory, JudgementFactory
from tests.feedback.judging.conftest import event_id, paid, reply

LIST = reverse("admin:feedback_judge_changelist")
ADD = reverse("admin:feedback_judge_add")
FORM = {
    "name": "strict",
    "endpoints": ["small"],
    "weights": "",
    "strategy": "none",
    "execution_mode": "parallel",
    "min_agreement": "0",
    "min_confidence": "0.7",
    "hedging_strategy": "off",
    "delay_ms": "2000",
    "percentile": "95",
    "budget_percent": "10",
    "sampling": "rate",
    "sampling_rate": "1",
    "max_per_run": "50",
    "lookback_days": "7",
    "max_answer_tokens": "1000",
    "daily_tokens": "50000",
    "daily_usd": "",
}


def page_of(record):
    return reverse(f"admin:feedback_{record._meta.model_name}_change", args=[record.pk])


def confirm(client, record, name):
    return client.post(action(record, name), {"_form_submitted": "on"})


@pytest.fixture
def form(db, endpoint):
    endpoint()
    Deployment.objects.create(id="helpdesk")
    return FORM | {"deployment": "helpdesk", "rubric_version": JudgeFactory(name="other").rubric_version_id}


def test_a_judge_is_added_changed_and_switched_by_an_operator(console, form, django_assert_max_num_queries):
    added = console.post(ADD, form)
    judge = Judge.objects.get(name="strict")
    refused = confirm(console, judge, "enable")
    assert (added.status_code, judge.is_enabled, judge.daily_tokens) == (302, False, 50_000)
    assert refused.headers["HX-Redirect"] == page_of(judge)
    assert "No user has accepted" in text_of(console, page_of(judge))

    confirm(console, judge, "accept_texts")
    confirm(console, judge, "enable")
    changed = console.post(page_of(judge), form | {"daily_tokens": "60000", "sampling": "audit"})

    judge.refresh_from_db()
    assert (changed.status_code, judge.is_enabled, judge.daily_tokens, judge.sampling) == (302, True, 60_000, "audit")
    with django_assert_max_num_queries(12):
        page = text_of(console, page_of(judge))
    assert "0 of 60,000" in page
    with django_assert_max_num_queries(12):
        assert "at work" in text_of(console, LIST)
    confirm(console, judge, "disable")
    confirm(console, judge, "withdraw_texts")
    judge.refresh_from_db()
    assert (judge.is_enabled, JudgeConsent.objects.count()) == (False, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategy": "majority"}, "Voting needs two endpoints or more."),
        ({"name": "A B"}, "A name has 1 to 58 characters"),
        ({"name": "other"}, "helpdesk has a judge of this name already."),
        ({"weights": '{"small": 1' + "0" * 400 + "}"}, "A weight is a number above 0"),
        ({"weights": '{"absent": 1}'}, "Weights are an object by names"),
        ({"endpoints": ["absent"]}, "absent is not one of the available choices"),
        ({"daily_usd": "5"}, "The endpoint small has no price in LLM_ENDPOINTS."),
    ],
)
def test_a_form_says_what_does_not_fit(console, form, changes, message):
    answer = console.post(ADD, form | changes)

    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert Judge.objects.count() == 1


def test_a_paused_judge_shows_why_and_is_resumed(console, form, operator):
    console.post(ADD, form)
    judge = Judge.objects.get(name="strict")
    confirm(console, judge, "accept_texts")
    confirm(console, judge, "enable")
    storing.pause(judge, "The endpoint small is unusable: it rejects the key (401).")

    assert "it rejects the key (401)." in text_of(console, page_of(judge))
    confirm(console, judge, "enable")

    judge.refresh_from_db()
    assert (judge.paused_at, judge.paused_reason) == (None, "")


def test_judgements_are_shown_with_their_event_and_deployment(
    console, events, judge, endpoint, ran, django_assert_max_num_queries
):
    events(1)
    endpoint(lambda asked, there: paid(reply(rationale="One <b>concrete</b> step.")))
    found = ran(judge())[1]

    with django_assert_max_num_queries(12):
        page = text_of(console, page_of(found))
    for text in ("Relevance", "One &lt;b&gt;concrete&lt;/b&gt; step.", "m-small", "tip-v1", "0.800"):
        assert text in page
    with django_assert_max_num_queries(12):
        assert "0.800" in text_of(console, reverse("admin:feedback_judgement_changelist"))
    with django_assert_max_num_queries(14):
        of_event = text_of(console, f"{reverse('admin:feedback_event_change', args=[event_id(1)])}?scores=shown")
    assert "One &lt;b&gt;concrete&lt;/b&gt; step." in of_event
    of_deployment = text_of(console, reverse("admin:feedback_deployment_change", args=["helpdesk"]))
    assert "Judges of the last 30 days" in of_deployment


def test_permissions_open_pages_and_actions(form):
    judge = Judge.objects.get()
    judgement = JudgementFactory(judge=judge)
    client = staff_with("view_judge", "view_judgement")

    assert client.get(page_of(judge)).status_code == 200
    assert client.get(page_of(judgement)).status_code == 200
    assert client.get(ADD).status_code == 403
    for name in ("enable", "accept_texts"):
        assert confirm(client, judge, name).status_code in (302, 403)
    assert client.post(page_of(judge), form | {"daily_tokens": "1"}).status_code == 403
    judge.refresh_from_db()
    assert (judge.is_enabled, judge.daily_tokens, JudgeConsent.objects.count()) == (False, 200_000, 0)
    assert Judgement.objects.count() == 1
