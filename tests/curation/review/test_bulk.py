"""Decisions on many rows at once."""

from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connection
from django.urls import reverse
from rest_framework.test import APIClient

from curation import tasks
from curation.choices import CuratedSetStatus, Decision, SetPart, Strategy
from curation.models import CuratedExample, CuratedPair, CuratedSet, RowDecision
from curation.review import bulk, rows
from feedback.access import keys
from feedback.evidence.keeping.gold import gold_of
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.factories import ALL_SCOPES, EventFactory, UserFactory

pytestmark = pytest.mark.django_db
WAITS = {"strategy": Strategy.DIVERSE, "queue_reason": "There is no evidence."}
HARD = {"strategy": Strategy.HARD_EXAMPLE, "queue_reason": "Probably bad."}


@pytest.fixture
def curated_set():
    return CuratedSetFactory(strategies=[Strategy.HIGH_QUALITY, Strategy.DIVERSE, Strategy.HARD_EXAMPLE])


def row(curated_set, position, **fields):
    """A row whose event is stored."""
    return CuratedExampleFactory(curated_set=curated_set, position=position, event_id=EventFactory().pk, **fields)


def post(api, curated_set, **body):
    return api.post(f"/api/v1/curated-sets/{curated_set.pk}/rows/decide", body, format="json")


def decisions():
    return {row_id: decision for row_id, decision in CuratedExample.objects.values_list("pk", "decision") if decision}


def test_a_filter_is_counted_first_and_then_decided_on_as_counted(api, curated_set):
    waiting = [row(curated_set, position, **WAITS) for position in range(3)]
    hard = row(curated_set, 3, **HARD)
    passed = row(curated_set, 4)
    body = {"where": {"part": "queue", "strategy": "diverse"}, "decision": "keep", "note": "All fine."}

    counted = post(api, curated_set, dry_run=True, **body)

    assert (counted.status_code, counted.data) == (200, {"dry_run": True, "count": 3})
    assert not RowDecision.objects.exists()
    decided = post(api, curated_set, expected=3, **body)
    assert (decided.status_code, decided.data) == (200, {"dry_run": False, "count": 3})
    assert decisions() == dict.fromkeys([one.pk for one in waiting], "keep")
    counts = api.get(f"/api/v1/curated-sets/{curated_set.pk}").data["counts"]
    assert (counts["by_strategy"], counts["queue"]) == ({"high_quality": 1, "diverse": 3}, 1)
    events = [one.event_id for one in (*waiting, hard, passed)]
    assert gold_of(events) == {str(one.event_id): [1.0] for one in waiting}
    assert set(RowDecision.objects.values_list("note", "score")) == {("All fine.", 1.0)}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"part": "examples"}, [0, 1, 2]),
        ({"part": "examples", "min_p_good": 0.9}, [0, 1]),
        ({"part": "examples", "min_p_good": 0.9, "max_p_good": 0.93}, [0]),
        ({"part": "examples", "text": "USERS AGREE"}, [1]),
        ({"part": "examples", "split": "test"}, [2]),
        ({"part": "examples", "undecided": True}, [1, 2]),
        ({"part": "queue"}, [3]),
        ({"part": "queue", "text": "no evidence"}, [3]),
        ({"part": "queue", "strategy": "hard_example"}, []),
    ],
)
def test_a_filter_finds_the_rows_that_fulfil_every_condition(api, curated_set, where, expected):
    found = [
        row(curated_set, 0, p_good=0.92, decision="keep"),
        row(curated_set, 1, p_good=0.97, reason="Two users agree."),
        row(curated_set, 2, split="test"),
        row(curated_set, 3, **WAITS),
    ]

    answer = post(api, curated_set, where=where, decision="drop", reason="duplicate", expected=len(expected))

    assert answer.data["count"] == len(expected)
    assert set(RowDecision.objects.values_list("example_id", flat=True)) == {found[at].pk for at in expected}
    assert RowDecision.objects.filter(score__isnull=False).count() == 0


