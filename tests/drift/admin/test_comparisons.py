import json

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from drift.comparisons import lifecycle, running
from drift.models import ArmComparison
from drift.windows.arms import Arm
from feedback.rollups import deltas, folding
from tests.drift.comparisons.arms import store_arm
from tests.drift.factories import ArmComparisonFactory
from tests.factories import DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = reverse("admin:drift_armcomparison_new")
ARMS = [Arm(model_version_id="v1"), Arm(model_version_id="v2")]


@pytest.fixture
def compared(rng):
    """A comparison of two versions that answered the same prompts."""
    latencies = rng.normal(500, 60, 40)
    same = {"prompt": lambda i: f"question {i}"}
    store_arm("v1", 40, latency_ms=lambda i: latencies[i], response="Open Settings.", **same)
    store_arm("v2", 40, latency_ms=lambda i: latencies[i] - 90 + i, response="See Help.", start=100, **same)
    found = lifecycle.request("helpdesk", arms=ARMS, outcomes=["latency_ms", "signal.copy"])
    return running.run(found.pk)


def page_of(client, comparison):
    return client.get(reverse("admin:drift_armcomparison_change", args=[comparison.pk]))


def test_the_page_says_in_words_what_is_better(admin_client, compared, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        text = page_of(admin_client, compared).content.decode()

    assert "v2 against v1: better by latency; no difference that matters in share of copied answers." in text
    assert "v2 has a lower latency" in text
    assert "40 prompts are in all arms, so answers to one prompt are compared" in text
    assert "Distribution of latency" in text
    assert "Mean latency with its 95 % interval" in text
    assert "question 0" in text
    assert "See Help." in text


def test_texts_need_the_right_to_view_events(client, compared):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_armcomparison"))
    client.force_login(user)

    text = page_of(client, compared).content.decode()

    assert "better by latency" in text
    assert "See Help." not in text


def test_a_failed_and_a_running_comparison_say_so(admin_client):
    failed = ArmComparisonFactory(status="failed", verdict="", error="v1 and v2 share 5 events.")
    waiting = ArmComparisonFactory(status="running", verdict="", finished_at=None)

    assert "could not be compared: v1 and v2 share 5 events." in page_of(admin_client, failed).content.decode()
    assert "A worker is comparing the arms." in page_of(admin_client, waiting).content.decode()


@pytest.fixture
def events():
    stored = [*store_arm("v1", 3), *store_arm("v2", 4, experiment="short", start=10)]
    deltas.add(deltas.contribution_of([event.id for event in stored]).measured)
    folding.fold()


def test_the_form_offers_the_arms_that_have_events(admin_client, events):
    text = admin_client.get(NEW, {"deployment_id": "helpdesk"}).content.decode()

    assert ("v1, 3 events" in text, "v2, 4 events" in text, "short, 4 events" in text) == (True, True, True)


def test_an_address_may_choose_the_prompt_versions(admin_client, events):
    stored = store_arm("v3", 3, prompt_version="mentor", start=500) + store_arm(
        "v3", 3, prompt_version="plain", start=600
    )
    deltas.add(deltas.contribution_of([event.id for event in stored]).measured)
    folding.fold()

    form = admin_client.get(NEW, {"deployment_id": "helpdesk", "prompt_version": ["plain", "mentor"]}).context["form"]

    arms = [json.dumps({"prompt_version": version}) for version in ("plain", "mentor")]
    assert (form["control"].value(), form["others"].value()) == (arms[0], arms[1:])
    assert set(arms) <= {value for _, kind in form.fields["control"].choices for value, _ in kind}


def test_the_form_starts_a_comparison(admin_client, events):
    v1, v2 = (json.dumps({"model_version_id": version}) for version in ("v1", "v2"))
    chosen = {"control": v1, "others": [v2], "outcomes": ["quality"], "more_outcomes": "metadata.turns"}

    answer = admin_client.post(f"{NEW}?deployment_id=helpdesk", {**chosen, "margin": "", "correction": "holm"})

    comparison = ArmComparison.objects.get()
    assert answer.url == reverse("admin:drift_armcomparison_change", args=[comparison.pk])
    assert comparison.arms == [{"model_version_id": "v1"}, {"model_version_id": "v2"}]
    assert (comparison.outcomes, comparison.created_by.username) == (["quality", "metadata.turns"], "admin")


def test_the_form_says_what_is_wrong(admin_client, events):
    v1 = json.dumps({"model_version_id": "v1"})
    chosen = {"control": v1, "others": [v1], "more_outcomes": "height", "margin": "-1"}

    text = admin_client.post(f"{NEW}?deployment_id=helpdesk", chosen).content.decode()

    assert "not with itself" in text
    assert "Unknown outcome height" in text
    assert "Enter a number above 0." in text
    assert not ArmComparison.objects.exists()


def test_without_a_deployment_one_is_chosen(admin_client):
    DeploymentFactory(id="helpdesk")

    assert "?deployment_id=helpdesk" in admin_client.get(NEW).content.decode()


def test_a_deployment_without_versions_says_what_to_send(admin_client):
    DeploymentFactory(id="helpdesk")

    assert "Nothing to compare yet." in admin_client.get(NEW, {"deployment_id": "helpdesk"}).content.decode()


def test_comparing_again_adds_a_comparison(admin_client, compared):
    address = reverse("admin:drift_armcomparison_compare_again", args=[compared.pk])

    admin_client.post(address, {"_form_submitted": True})

    newest = ArmComparison.objects.newest_first().first()
    assert ArmComparison.objects.count() == 2
    assert (newest.arms, newest.outcomes, newest.status) == (compared.arms, compared.outcomes, "running")


@pytest.mark.parametrize("address", [NEW, f"{NEW}?deployment_id=helpdesk"])
def test_the_form_needs_the_right_to_compare(client, address):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(address).status_code == 403
