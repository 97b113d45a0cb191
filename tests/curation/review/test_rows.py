"""Decisions of people on single rows of a set."""

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, OperationalError, transaction
from rest_framework.test import APIClient

from curation import erasure, tasks
from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedPair, CuratedSet, RowDecision
from curation.review import approval, rows
from curation.sets import content
from curation.sets.content import content_hash
from feedback.access import keys
from feedback.evidence.keeping.gold import gold_of
from feedback.quality.assessment import assess
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.factories import ALL_SCOPES, EventFactory, UserFactory

pytestmark = pytest.mark.django_db
WAITS = {"strategy": Strategy.DIVERSE, "queue_reason": "There is no evidence."}
HARD = {"strategy": Strategy.HARD_EXAMPLE, "queue_reason": "A model would learn to imitate it.", "response": "No idea."}


@pytest.fixture
def curated_set():
    return CuratedSetFactory(strategies=[Strategy.HIGH_QUALITY, Strategy.DIVERSE, Strategy.HARD_EXAMPLE])


def row(curated_set, position=0, **fields):
    """A row whose event is stored, and which its set counts."""
    made = CuratedExampleFactory(curated_set=curated_set, position=position, event_id=EventFactory().pk, **fields)
    count(curated_set)
    return made


def count(curated_set):
    CuratedSet.objects.filter(pk=curated_set.pk).update(**content.counted(curated_set))


def decide(api, row, decision, **body):
    return api.patch(
        f"/api/v1/curated-sets/{row.curated_set_id}/rows/{row.pk}", {"decision": decision, **body}, format="json"
    )


def listed(api, curated_set, name):
    return api.get(f"/api/v1/curated-sets/{curated_set.pk}/{name}").data["results"]


def test_a_kept_row_of_the_queue_is_an_example_and_a_dropped_row_is_nowhere(api, curated_set):
    passed, dropped, waits = row(curated_set), row(curated_set, 1), row(curated_set, 2, **WAITS)
    left = row(curated_set, 3, **WAITS)

    answers = [decide(api, dropped, "drop", reason="wrong", note="Not true."), decide(api, waits, "keep")]

    assert [(answer.status_code, answer.data) for answer in answers] == [
        (200, {"id": dropped.pk, "decision": "drop"}),
        (200, {"id": waits.pk, "decision": "keep"}),
    ]
    shown = [(one["id"], one["decision"]) for one in listed(api, curated_set, "examples")]
    assert shown == [(passed.pk, None), (waits.pk, "keep")]
    assert [one["id"] for one in listed(api, curated_set, "queue")] == [left.pk]
    counts = api.get(f"/api/v1/curated-sets/{curated_set.pk}").data["counts"]
    assert (counts["total"], counts["by_strategy"], counts["queue"]) == (2, {"high_quality": 1, "diverse": 1}, 1)
    made = RowDecision.objects.get(example=dropped)
    assert (made.reason, made.note, made.score) == ("wrong", "Not true.", 0.0)


@pytest.mark.parametrize(
    ("fields", "decision", "body", "score"),
    [
        ({}, "keep", {}, 1.0),
        ({}, "drop", {}, 0.0),
        ({}, "drop", {"reason": "wrong"}, 0.0),
        ({}, "drop", {"reason": "duplicate"}, None),
        ({}, "edit", {"edited_response": "Open the settings."}, 0.0),
        (HARD, "keep", {}, 0.0),
        (HARD, "drop", {}, None),
        (HARD, "edit", {"edited_response": "Open the settings."}, 0.0),
        ({"strategy": Strategy.USER_EDIT, "edited_response": "Open it."}, "keep", {}, None),
    ],
)
def test_what_a_decision_says_of_the_answer_is_a_gold_score_of_its_event(
    api, curated_set, fields, decision, body, score
):
    decided = row(curated_set, **fields)

    assert decide(api, decided, decision, **body).status_code == 200

    expected = {} if score is None else {str(decided.event_id): [score]}
    assert gold_of([decided.event_id]) == expected
    assert (RowDecision.objects.get().recorded_at is not None) == (score is not None)