def test_pairs_are_decided_by_their_source(api, curated_set):
    pairs = [
        CuratedPairFactory(curated_set=curated_set, position=position, pair_source=source)
        for position, source in enumerate(["edit", "votes"])
    ]

    answer = post(api, curated_set, where={"part": "pairs", "pair_source": "edit"}, decision="drop", expected=1)

    assert answer.data["count"] == 1
    assert [CuratedPair.objects.get(pk=one.pk).decision for one in pairs] == ["drop", ""]
    assert list(RowDecision.objects.values_list("pair_id", "score")) == [(pairs[0].pk, None)]


def test_kept_rows_lose_the_answer_of_a_reviewer_with_its_pair(operator, curated_set):
    edited = row(curated_set, 0)
    rows.decide(edited, Decision.EDIT, by=operator, edited_response="Better.")

    bulk.decide(curated_set.pk, bulk.Where(SetPart.EXAMPLES), Decision.KEEP, by=operator, expected=1)

    edited.refresh_from_db()
    assert (edited.decision, edited.reviewed_response) == ("keep", "")
    assert not CuratedPair.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"decision": "keep", "dry_run": True}, "where", "required"),
        ({"where": {"part": "rows"}, "decision": "keep", "dry_run": True}, "where.part", "invalid_choice"),
        ({"where": {"part": "queue"}, "decision": "edit", "dry_run": True}, "decision", "invalid_choice"),
        ({"where": {"part": "queue"}, "decision": "keep"}, "expected", "required"),
        ({"where": {"part": "pairs", "text": "a"}, "decision": "keep", "dry_run": True}, "where.text", "invalid"),
        ({"where": {"part": "queue", "min_p_good": 2}, "decision": "keep"}, "where.min_p_good", "max_value"),
    ],
)
def test_an_invalid_request_changes_nothing(api, curated_set, body, field, code):
    row(curated_set, 0, **WAITS)

    answer = post(api, curated_set, **body)

    assert answer.status_code == 400
    assert (field, code) in [(error["field"], error["code"]) for error in answer.data["errors"]]
    assert decisions() == {}


def test_another_number_of_rows_than_counted_is_a_conflict_that_changes_nothing(api, curated_set):
    row(curated_set, 0, **WAITS)

    answer = post(api, curated_set, where={"part": "queue"}, decision="keep", expected=2)

    assert answer.status_code == 409
    assert answer.data["errors"][0]["message"] == (
        "The filter finds 1 now, not 2. Count again, and decide on that number."
    )
    assert decisions() == {}


@pytest.mark.parametrize("dry_run", [True, False])
def test_rows_of_decided_sets_are_neither_counted_nor_decided_on(api, curated_set, dry_run):
    row(curated_set, 0)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)

    answer = post(api, curated_set, where={"part": "examples"}, decision="drop", expected=1, dry_run=dry_run)

    assert answer.status_code == 409
    assert decisions() == {}


def test_deciding_needs_the_permission(curated_set):
    user = UserFactory()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")
    body = {"where": {"part": "queue"}, "decision": "keep", "dry_run": True}

    assert post(client, curated_set, **body).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename="review_curatedset"))
    assert post(client, curated_set, **body).data["count"] == 0


def test_scores_that_could_not_be_recorded_are_recorded_by_the_sweep(operator, curated_set, monkeypatch):
    kept, record = row(curated_set, 0), rows.recording.record

    def fail(scores):
        raise OperationalError("The store is away.")

    monkeypatch.setattr(rows.recording, "record", fail)
    bulk.decide(curated_set.pk, bulk.Where(SetPart.EXAMPLES), Decision.KEEP, by=operator, expected=1)
    assert gold_of([kept.event_id]) == {}

    monkeypatch.setattr(rows.recording, "record", record)
    tasks.sweep()

    assert gold_of([kept.event_id]) == {str(kept.event_id): [1.0]}


