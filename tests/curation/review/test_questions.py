"""A set asks its reviewers a rubric: the form beside the decision, the answers, and how much they agree."""

import pytest
from django.test import Client
from django.urls import reverse

from curation.models import CuratedExample, RowReview
from curation.review import configuring
from curation.sets import requesting
from feedback.models import Event, HumanScore, QualityScore
from feedback.rubrics import versions
from tests.curation.review.crowd import person, set_of

pytestmark = pytest.mark.django_db
ANSWERS = {"answer-relevance": "5", "answer-actionability": "4", "answer-tone": "3", "answer-format_ok": "on"}


@pytest.fixture(autouse=True)
def rubric():
    versions.install_shipped()
    return versions.find("tip-v1")


def asking_set(operator, rows, *, required=False, **fields):
    curated_set = set_of(rows, **fields)
    return configuring.configure(curated_set.pk, by=operator, rubric="tip-v1", rubric_required=required)


def reviewer():
    client, user = Client(), person("review_curatedset", "view_curatedset")
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def start(client, curated_set):
    return client.post(reverse("admin:curation_curatedset_review_next", args=[curated_set.pk]))["Location"]


def test_a_reviewer_answers_beside_the_decision(operator, rubric):
    curated_set = asking_set(operator, 1)
    client = reviewer()
    address = start(client, curated_set)

    page = client.get(address).content.decode()
    client.post(address, {"step": "keep", **ANSWERS})

    assert "tip-v1, optional" in page
    assert 'name="answer-tone" value="5"' in page
    score = HumanScore.objects.get()
    example = CuratedExample.objects.get()
    assert (score.event_id, score.curated_set_id, score.raw) == (example.event_id, curated_set.pk, 14)
    assert (score.scorer, example.decision) == (RowReview.objects.get().reviewer, "keep")
    assert QualityScore.objects.get(assessor="people").raw == 14


@pytest.mark.parametrize(
    ("required", "answers", "status", "decided"),
    [(False, {}, 302, True), (True, {}, 400, False), (False, {"answer-tone": "3"}, 400, False)],
)
def test_answers_are_whole_or_where_they_are_optional_none(operator, required, answers, status, decided):
    curated_set = asking_set(operator, 1, required=required)
    client = reviewer()
    address = start(client, curated_set)

    answer = client.post(address, {"step": "keep", **answers})

    assert answer.status_code == status
    assert bool(CuratedExample.objects.get().decision) == decided
    assert not HumanScore.objects.exists()


def test_what_was_answered_is_still_there_after_an_error(operator):
    curated_set = asking_set(operator, 1, required=True)
    client = reviewer()
    address = start(client, curated_set)

    page = client.post(address, {"step": "drop", "answer-relevance": "2", "answer-overlong": "on"}).content.decode()

    assert "Answer the questions of the rubric first." in page
    assert 'name="answer-relevance" value="2" checked' in page
    assert 'name="answer-overlong" checked' in page
    assert page.count("An answer from 1 to 5 is missing.") == 2


def test_without_its_event_a_row_is_decided_and_the_answers_are_not_kept(operator):
    curated_set = asking_set(operator, 1, required=True)
    client = reviewer()
    address = start(client, curated_set)
    Event.objects.all().delete()

    answer = client.post(address, {"step": "keep", **ANSWERS}, follow=True)

    assert CuratedExample.objects.get().decision == "keep"
    assert not HumanScore.objects.exists()
    assert answer.status_code == 200


def test_agreement_is_shown_by_criterion(api, console, operator):
    curated_set = asking_set(operator, 32, reviews_per_row=2)
    for client, odd in ((reviewer(), "5"), (reviewer(), "1")):
        for number in range(32):
            address = start(client, curated_set)
            tone = odd if number % 4 == 3 else str(1 + number % 4)
            client.post(address, {"step": "keep", **ANSWERS, "answer-tone": tone})

    found = api.get(f"/api/v1/curated-sets/{curated_set.pk}/agreement").json()["criteria"]
    page = console.get(reverse("admin:curation_curatedset_agreement", args=[curated_set.pk])).content.decode()

    by_name = {one["name"]: one for one in found}
    assert list(by_name) == ["relevance", "actionability", "tone", "format_ok", "overlong"]
    assert by_name["tone"]["percent"] == {"equal": 24, "n": 32, "share": 0.75}
    assert by_name["tone"]["alpha"]["low"] < by_name["tone"]["alpha"]["value"] < by_name["tone"]["alpha"]["high"]
    assert (by_name["relevance"]["percent"]["share"], by_name["relevance"]["alpha"]["note"]) == (1, "one_value")
    assert "Answers to the rubric tip-v1" in page


def test_the_api_sets_the_rubric_and_the_next_version_takes_it_over(api, operator):
    curated_set = set_of(1)
    path = f"/api/v1/curated-sets/{curated_set.pk}"

    unknown = api.patch(path, {"rubric": "tip-v9"}, format="json")
    changed = api.patch(path, {"rubric": "tip-v1", "rubric_required": True}, format="json")
    curated_set.refresh_from_db()
    following = requesting.request_next(curated_set, by=operator)
    removed = api.patch(path, {"rubric": ""}, format="json")

    assert [error["field"] for error in unknown.json()["errors"]] == ["rubric"]
    assert (changed.json()["rubric"], changed.json()["rubric_required"]) == ("tip-v1", True)
    assert (following.rubric_version.label, following.rubric_required) == ("tip-v1", True)
    assert removed.json()["rubric"] is None


def test_the_overview_chooses_the_rubric(console, operator):
    curated_set = set_of(1)
    form = {"reviews_per_row": 2, "overlap_percent": 100, "rubric": "helpfulness-v1", "rubric_required": "on"}

    console.post(reverse("admin:curation_curatedset_reviewers", args=[curated_set.pk]), form)

    curated_set.refresh_from_db()
    assert (curated_set.rubric_version.label, curated_set.rubric_required) == ("helpfulness-v1", True)