def test_the_last_decision_counts_and_all_are_kept(api, curated_set):
    decided = row(curated_set)

    for decision in ("drop", "keep"):
        decide(api, decided, decision)

    assert [one["decision"] for one in listed(api, curated_set, "examples")] == ["keep"]
    assert gold_of([decided.event_id]) == {str(decided.event_id): [1.0]}
    assert list(decided.decisions.values_list("decision", flat=True)) == ["drop", "keep"]


def test_an_edit_is_masked_stands_for_the_answer_and_makes_a_pair(api, curated_set):
    decided = row(curated_set, **HARD)

    answer = decide(api, decided, "edit", edited_response="Write to ann@example.org.")
    again = decide(api, decided, "edit", edited_response="Write to us.")

    assert (answer.status_code, again.status_code) == (200, 200)
    assert RowDecision.objects.order_by("pk").first().edited_response == "Write to [EMAIL]."
    (shown,) = listed(api, curated_set, "examples")
    assert (shown["response"], shown["edited_response"]) == ("No idea.", "Write to us.")
    (pair,) = listed(api, curated_set, "pairs")
    assert (pair["pair_source"], pair["chosen"], pair["rejected"]) == ("review", "Write to us.", "No idea.")
    decide(api, decided, "keep")
    assert listed(api, curated_set, "pairs") == []
    assert listed(api, curated_set, "examples")[0]["edited_response"] == ""


@pytest.mark.parametrize(
    ("edited", "code", "warning"),
    [
        ("Click on the link, and wait for the letter with a new password in your mail.", "accepted", ""),
        ("ok", "shrug", "The text has 2 characters that say nothing."),
        ("I'm sorry, but I can't help with that.", "refusal", "The text refuses at character 4."),
    ],
)
def test_an_edit_is_scored_and_one_that_looks_like_junk_is_stored_with_a_warning(
    api, curated_set, edited, code, warning
):
    decided = row(curated_set, response="Click on the button and wait for the letter in your mail.")

    answer = decide(api, decided, "edit", edited_response=edited)

    edit = answer.data["edit"]
    assert (answer.status_code, edit["edited_response"], edit["code"], edit["warning"]) == (200, edited, code, warning)
    assert edit["checks"] == assess(decided.prompt, edited).score
    decided.refresh_from_db()
    assert decided.reviewed_response == edited


def test_a_pair_is_kept_or_dropped_and_not_edited(api, curated_set):
    kept, dropped = (CuratedPairFactory(curated_set=curated_set, position=position) for position in range(2))
    count(curated_set)

    answers = [decide(api, kept, "keep"), decide(api, dropped, "drop")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert decide(api, kept, "edit", edited_response="Better.").status_code == 409
    assert [(one["id"], one["decision"]) for one in listed(api, curated_set, "pairs")] == [(kept.pk, "keep")]
    assert api.get(f"/api/v1/curated-sets/{curated_set.pk}").data["counts"]["pairs"] == 1


def test_a_row_is_found_by_its_event_if_that_has_one_row(api, curated_set):
    alone, twice = row(curated_set), row(curated_set, 1)
    pair = CuratedPairFactory(curated_set=curated_set, rejected_event_id=twice.event_id)
    count(curated_set)

    def patch(event_id):
        address = f"/api/v1/curated-sets/{curated_set.pk}/examples/{event_id}"
        return api.patch(address, {"decision": "drop"}, format="json")

    assert patch(alone.event_id).data == {"id": alone.pk, "decision": "drop"}
    assert patch(pair.chosen_event_id).data == {"id": pair.pk, "decision": "drop"}
    refused = patch(twice.event_id)
    assert refused.status_code == 409
    assert refused.data["errors"][0]["message"] == (
        f"The event has 2 rows in {curated_set}: {twice.pk}, {pair.pk}. Decide on one by its id."
    )
    assert patch("0199aaaa-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "decision", "required"),
        ({"decision": "maybe"}, "decision", "invalid_choice"),
        ({"decision": "edit"}, "edited_response", "required"),
        ({"decision": "edit", "edited_response": " \n"}, "edited_response", "required"),
        ({"decision": "keep", "edited_response": "Better."}, "edited_response", "invalid"),
        ({"decision": "keep", "by": "me"}, "by", "unknown_field"),
    ],
)
def test_an_invalid_decision_changes_nothing(api, curated_set, body, field, code):
    answer = api.patch(f"/api/v1/curated-sets/{curated_set.pk}/rows/{row(curated_set).pk}", body, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.data["errors"]] == [(field, code)]
    assert not RowDecision.objects.exists()


