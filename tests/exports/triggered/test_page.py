"""The page of a trigger's settings that keeps the request for the sets of its firings."""

import html

import pytest
from django.urls import reverse

from curation.models import CuratedSet
from drift.triggers import rules
from exports.models import TriggeredRequest, TriggeredSet
from exports.tasks import start_triggered_sets
from exports.triggered import requests
from tests.curation.test_admin import page_of, staff_with
from tests.drift.factories import TriggerEvaluationFactory, TriggerFiringFactory
from tests.factories import NOON, DeploymentFactory

FIELDS = {
    "name": "after drift",
    "limit": "50",
    "only_new": "on",
    "strategies.user_edit": "on",
    "strategies.high_quality": "on",
    "shares.user_edit": "0.3",
    "parameters.high_quality.min_p_good": "0.95",
    "filters.tags": "vip, billing",
    "filters.metadata": '{"plan": "pro"}',
    "filters.min_quality": "0.5",
}
WANTED = {
    "name": "after drift",
    "strategies": ["user_edit", "high_quality"],
    "parameters": {"high_quality": {"min_p_good": 0.95}},
    "filters": {"tags": ["vip", "billing"], "metadata": {"plan": "pro"}, "min_quality": 0.5},
    "shares": {"user_edit": 0.3},
    "only_new": True,
    "limit": 50,
}


@pytest.fixture
def rule(db, time_machine):
    time_machine.move_to(NOON, tick=False)
    return rules.with_rows(DeploymentFactory(id="helpdesk"))[0].row


@pytest.fixture
def page(rule):
    return reverse("admin:drift_triggerrule_curated_set", args=[rule.pk])


def test_the_settings_of_a_trigger_lead_to_the_page(console, rule, page):
    settings = console.get(reverse("admin:drift_triggerrule_change", args=[rule.pk])).content.decode()
    link = reverse("admin:drift_triggerrule_curate", args=[rule.pk])

    assert link in settings
    assert console.get(link).headers["Location"] == page


def test_a_request_is_kept_shown_and_removed(console, operator, rule, page, django_assert_max_num_queries):
    before = console.get(page).content.decode()
    console.post(page, {**FIELDS, "save": "1"})
    kept = TriggeredRequest.objects.get()
    with django_assert_max_num_queries(12):
        shown = html.unescape(console.get(page).content.decode())
    listed = console.get(reverse("admin:drift_triggerrule_changelist")).content.decode()
    console.post(page, {"remove": "1"})

    assert "Firings of this trigger start no set." in before
    assert (kept.rule, kept.request, kept.changed_by) == (rule, WANTED, operator)
    assert f"Each firing of this trigger since {NOON:%Y-%m-%d %H:%M} UTC starts a set" in shown
    for text in ('value="after drift"', 'value="vip,billing"', '{"plan":"pro"}', 'value="0.95"', 'value="0.3"'):
        assert text in shown
    assert 'name="strategies.diverse" id="id_strategies.diverse">' in shown
    assert "set after drift" in listed
    assert not TriggeredRequest.objects.exists()


def test_a_saved_page_changes_nothing_when_it_is_saved_again(console, page):
    console.post(page, {**FIELDS, "save": "1"})
    form = console.get(page).context["form"]
    again = {field.html_name: field.value() for field in form if field.value() not in (None, "", False)}

    console.post(page, {**again, "save": "1"})

    assert TriggeredRequest.objects.get().request == {**WANTED, "seed": 0}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"limit": "0"}, "greater than or equal to 1"), ({"filters.metadata": "pro"}, "Give a JSON object.")],
)
def test_a_wrong_request_names_the_field_and_is_not_kept(console, page, wrong, message):
    answer = console.post(page, {**FIELDS, **wrong, "save": "1"})

    assert message in answer.content.decode()
    assert not TriggeredRequest.objects.exists()


def test_the_page_and_the_set_say_which_firing_started_it(console, operator, rule, page):
    requests.keep(rule, WANTED, by=operator)
    evaluation = TriggerEvaluationFactory(deployment=rule.deployment, name=rule.name)
    TriggerFiringFactory(evaluation=evaluation, name=rule.name, fired_at=NOON)
    start_triggered_sets()
    made = CuratedSet.objects.get()

    shown, of_set = (console.get(address).content.decode() for address in (page, page_of(made)))
    TriggeredSet.objects.update(curated_set=None, error="limit: No.")
    failed = console.get(page).content.decode()

    assert page_of(made) in shown
    assert "Drift of helpdesk 2026-05-04 12:00" in of_set
    assert "limit: No." in failed


@pytest.mark.parametrize("permission", ["add_curatedset", "change_triggerrule"])
def test_the_page_needs_both_permissions(rule, page, permission):
    client = staff_with("view_triggerrule", permission)

    assert client.get(page).status_code == client.post(page, {**FIELDS, "save": "1"}).status_code == 403
    assert not TriggeredRequest.objects.exists()


def test_an_unknown_trigger_is_not_found(console, page, rule):
    assert console.get(reverse("admin:drift_triggerrule_curated_set", args=[rule.pk + 99])).status_code == 404
