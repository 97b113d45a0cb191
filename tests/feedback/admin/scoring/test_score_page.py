"""A person scores an answer in the console, blind, alone or as part of a random sample."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from feedback.human_scores import samples, submitting
from feedback.models import HumanScore, QualityScore, SampledForScoring, ScoringSample
from feedback.removal import removing
from feedback.rubrics import versions
from tests.factories import DeploymentFactory, EventFactory, SignalFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
TIP = {"relevance": 5, "actionability": 4, "tone": 4, "format_ok": True, "overlong": False}
FORM = {
    "rubric": "tip-v1",
    "answer-relevance": "2",
    "answer-actionability": "3",
    "answer-tone": "4",
    "answer-overlong": "on",
}


@pytest.fixture(autouse=True)
def rubric():
    versions.install_shipped()
    return versions.find("tip-v1")


@pytest.fixture
def event():
    return EventFactory()


@pytest.fixture
def scored(event, rubric):
    """The event has a judge's score, another person's with a note, a comment of a user."""
    QualityScore.objects.create(
        event_id=event.pk, assessor="judge:strict", name="tip-v1", profile="default", raw=9, score=0.4667,
        minimum=2, maximum=17, version="v9", checks=[],
    )  # fmt: skip
    submitting.submit(event.pk, rubric, TIP, by=StaffFactory(), note="A fine tip.")
    SignalFactory(event_id=event.pk, comment="Loved it.")
    return event


def _page(event, query=""):
    return reverse("admin:feedback_event_score", args=[event.pk]) + query


def test_the_form_shows_the_conversation_and_no_score(console, scored):
    page = console.get(_page(scored, "?rubric=tip-v1")).content.decode()

    assert "How do I reset my password?" in page
    assert 'name="answer-relevance" value="5"' in page
    for hidden in ("judge:strict", "A fine tip.", "Loved it.", "0.867", "passed"):
        assert hidden not in page


def test_other_scores_are_shown_once_the_own_is_stored(console, operator, scored):
    event_page = reverse("admin:feedback_event_change", args=[scored.pk])
    before = console.get(event_page).content.decode()
    asked = console.get(f"{event_page}?scores=shown").content.decode()

    answer = console.post(_page(scored), FORM | {"note": "Vague."})
    after = console.get(event_page).content.decode()

    assert answer.url == f"{event_page}#people"
    assert ("judge:strict" in before, "A fine tip." in before) == (False, False)
    assert ("judge:strict" in asked, "A fine tip." in asked) == (True, True)
    assert ("judge:strict" in after, "A fine tip." in after, "Vague." in after) == (True, True, True)
    own = HumanScore.objects.get(scorer=operator)
    assert own.answers == {"relevance": 2, "actionability": 3, "tone": 4, "format_ok": False, "overlong": True}
    assert own.raw == 8


def test_the_form_says_what_is_missing_and_keeps_what_was_answered(console, event):
    incomplete = {name: value for name, value in FORM.items() if name != "answer-tone"}

    answer = console.post(_page(event), incomplete | {"note": "Half."})

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "An answer from 1 to 5 is missing." in page
    assert 'name="answer-relevance" value="2" checked' in page
    assert "Half." in page
    assert not HumanScore.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "status"), [([], 403), (["view_event"], 403), (["view_event", "add_humanscore"], 200)]
)
def test_scoring_needs_its_permission(client, event, permissions, status):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)

    assert client.get(_page(event)).status_code == status
    assert client.post(_page(event), FORM).status_code == (302 if status == 200 else status)
    assert HumanScore.objects.exists() == (status == 200)


def test_a_note_with_a_character_that_cannot_be_stored_is_stored_without_it(console, event):
    console.post(_page(event), FORM | {"note": "a\0b"})

    assert HumanScore.objects.get().note == "a\ufffdb"


def test_an_unknown_event_or_rubric_is_not_found(console, event):
    page = _page(event)
    unknown_rubric = console.get(f"{page}?rubric=tip-v7")
    event.delete()

    assert unknown_rubric.status_code == 404
    assert console.get(page).status_code == 404


def test_a_page_asks_few_queries(console, scored, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        console.get(_page(scored))
    with django_assert_max_num_queries(12):
        console.get(reverse("admin:feedback_event_change", args=[scored.pk]) + "?scores=shown")


def test_a_sample_is_drawn_and_scored_event_by_event(console, operator, rubric):
    DeploymentFactory(id="helpdesk")
    events = [EventFactory() for _ in range(3)]
    EventFactory(content_dropped=True)
    EventFactory(deployment_id="shop")
    wanted = {"deployment": "helpdesk", "rubric": rubric.pk, "size": 10, "days": 3650, "seed": 7}

    drawn = console.post(reverse("admin:feedback_scoringsample_draw"), wanted)

    sample = ScoringSample.objects.get()
    order = list(sample.events.values_list("event_id", flat=True))
    assert drawn.url == reverse("admin:feedback_scoringsample_change", args=[sample.pk])
    assert (sorted(order), sample.read, sample.seed) == (sorted(event.pk for event in events), 3, 7)
    first = console.get(drawn.url).context["following"]
    following = console.post(first, FORM | {"sample": sample.pk}).url
    assert following == reverse("admin:feedback_event_score", args=[order[1]]) + f"?sample={sample.pk}"
    removing.remove_events([order[1]])
    assert samples.next_event(sample, operator) == order[2]
    assert (
        console.post(_page(events[[event.pk for event in events].index(order[2])]), FORM | {"sample": sample.pk}).url
        == drawn.url
    )
    progress = samples.progress(sample, operator)
    assert (progress.events, progress.scored, progress.people) == (2, 2, [(operator.username, 2)])
    assert HumanScore.objects.of_sample(sample).count() == 2
    assert not SampledForScoring.objects.filter(event_id=order[1]).exists()


def test_nothing_is_drawn_without_events_or_permission(console, client, rubric):
    DeploymentFactory(id="helpdesk")
    wanted = {"deployment": "helpdesk", "rubric": rubric.pk, "size": 10, "days": 30}

    answer = console.post(reverse("admin:feedback_scoringsample_draw"), wanted)

    assert (answer.status_code, "helpdesk has no event with texts" in answer.content.decode()) == (400, True)
    client.force_login(UserFactory(is_staff=True))
    assert client.post(reverse("admin:feedback_scoringsample_draw"), wanted).status_code == 403
    assert not ScoringSample.objects.exists()
