"""Rows are reserved for one reviewer at a time, and go back when the time is over."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.choices import CuratedSetStatus, Decision, ReviewOrder, SetPart
from curation.models import CuratedExample, CuratedSet, RowDecision, RowReview
from curation.review import leasing, least_known, progress, rows, verdicts
from curation.sets import content
from feedback.models import Evidence
from tests.curation.review.crowd import counts, decision_of, person, set_of
from tests.factories import NOON

pytestmark = pytest.mark.django_db
KEEP, DROP, EDIT = Decision.KEEP, Decision.DROP, Decision.EDIT


def test_a_row_is_given_to_one_reviewer_until_the_time_is_over(ann, bob):
    curated_set = set_of(1)

    with time_machine.travel(NOON, tick=False) as clock:
        row = leasing.take(curated_set, by=ann)
        assert (row, leasing.take(curated_set, by=bob)) == (curated_set.examples.get(), None)
        with pytest.raises(leasing.Reserved):
            verdicts.submit(row, KEEP, by=bob)
        clock.shift(leasing.LEASE + timedelta(seconds=1))
        assert leasing.take(curated_set, by=bob) == row
        with pytest.raises(leasing.Reserved):
            verdicts.submit(row, DROP, by=ann)

    assert (decision_of(row), RowDecision.objects.count()) == ("", 0)


def test_a_verdict_after_the_time_counts_if_no_other_has_the_row(ann):
    curated_set = set_of(1)

    with time_machine.travel(NOON, tick=False) as clock:
        row = leasing.take(curated_set, by=ann)
        clock.shift(timedelta(minutes=25))
        verdicts.submit(row, KEEP, by=ann)

    assert (decision_of(row), RowReview.objects.get().seconds) == ("keep", 1500)


def test_orders_and_parts(ann):
    curated_set = set_of(4, pairs=1)
    waits = {"queue_reason": "There is no evidence."}
    for position, fields in enumerate([{"p_good": 0.9}, {"p_good": 0.45}, {"p_good": None} | waits, {"p_good": 0.7}]):
        CuratedExample.objects.filter(curated_set=curated_set, position=position).update(**fields)
    ids = list(curated_set.examples.in_order().values_list("pk", flat=True))
    pair = curated_set.pair_rows.get().pk
    events = list(curated_set.examples.in_order().values_list("event_id", flat=True))
    # Of user 7 two votes are undecided, of user 8 one.
    for event_id, voter in ((events[3], 7), (events[2], 7), (events[0], 8)):
        Evidence.objects.create(
            event_id=event_id,
            deployment_id="helpdesk",
            occurred_at=NOON,
            state="good",
            voters=[voter],
            ups=[1.0],
            downs=[0.0],
            up=1.0,
            down=0.0,
            users=1,
        )

    def given(**how):
        RowReview.objects.all().delete()
        found = []
        while row := leasing.take(curated_set, by=ann, **how):
            if row.pk in found:
                return found
            found.append(row.pk)
            leasing.leave(row, by=ann)
        return found

    assert given() == [ids[1], ids[3], ids[0], ids[2], pair]
    assert given(order=ReviewOrder.POSITION) == [*ids, pair]
    assert given(order=ReviewOrder.USERS) == [ids[2], ids[3], ids[0], ids[1], pair]
    assert given(part=SetPart.QUEUE) == [ids[2]]
    assert given(part=SetPart.EXAMPLES, order=ReviewOrder.POSITION) == [ids[0], ids[1], ids[3]]
    assert given(part=SetPart.PAIRS) == [pair]


def test_the_order_of_users_is_read_once_in_a_while_and_gives_no_row_twice(ann, bob, monkeypatch):
    monkeypatch.setattr(least_known.time, "monotonic", lambda: 100.0)
    curated_set = set_of(3)
    votes = {"deployment_id": "helpdesk", "occurred_at": NOON, "state": "good", "ups": [1.0], "downs": [0.0]}
    for example in curated_set.examples.exclude(position=0):
        Evidence.objects.create(event_id=example.event_id, voters=[7], up=1.0, down=0.0, users=1, **votes)

    with CaptureQueriesContext(connection) as queries:
        given = [leasing.take(curated_set, by=one, order=ReviewOrder.USERS) for one in (ann, bob)]
        verdicts.submit(given[0], KEEP, by=ann)
        given.append(leasing.take(curated_set, by=ann, order=ReviewOrder.USERS))

    assert [row.position for row in given] == [1, 2, 0]
    assert sum("unnest" in query["sql"] for query in queries) == 1


def test_a_verdict_writes_the_set_only_if_its_counts_change(ann):
    curated_set = set_of(3)

    def written(decision):
        with CaptureQueriesContext(connection) as queries:
            verdicts.submit(leasing.take(curated_set, by=ann), decision, by=ann)
        assert counts(curated_set) == content.counted(curated_set)
        return sum(query["sql"].startswith('UPDATE "curation_curatedset"') for query in queries)

    assert [written(decision) for decision in (KEEP, DROP)] == [0, 1]
    assert progress.left(curated_set, by=ann) == progress.Left(rows=1, total=3, submitted=2, skipped=0)
    leasing.leave(leasing.take(curated_set, by=ann), by=ann, is_skipped=True)
    assert progress.left(curated_set, by=ann) == progress.Left(rows=1, total=3, submitted=2, skipped=1)


def test_skipped_rows_come_last_and_neighbours_are_those_of_the_reviewer(ann):
    curated_set = set_of(3)
    first = leasing.take(curated_set, by=ann, order=ReviewOrder.POSITION)
    leasing.leave(first, by=ann, is_skipped=True)
    second = leasing.take(curated_set, by=ann, order=ReviewOrder.POSITION)

    assert leasing.neighbour(second, by=ann, before=True) == first
    assert leasing.neighbour(first, by=ann, before=False) == second
    verdicts.submit(second, KEEP, by=ann)
    third = leasing.take(curated_set, by=ann, order=ReviewOrder.POSITION)
    verdicts.submit(third, KEEP, by=ann)

    assert [row.position for row in (first, second, third)] == [0, 1, 2]
    assert leasing.take(curated_set, by=ann) == first
    verdicts.submit(first, KEEP, by=ann)
    assert leasing.take(curated_set, by=ann) is None
    assert leasing.resume(curated_set, by=ann) is None


def test_an_overlap_share_gives_some_rows_several_reviewers_and_always_the_same(ann, bob):
    curated_set = set_of(60, reviews_per_row=2, overlap_share=0.25)
    for by in (ann, bob):
        while row := leasing.take(curated_set, by=by):
            verdicts.submit(row, KEEP, by=by)

    numbers = [row.reviews.count() for row in curated_set.examples.all()]
    assert (len(numbers), set(numbers)) == (60, {1, 2})
    assert 10 <= numbers.count(2) <= 20
    assert not curated_set.examples.undecided().exists()


def test_without_the_permission_nothing_is_given_submitted_or_half_done(ann):
    curated_set = set_of(1)
    row = leasing.take(curated_set, by=ann)
    stranger = person()

    for attempt in (
        lambda: leasing.take(curated_set, by=stranger),
        lambda: verdicts.submit(row, KEEP, by=stranger),
        lambda: verdicts.undo(curated_set, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            attempt()

    assert list(RowReview.objects.values_list("reviewer", "decision")) == [(ann.pk, "")]


def test_nothing_is_given_or_submitted_once_the_set_is_decided(ann):
    curated_set = set_of(1)
    row = leasing.take(curated_set, by=ann)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)
    curated_set.refresh_from_db()

    with pytest.raises(rows.NotDecidable, match="is approved"):
        verdicts.submit(row, KEEP, by=ann)
    with pytest.raises(rows.NotDecidable, match="is approved"):
        leasing.take(curated_set, by=ann)


@pytest.mark.django_db(transaction=True)
def test_reviewers_at_once_get_every_row_once_and_the_counts_stay_right():
    curated_set = set_of(24, pairs=8)
    people = [person("review_curatedset") for _ in range(4)]
    start, given = Barrier(len(people)), {user.pk: [] for user in people}

    def review(user):
        try:
            start.wait()
            while row := leasing.take(curated_set, by=user):
                given[user.pk].append((row.KIND, row.pk))
                verdicts.submit(row, DROP if row.pk % 3 else KEEP, by=user)
        finally:
            connection.close()

    threads = [Thread(target=review, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    everything = [one for found in given.values() for one in found]
    assert len(everything) == len(set(everything)) == 32
    assert RowDecision.objects.count() == 32
    assert counts(curated_set) == content.counted(curated_set)
    assert (
        sum(one.submitted for one in progress.of_reviewers(curated_set)) == progress.of_rows(curated_set).decided == 32
    )