def test_a_worker_records_the_scores_of_many(operator, curated_set, running_tasks, monkeypatch):
    monkeypatch.setattr(rows, "RECORDED_AT_ONCE", 2)
    kept = [row(curated_set, position) for position in range(3)]

    with running_tasks():
        bulk.decide(curated_set.pk, bulk.Where(SetPart.EXAMPLES), Decision.KEEP, by=operator, expected=3)

    assert gold_of([one.event_id for one in kept]) == {str(one.event_id): [1.0] for one in kept}


def test_at_most_so_many_rows_are_decided_at_once(operator, curated_set, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_ROWS", 1)
    for position in range(2):
        row(curated_set, position)

    with pytest.raises(bulk.TooManyRows, match="2 rows; at most 1 are"):
        bulk.decide(curated_set.pk, bulk.Where(SetPart.EXAMPLES), Decision.KEEP, by=operator, expected=2)

    assert decisions() == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_that_decide_on_the_same_rows_at_once_one_decides_on_all(operator):
    curated_set = CuratedSetFactory(strategies=[Strategy.DIVERSE])
    for position in range(20):
        row(curated_set, position, **WAITS)
    start, results = Barrier(2), []

    def work(decision):
        try:
            start.wait(timeout=10)
            where = bulk.Where(SetPart.QUEUE)
            results.append((decision, bulk.decide(curated_set.pk, where, decision, by=operator, expected=20)))
        except bulk.RowsChanged:
            results.append((decision, "conflict"))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(decision,)) for decision in (Decision.KEEP, Decision.DROP)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(str(result) for _, result in results) == ["20", "conflict"]
    winner = next(decision for decision, result in results if result == 20)
    assert set(CuratedExample.objects.values_list("decision", flat=True)) == {winner}
    assert RowDecision.objects.count() == 20
    curated_set.refresh_from_db()
    assert (curated_set.counts, curated_set.queued) == ({"diverse": 20} if winner == Decision.KEEP else {}, {})


def test_the_console_shows_the_count_before_it_decides(console, curated_set, django_assert_max_num_queries):
    waiting = [row(curated_set, position, prompt=f"Question {position}?", **WAITS) for position in range(2)]
    address = reverse("admin:curation_curatedset_decide", args=[curated_set.pk])
    asked = {"part": "queue", "decision": "drop", "reason": "duplicate", "undecided": "on"}
    assert "?part=queue" in console.get(reverse("admin:curation_curatedset_change", args=[curated_set.pk])).text
    with django_assert_max_num_queries(12):
        assert "Count the rows" in console.get(address, {"part": "queue"}).text

    counted = console.post(address, asked)
    changed = console.post(address, {**asked, "expected": "3"}, follow=True)
    decided = console.post(address, {**asked, "expected": "2"}, follow=True)

    for text in ("2 rows found", "Question 0?", "Drop 2 rows", 'value="duplicate"'):
        assert text in counted.text
    assert "The filter finds 2 now, not 3." in changed.text
    assert "2 rows are dropped." in decided.text
    assert decisions() == dict.fromkeys([one.pk for one in waiting], "drop")
    assert set(RowDecision.objects.values_list("reason", "score")) == {("duplicate", None)}


@pytest.mark.parametrize(("fields", "error"), [({"min_p_good": "much"}, "valid number"), ({"text": "a"}, "of pairs")])
def test_the_console_says_what_is_wrong_with_a_filter(console, curated_set, fields, error):
    address = reverse("admin:curation_curatedset_decide", args=[curated_set.pk])

    answer = console.post(address, {"part": "pairs", "decision": "keep", **fields})

    assert answer.status_code == 200
    assert error in answer.text


def test_the_console_leads_from_a_decided_set_back_to_it(console, curated_set):
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)

    answer = console.get(reverse("admin:curation_curatedset_decide", args=[curated_set.pk]), follow=True)

    assert "its rows stay as they are." in answer.text
    assert "Decide on many rows" not in answer.text