def test_an_edit_that_changes_nothing_is_refused(api, curated_set):
    answer = decide(api, row(curated_set, response="As it is."), "edit", edited_response=" As it  is.\n")

    assert answer.status_code == 409
    assert not RowDecision.objects.exists()
    assert not CuratedPair.objects.exists()


def test_rows_of_other_sets_and_of_decided_ones_are_not_decided_on(api, curated_set):
    other = row(CuratedSetFactory())
    decided = row(curated_set)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)

    refused = decide(api, decided, "drop")

    address = f"/api/v1/curated-sets/{curated_set.pk}/rows/{other.pk}"
    assert api.patch(address, {"decision": "drop"}, format="json").status_code == 404
    assert (refused.status_code, refused.data["errors"][0]["message"]) == (
        409,
        f"{curated_set} is approved; its rows stay as they are.",
    )


@pytest.mark.parametrize(("permissions", "expected"), [([], 403), (["review_curatedset"], 200)])
def test_deciding_needs_the_permission(curated_set, permissions, expected):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")

    assert decide(client, row(curated_set), "keep").status_code == expected


def test_what_is_approved_is_what_people_left(api, operator, curated_set):
    kept, dropped = row(curated_set), row(curated_set, 1)
    before = curated_set.content_hash
    decide(api, dropped, "drop")

    approved = approval.approve(curated_set.pk, by=operator)

    assert approved.content_hash != before
    only = CuratedSetFactory()
    same = CuratedExampleFactory(
        curated_set=only, event_id=kept.event_id, occurred_at=kept.occurred_at, prompt=kept.prompt
    )
    decide(api, row(only, 1), "drop")
    assert same.response == kept.response
    assert approval.approve(only.pk, by=operator).content_hash == approved.content_hash


def test_a_set_of_which_nothing_is_left_cannot_be_approved_and_one_with_a_kept_row_can(api, operator, curated_set):
    dropped, waits = row(curated_set), row(curated_set, 1, **WAITS)
    decide(api, dropped, "drop")

    with pytest.raises(approval.NothingToReview, match="Every row was dropped"):
        approval.approve(curated_set.pk, by=operator)

    decide(api, waits, "keep")
    assert approval.approve(curated_set.pk, by=operator).status == CuratedSetStatus.APPROVED


def test_a_decision_whose_score_could_not_be_recorded_is_recorded_by_the_sweep(api, curated_set, monkeypatch):
    decided, record = row(curated_set), rows.recording.record

    def fail(scores):
        raise OperationalError("The store is away.")

    monkeypatch.setattr(rows.recording, "record", fail)
    assert decide(api, decided, "keep").status_code == 200
    assert gold_of([decided.event_id]) == {}

    monkeypatch.setattr(rows.recording, "record", record)
    tasks.sweep()

    assert gold_of([decided.event_id]) == {str(decided.event_id): [1.0]}


def test_the_database_keeps_decisions(api, curated_set):
    decide(api, row(curated_set), "keep", note="Fine.")

    for change in ({"decision": "drop"}, {"note": "Bad."}):
        with pytest.raises(IntegrityError, match="decisions on rows are only added"), transaction.atomic():
            RowDecision.objects.update(**change)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)
    with pytest.raises(IntegrityError, match="decisions on rows are only added"), transaction.atomic():
        RowDecision.objects.all().delete()
    assert RowDecision.objects.update(note="") == 1


def test_an_erasure_counts_and_hashes_no_row_that_was_dropped(api, operator, curated_set):
    kept, dropped = (CuratedPairFactory(curated_set=curated_set, position=position) for position in range(2))
    count(curated_set)
    row(curated_set, user_hash="a" * 64)
    decide(api, dropped, "drop")

    assert erasure.erase_from(curated_set.pk, ["a" * 64], by=operator) == 1

    curated_set.refresh_from_db()
    assert (curated_set.pairs, curated_set.counts) == (1, {})
    assert curated_set.content_hash == content_hash([], [kept])
