"""Gold scores: read through the store, queued for evidence as they change, and the answers of audits."""

import time_machine

from feedback.evidence.keeping.gold import gold_of
from feedback.models import AuditedEvent, DeclaredScore, Deployment, TouchedEvent
from feedback.scores import recording
from feedback.tasks import apply_gold, fold_rollups
from tests.factories import NOON
from tests.feedback.rollups.scored import write
from tests.feedback.stores.rows import event_id, minutes, score
from tests.servers.workers import tasks_run_at_once

OWN = {"assessor": "application", "name": "solved", "raw": 4.0, "score": 0.75, "minimum": 1.0, "maximum": 5.0}


def declare(name="solved", *, is_gold=True, deployment_id="helpdesk", **fields):
    deployment, _ = Deployment.objects.get_or_create(pk=deployment_id)
    return DeclaredScore.objects.create(deployment=deployment, name=name, is_gold=is_gold, **fields)


def touched():
    """The events that are queued, each once, and an empty queue."""
    queued = sorted({(str(row.event_id), row.deployment_id) for row in TouchedEvent.objects.all()})
    TouchedEvent.objects.all().delete()
    return queued


def audit(number):
    return AuditedEvent.objects.create(
        event_id=event_id(number), deployment_id="helpdesk", occurred_at=minutes(number), rate=0.5
    )


def test_gold_scores_are_those_of_the_application_with_names_that_the_deployment_counts(any_store):
    declare()
    declare("exact")
    declare("polite", is_gold=False)
    declare("helpful", deployment_id="other")
    write(1, 2, 3)

    recording.record(
        [
            score(1, **OWN),
            score(1, **OWN | {"name": "exact", "score": 1.0}),
            score(1, **OWN | {"name": "helpful"}),
            score(1, **OWN | {"profile": "brief"}),
            score(2, **OWN | {"name": "polite"}),
            score(2, **OWN | {"assessor": "judge:strict"}),
        ]
    )

    assert gold_of([event_id(number) for number in (1, 2, 3, 9)]) == {event_id(1): [1.0, 0.75]}
    assert gold_of([]) == {}
    assert touched() == [(event_id(1), "helpdesk")]


def test_the_decision_of_a_reviewer_is_gold_in_every_deployment_and_answers_no_audit(any_store):
    declare()
    write(1, 2)
    audited = audit(1)
    decision = {"assessor": "reviewer", "name": "decision", "raw": 0.0, "score": 0.0}

    recording.record([score(1, **OWN), score(1, **decision), score(2, **decision | {"name": "helpful"})])

    assert gold_of([event_id(number) for number in (1, 2)]) == {event_id(1): [0.75, 0.0]}
    assert touched() == [(event_id(1), "helpdesk")]
    audited.refresh_from_db()
    assert audited.gold == 0.75


def test_a_changed_gold_score_queues_its_event_and_an_equal_one_does_not(any_store):
    declare()
    write(1, 2)
    values = (0.25, 0.25, 0.5)

    queued = []
    for value in values:
        recording.record([score(1, **OWN | {"score": value}, assessed_at=minutes(value))])
        queued.append(touched())

    assert queued == [[(event_id(1), "helpdesk")], [], [(event_id(1), "helpdesk")]]


def test_audits_are_answered_by_the_mean_of_the_gold_scores_of_their_event(any_store):
    declare()
    declare("exact")
    write(1, 2)
    audit(1)
    audit(2)

    with time_machine.travel(NOON, tick=False):
        recording.record([score(1, **OWN)])
    with time_machine.travel(minutes(5), tick=False):
        recording.record([score(1, **OWN | {"name": "exact", "score": 0.25})])

    first, second = AuditedEvent.objects.order_by("occurred_at")
    assert (first.gold, first.answered_at, second.gold, second.answered_at) == (0.5, NOON, None, None)


def test_a_name_that_becomes_gold_or_no_longer_is_queues_its_events_and_answers_their_audits(any_store):
    declared = declare(is_gold=False)
    write(1, 2, 3)
    recording.record([score(1, **OWN), score(2, **OWN), score(3, **OWN | {"name": "exact"})])
    audit(1)
    assert (touched(), apply_gold(declared.pk), touched()) == ([], None, [])
    both = [(event_id(number), "helpdesk") for number in (1, 2)]

    DeclaredScore.objects.update(is_gold=True, is_applied=False)
    apply_gold(declared.pk)

    assert touched() == both
    assert AuditedEvent.objects.get().gold == 0.75
    declared.refresh_from_db()
    assert declared.is_applied
    DeclaredScore.objects.update(is_gold=False, is_applied=False)
    apply_gold(declared.pk)
    assert touched() == both
    assert AuditedEvent.objects.values_list("gold", "answered_at").get() == (None, None)


def test_a_change_that_no_worker_applied_is_queued_again(any_store, django_capture_on_commit_callbacks):
    declare(is_applied=False)
    write(1)
    recording.record([score(1, **OWN)])
    touched()

    with tasks_run_at_once(), django_capture_on_commit_callbacks(execute=True):
        fold_rollups()

    assert touched() == [(event_id(1), "helpdesk")]
    assert not DeclaredScore.objects.to_apply().exists()
