"""What a deployment declares of its scores, over the API and on its page."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from feedback.access import keys
from feedback.choices import Scope
from feedback.deployments import score_names
from feedback.models import DeclaredScore, Deployment, Evidence
from feedback.tasks import fill_evidence
from tests.factories import DeploymentFactory, UserFactory
from tests.feedback.scores.sent import SCORES, event, event_id, score, send_events, send_scores, shown
from tests.servers.workers import tasks_run_at_once

HELPDESK = "/api/v1/deployments/helpdesk"
STARS = {"name": "stars", "minimum": 1.0, "maximum": 5.0, "gold": False}
SOLVED = {"name": "solved", "minimum": 0.0, "maximum": 1.0, "gold": True}


@pytest.fixture
def helpdesk(db):
    return DeploymentFactory(id="helpdesk")


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """Call something and run the tasks that it queues."""

    def run(call):
        with tasks_run_at_once(), django_capture_on_commit_callbacks(execute=True):
            return call()

    return run


def patch(api, *scores):
    return api.patch(HELPDESK, {"scores": list(scores)}, format="json")


def declared():
    rows = DeclaredScore.objects.values_list("name", "minimum", "maximum", "is_gold")
    return [dict(zip(("name", "minimum", "maximum", "gold"), row, strict=True)) for row in rows]


def held(number):
    """(gold scores, p_good rounded) of the evidence about an event; None without evidence."""
    fill_evidence()
    row = Evidence.objects.filter(pk=event_id(number)).first()
    return row and (row.gold, round(row.p_good, 3))


def test_scores_are_declared_shown_and_replaced_as_a_whole(api, helpdesk):
    assert patch(api, {"name": "tone"}, STARS, SOLVED).json()["scores"] == [
        SOLVED,
        STARS,
        {"name": "tone", "minimum": 0.0, "maximum": 1.0, "gold": False},
    ]
    assert api.get(HELPDESK).json()["scores"] == declared()

    assert patch(api, STARS | {"maximum": 10}).status_code == 200

    # A name that was gold stays until its events are queued.
    assert declared() == [SOLVED | {"gold": False}, STARS | {"maximum": 10.0}]
    assert api.patch(HELPDESK, {"enabled": True}, format="json").json()["scores"] == declared()
    changes = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert changes == [
        "score tone added; score stars added; score solved added",
        "score solved removed; score tone removed; score stars changed",
    ]


def test_names_that_scores_were_sent_with_are_listed_and_can_be_given_up(api, write_all, helpdesk):
    send_scores(api, score(1), score(1, name="typo"))

    assert [one["name"] for one in api.get(HELPDESK).json()["scores"]] == ["solved", "typo"]
    patch(api, {"name": "solved", "maximum": 3})

    assert [one["name"] for one in declared()] == ["solved"]
    assert api.post(SCORES, score(1, 2.5), format="json").status_code == 202
    assert api.post(SCORES, score(1, 3.5), format="json").status_code == 400


@pytest.mark.parametrize(
    ("scores", "field"),
    [
        ([STARS | {"name": "Stars"}], "scores.0.name"),
        ([STARS | {"name": "stars\n"}], "scores.0.name"),
        ([SOLVED, STARS, SOLVED], "scores.2.name"),
        ([STARS | {"minimum": 5}], "scores.0.maximum"),
        ([STARS | {"minimum": -1.7e308, "maximum": 1.7e308}], "scores.0.maximum"),
        ([{"name": f"n{number}"} for number in range(score_names.MOST_NAMES + 1)], "scores"),
        ([STARS | {"colour": "red"}], "scores.0.colour"),
        ([STARS | {"gold": 7}], "scores.0.gold"),
    ],
)
def test_a_declaration_that_is_wrong_changes_nothing(api, helpdesk, scores, field):
    answer = api.patch(HELPDESK, {"enabled": False, "scores": scores}, format="json")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (Deployment.objects.get().enabled, declared()) == (True, [])


def test_only_who_may_change_the_deployment_declares_scores(client, helpdesk):
    _, secret = keys.create(UserFactory(), "other", [Scope.OPERATE])

    answer = client.patch(
        HELPDESK, {"scores": [STARS]}, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )

    assert (answer.status_code, declared()) == (403, [])


def test_a_gold_score_is_evidence_and_its_correction_too(api, write_all, any_store, at_once, helpdesk):
    patch(api, SOLVED, STARS)
    send_events(api, event(1), event(2), event(3, scores=[{"name": "solved", "value": 0}]))
    send_scores(api, score(1, 1), score(2, 5, name="stars"))
    write_all()
    first = [held(number) for number in (1, 2, 3)]

    send_scores(api, score(1, 0))
    write_all()

    assert first == [([1.0], 0.95), None, ([0.0], 0.05)]
    assert held(1) == ([0.0], 0.05)
    assert shown(api, 1) == [("solved", 0.0, 0.0, "")]


def test_evidence_follows_what_counts_as_gold(api, write_all, any_store, at_once, helpdesk):
    send_events(api, event(1))
    send_scores(api, score(1, 1))
    write_all()
    before = held(1)

    at_once(lambda: patch(api, SOLVED))
    gold = held(1)
    at_once(lambda: patch(api))

    assert (before, gold, held(1)) == (None, ([1.0], 0.95), None)
    assert not DeclaredScore.objects.to_apply().exists()


def test_scores_are_declared_on_the_page_of_the_deployment(console, helpdesk):
    kept = DeclaredScore.objects.create(deployment=helpdesk, name="tone")
    page = reverse("admin:feedback_deployment_change", args=["helpdesk"])
    form = console.get(page).context["adminform"].form
    posted = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    posted = {name: "" if value is None else value for name, value in posted.items()}
    posted |= {f"initial-{name}": value for name, value in posted.items()}
    rows = [(kept.pk, "tone", "0.0", "1.0"), ("", "stars", "1", "5")]
    posted |= {"masking_patterns-TOTAL_FORMS": "0", "masking_patterns-INITIAL_FORMS": "0"}
    posted |= {"declared_scores-TOTAL_FORMS": "2", "declared_scores-INITIAL_FORMS": "1"}
    for place, row in enumerate(rows):
        names = ("id", "name", "minimum", "maximum")
        posted |= {f"declared_scores-{place}-{name}": value for name, value in zip(names, row, strict=True)}
        posted |= {f"declared_scores-{place}-deployment": "helpdesk"}
    posted |= {f"initial-declared_scores-0-{name}": value for name, value in zip(names[1:], rows[0][1:], strict=True)}
    posted |= {"initial-declared_scores-1-minimum": "0.0", "initial-declared_scores-1-maximum": "1.0"}

    wrong = console.post(page, posted | {"declared_scores-1-maximum": "0"})
    before = declared()
    answer = console.post(page, posted | {"declared_scores-0-is_gold": "on", "declared_scores-1-is_gold": ""})

    assert (wrong.status_code, len(before)) == (200, 1)
    assert "the lower one first" in wrong.content.decode()
    assert answer.status_code == 302
    assert declared() == [STARS, {"name": "tone", "minimum": 0.0, "maximum": 1.0, "gold": True}]
