"""People's scores by a rubric: stored once per person, recorded together, removed with their event."""

import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied

from feedback.human_scores import figures, submitting
from feedback.models import Event, HumanScore, QualityScore
from feedback.removal import removing, retention
from feedback.rubrics import versions
from feedback.rubrics.scoring import InvalidAnswers
from feedback.statistics.clustered import clustered_mean
from tests.factories import NOON, DeploymentFactory, EventFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
TIP = {"relevance": 5, "actionability": 4, "tone": 4, "format_ok": True, "overlong": False}
WORSE = {"relevance": 1, "actionability": 2, "tone": 1, "format_ok": False, "overlong": True}


@pytest.fixture
def rubric():
    versions.install_shipped()
    return versions.find("tip-v1")


def _recorded(event):
    return QualityScore.objects.get(event_id=event.pk, assessor="people")


def test_the_mean_of_people_is_a_score_of_the_event(rubric):
    event, first, second = EventFactory(), StaffFactory(), StaffFactory()

    submitting.submit(event.pk, rubric, TIP, by=first, note="Call +49 30 901820 or mail jo@example.com")
    submitting.submit(event.pk, rubric, WORSE, by=second)

    recorded = _recorded(event)
    assert (recorded.name, recorded.raw, recorded.minimum, recorded.maximum) == ("tip-v1", (15 + 3) / 2, 2, 17)
    assert recorded.score == pytest.approx((13 / 15 + 1 / 15) / 2)
    mine = HumanScore.objects.get(person=first.pk)
    assert (mine.raw, mine.deployment_id, mine.occurred_at) == (15, "helpdesk", NOON)
    assert "example.com" not in mine.note


def test_later_answers_replace_earlier_ones_of_the_same_person(rubric):
    event, user = EventFactory(), StaffFactory()
    first = submitting.submit(event.pk, rubric, TIP, by=user)

    again = submitting.submit(event.pk, rubric, TIP, by=user)
    changed = submitting.submit(event.pk, rubric, WORSE, by=user)

    assert first.pk == again.pk == changed.pk
    assert (again.changed_at, changed.changed_at is None) == (None, False)
    assert (changed.answers, changed.first_answers, changed.first_score) == (WORSE, TIP, first.score)
    assert _recorded(event).raw == 3


def test_what_does_not_fit_changes_nothing(rubric):
    event = EventFactory()

    with pytest.raises(PermissionDenied):
        submitting.submit(event.pk, rubric, TIP, by=UserFactory())
    with pytest.raises(InvalidAnswers):
        submitting.submit(event.pk, rubric, TIP | {"tone": 9}, by=StaffFactory())
    with pytest.raises(submitting.UnknownEvent):
        submitting.submit(uuid.uuid4(), rubric, TIP, by=StaffFactory())

    assert not HumanScore.objects.exists()
    assert not QualityScore.objects.exists()


def test_scores_go_with_their_event(rubric):
    kept, removed = EventFactory(), EventFactory()
    for event in (kept, removed):
        submitting.submit(event.pk, rubric, TIP, by=StaffFactory())

    removing.remove_events([removed.pk])

    assert [score.event_id for score in HumanScore.objects.all()] == [kept.pk]


def test_scores_end_with_the_retention_of_their_deployment(rubric):
    DeploymentFactory(id="helpdesk", retention_days=30)
    event = EventFactory(occurred_at=NOON - timedelta(days=400))
    submitting.submit(event.pk, rubric, TIP, by=StaffFactory())

    retention.purge()

    assert not Event.objects.exists()
    assert not HumanScore.objects.exists()


def test_the_scores_of_a_deleted_account_stay_those_of_one_person(rubric):
    events, user = [EventFactory(), EventFactory()], StaffFactory()
    for event in events:
        submitting.submit(event.pk, rubric, TIP, by=user)
    number = user.pk

    user.delete()

    assert set(HumanScore.objects.values_list("scorer", "person")) == {(None, number)}
    assert figures.of_event(events[0].pk)[0].scorer == "a deleted account"


def test_figures_of_a_deployment_count_events_and_people(rubric):
    people, scores = [StaffFactory(), StaffFactory()], []
    for number in range(4):
        event = EventFactory()
        for user in people[: 1 + number % 2]:
            answers = TIP | {"tone": 1 + number}
            submitting.submit(event.pk, rubric, answers, by=user)
        scores.append((5 + 4 + 1 + number + 2 - 2) / 15)

    (found,) = figures.of_deployment("helpdesk", since=NOON - timedelta(days=1))

    assert (found["rubric"], found["n"], found["people"], found["scores"]) == ("tip-v1", 4, 2, 6)
    assert found["mean"] == pytest.approx(np.mean(scores))
    assert found["interval"] == pytest.approx(
        [
            np.mean(scores) - 3.182 * np.std(scores, ddof=1) / 2,
            min(1, np.mean(scores) + 3.182 * np.std(scores, ddof=1) / 2),
        ],
        rel=1e-3,
    )
    assert figures.of_deployment("shop", since=NOON) is None


def test_the_api_scores_as_the_user_of_the_key(api, operator, rubric):
    event = EventFactory()
    path = f"/api/v1/events/{event.pk}/human-scores"

    wrong = api.post(path, {"rubric": "tip-v1", "answers": TIP | {"tone": "warm"}}, format="json")
    unknown = api.post(path, {"rubric": "tip-v9", "answers": TIP}, format="json")
    created = api.post(path, {"rubric": "tip-v1", "answers": TIP, "note": "Kind."}, format="json")
    listed = api.get(path).json()["results"]

    assert [error["field"] for error in wrong.json()["errors"]] == ["answers.tone"]
    assert [error["field"] for error in unknown.json()["errors"]] == ["rubric"]
    assert (created.status_code, created.json()["score"]) == (201, pytest.approx(13 / 15))
    assert [(row["scorer"], row["rubric"], row["note"]) for row in listed] == [(str(operator), "tip-v1", "Kind.")]


def test_the_api_says_what_people_say_of_a_deployment(api, rubric):
    DeploymentFactory(id="helpdesk")
    submitting.submit(EventFactory(occurred_at=NOON).pk, rubric, TIP, by=StaffFactory())

    people = api.get("/api/v1/deployments/helpdesk/quality?days=366").json()["people"]

    assert people == [
        {
            "assessor": "people",
            "rubric": "tip-v1",
            "n": 1,
            "people": 1,
            "scores": 1,
            "level": 0.95,
            "mean": pytest.approx(13 / 15),
            "interval": None,
            "counts_people": False,
        }
    ]


@pytest.mark.parametrize("raters", [3, 8])
def test_intervals_hold_the_mean_about_as_often_as_they_say(raters, rng):
    held, runs, events = 0, 300, 40
    for _ in range(runs):
        of_event, of_rater = rng.normal(0, 0.15, events), rng.normal(0, 0.1 if raters > 4 else 0, raters)
        unit, rater = np.divmod(np.arange(events * raters), raters)
        ratings = 0.5 + of_event[unit] + of_rater[rater] + rng.normal(0, 0.1, events * raters)
        found = clustered_mean(ratings, unit.tolist(), rater.tolist())
        held += found.low <= 0.5 <= found.high

    assert 0.91 <= held / runs <= 0.99
