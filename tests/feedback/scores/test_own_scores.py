"""Scores that an application sends, by themselves or with their event."""

from datetime import timedelta

import pytest

from feedback.access import keys
from feedback.choices import Scope
from feedback.deployments import score_names
from feedback.ingestion import stream
from feedback.models import DeclaredScore, Deployment, QualityScore, WaitingScore
from tests.factories import NOON, UserFactory
from tests.feedback.scores.sent import (
    EVENTS,
    SCORES,
    event,
    event_id,
    ledger,
    score,
    send_events,
    send_scores,
    shown,
)


def own_scores():
    return QualityScore.objects.filter(assessor="application").count()


@pytest.mark.parametrize("is_score_first", [True, False])
def test_a_score_reaches_its_event_whichever_comes_first(api, write_all, any_store, is_score_first):
    sends = [lambda: send_scores(api, score(1, 0.25, version="grader-3")), lambda: send_events(api, event(1), event(2))]

    for send in sends if is_score_first else reversed(sends):
        send()
        write_all()

    assert shown(api, 1) == [("solved", 0.25, 0.25, "grader-3")]
    assert shown(api, 2) == []
    assert not WaitingScore.objects.exists()


def test_scores_come_with_their_event(api, write_all, any_store):
    scores = [{"name": "solved", "value": 1, "version": "v2"}, {"name": "exact_match", "value": 0.5}]

    receipt = send_events(api, event(1, scores=scores), event(2))
    write_all()

    assert shown(api, 1) == [("exact_match", 0.5, 0.5, ""), ("solved", 1.0, 1.0, "v2")]
    assert shown(api, 2) == []
    assert ledger(receipt) | {"accepted": 2, "stored": 2} == ledger(receipt)


def test_the_quality_score_of_an_event_is_a_score_of_that_name(api, write_all, any_store):
    send_events(api, event(1, quality_score=0.25, scores=[{"name": "solved", "value": 1}]), event(2, quality_score=0))
    write_all()

    assert shown(api, 1) == [("quality_score", 0.25, 0.25, ""), ("solved", 1.0, 1.0, "")]
    assert shown(api, 2) == [("quality_score", 0.0, 0.0, "")]
    # The score of the checks is the event's own figure, also beside scores of the application.
    assert api.get(f"{EVENTS}/{event_id(1)}").json()["quality"]["score"] == 1.0


@pytest.mark.parametrize("value", [7.5, -3])
def test_a_quality_score_outside_its_range_is_rejected_by_its_name(api, value):
    answer = api.post(EVENTS, event(1, quality_score=value), format="json")

    message = "quality_score.value must be from 0 to 1, the range of this score"
    error = {"index": 0, "field": "quality_score.value", "code": "out_of_range", "message": message}
    assert (answer.status_code, answer.json()) == (400, {"errors": [error]})


def test_an_external_id_finds_the_newest_event_of_its_deployment(api, write_all, any_store):
    by_name = {"external_id": "call ann@example.org", "deployment_id": "helpdesk", "name": "solved", "value": 1}
    named = {"external_id": by_name["external_id"]}

    send_scores(api, by_name)
    write_all()
    later = (NOON + timedelta(hours=1)).isoformat()
    send_events(api, event(1, **named), event(2, **named, occurred_at=later), event(3, **named, deployment_id="shop"))
    write_all()

    assert [len(shown(api, number)) for number in (1, 2, 3)] == [0, 1, 0]


def test_the_last_score_of_a_name_wins(api, write_all, any_store):
    send_events(api, event(1, scores=[{"name": "solved", "value": 0.1}]))
    write_all()
    at = [(NOON + timedelta(minutes=number)).isoformat() for number in range(3)]

    send_scores(api, score(1, 0.5, occurred_at=at[2]), score(1, 0.9, occurred_at=at[1]))
    send_scores(api, score(1, 0.7, occurred_at=at[2]), score(1, 0.2, occurred_at=at[0], name="tone"))
    write_all()

    assert shown(api, 1) == [("solved", 0.7, 0.7, ""), ("tone", 0.2, 0.2, "")]


def test_sending_again_changes_nothing(api, write_all, any_store):
    sent = [score(1, 0.5, occurred_at=NOON.isoformat()), score(2, 1)]
    events = [event(1, scores=[{"name": "tone", "value": 1}]), event(2)]

    for _ in range(2):
        send_events(api, *events)
        receipts = [send_scores(api, *sent) for _ in range(2)]
        write_all()

    assert shown(api, 1) == [("solved", 0.5, 0.5, ""), ("tone", 1.0, 1.0, "")]
    assert shown(api, 2) == [("solved", 1.0, 1.0, "")]
    assert [ledger(receipt)["stored"] for receipt in receipts] == [2, 2]


def test_one_score_a_list_and_lines_are_read(api, write_all):
    send_events(api, event(1))
    write_all()
    lines = "\n".join(f'{{"event_id": "{event_id(1)}", "name": "{name}", "value": 1}}' for name in ("b", "c"))

    answers = [
        api.post(SCORES, {"event_id": event_id(1), "name": "a", "value": 1}, format="json"),
        api.generic("POST", SCORES, lines, content_type="application/x-ndjson"),
        api.post(SCORES, {"scores": [score(1), score(1, 7), score(1, True)]}, format="json"),
        api.post(SCORES, score(1, 7), format="json"),
    ]
    write_all()

    assert [answer.status_code for answer in answers] == [202, 202, 207, 400]
    assert [(item["index"], item["errors"][0]["field"]) for item in answers[2].json()["rejected"]] == [
        (1, "value"),
        (2, "value"),
    ]
    assert [name for name, *_ in shown(api, 1)] == ["a", "b", "c", "solved"]
    batch = api.get(f"/api/v1/batches/{answers[2].json()['batch_id']}").json()
    assert (batch["accepted"], batch["stored"], batch["invalid"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"value": 1.01}, "value", "out_of_range"),
        ({"value": -0.01}, "value", "out_of_range"),
        ({"value": None}, "value", "invalid"),
        ({"value": "1"}, "value", "invalid"),
        ({"name": ""}, "name", "invalid"),
        ({"name": "Solved"}, "name", "invalid"),
        ({"name": "solved\n"}, "name", "invalid"),
        ({"name": "a" * 65}, "name", "invalid"),
        ({"name": "tel:555-123-4567"}, "name", "personal_data"),
        ({"name": "4111111111111111"}, "name", "personal_data"),
        ({"version": "v" * 101}, "version", "out_of_range"),
        ({"version": "a@b.de " * 14}, "version", "too_long"),
        ({"id": event_id(1)}, "id", "unknown_field"),
    ],
)
@pytest.mark.parametrize("is_with_event", [True, False])
def test_a_wrong_score_is_rejected_and_names_its_field(api, write_all, change, field, code, is_with_event):
    if is_with_event:
        given = {"name": "solved", "value": 1, **change}
        answer = api.post(EVENTS, event(1, scores=[{"name": "fine", "value": 1}, given]), format="json")
        field = f"scores[1].{field}" if code != "unknown_field" else field
    else:
        answer = api.post(SCORES, score(1, **change), format="json")
    write_all()

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert (WaitingScore.objects.count(), own_scores(), stream.backlog().entries) == (0, 0, 0)
    assert not DeclaredScore.objects.filter(name=change.get("name", "solved")).exists()


def test_a_declared_range_is_said_by_the_error_and_scales_the_score(api, write_all):
    Deployment.objects.create(id="helpdesk")
    DeclaredScore.objects.create(deployment_id="helpdesk", name="solved", minimum=1, maximum=5)
    send_events(api, event(1))

    answer = api.post(SCORES, {"scores": [score(1, 4), score(1, 0.5)]}, format="json")
    write_all()

    assert answer.status_code == 207
    assert [error["message"] for error in answer.json()["rejected"][0]["errors"]] == [
        "value must be from 1 to 5, the range of this score"
    ]
    assert shown(api, 1) == [("solved", 4.0, 0.75, "")]


def test_a_deployment_has_few_names_of_scores(api, write_all):
    names = [f"n{number}" for number in range(score_names.MOST_NAMES + 1)]
    send_events(api, event(1))

    answer = api.post(SCORES, {"scores": [score(1, name=name) for name in [*names, names[0]]]}, format="json")
    other = api.post(SCORES, score(1, name=names[-1], deployment_id="shop"), format="json")
    inline = api.post(EVENTS, event(2, scores=[{"name": names[-1], "value": 1}]), format="json")
    write_all()

    assert (answer.status_code, other.status_code, inline.status_code) == (207, 202, 400)
    assert [(item["index"], item["errors"][0]["code"]) for item in answer.json()["rejected"]] == [(50, "too_many")]
    assert inline.json()["errors"][0]["field"] == "scores[0].name"
    assert DeclaredScore.objects.of_deployment("helpdesk").count() == score_names.MOST_NAMES
    assert [name for name, *_ in shown(api, 1)] == sorted(names[:-1])


def test_versions_are_masked_as_other_labels(api, write_all):
    send_events(api, event(1, scores=[{"name": "tone", "value": 1, "version": "by ann@example.org"}]))
    send_scores(api, score(1, version="10.0.0.7 by bob@example.org"))
    write_all()

    assert [version for *_, version in shown(api, 1)] == ["10.0.0.7 by [EMAIL]", "by [EMAIL]"]


def test_a_score_needs_its_deployment_unless_its_event_is_stored(api, write_all):
    send_events(api, event(1))
    write_all()
    without = {"name": "solved", "value": 1}

    answers = [
        api.post(SCORES, without | {"event_id": event_id(number)} | more, format="json")
        for number, more in ((1, {}), (2, {}), (1, {"deployment_id": "shop"}))
    ]

    assert [answer.status_code for answer in answers] == [202, 400, 400]
    assert [answer.json()["errors"][0]["code"] for answer in answers[1:]] == ["required", "mismatch"]


def test_a_score_of_another_deployment_never_reaches_the_event(api, write_all, any_store):
    send_scores(api, score(1, deployment_id="shop"))
    send_events(api, event(1))
    write_all()

    assert shown(api, 1) == []
    assert WaitingScore.objects.get().deployment_id == "shop"


@pytest.mark.parametrize("scope", [Scope.SIGNALS, Scope.READ, Scope.OPERATE])
def test_scores_need_the_scope_of_events(client, db, scope):
    _, secret = keys.create(UserFactory(), "other", [scope])

    answer = client.post(
        SCORES, score(1), content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )

    assert (answer.status_code, DeclaredScore.objects.count()) == (403, 0)


def test_a_disabled_deployment_rejects_scores(api):
    Deployment.objects.create(id="helpdesk", enabled=False)

    answer = api.post(SCORES, score(1), format="json")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "deployment_disabled")
