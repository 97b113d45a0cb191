"""Rows that a person adds to a draft."""

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from curation import erasure
from curation.choices import CuratedSetStatus, Strategy
from curation.models import ContaminatedEvent, CuratedExample, CuratedSet, DuplicateLink, RowDecision
from curation.review import adding, approval
from curation.splits.assignment import Shares, group_of, split_of
from feedback.access import keys
from feedback.models import Deployment, TrainingObjection
from tests.curation.factories import CuratedSetFactory
from tests.factories import ALL_SCOPES, DeploymentFactory, EventFactory, UserFactory

pytestmark = pytest.mark.django_db
QUESTION = "How many clips did Natalia sell altogether in April and in the month of May?"


@pytest.fixture
def curated_set():
    return CuratedSetFactory(strategies=[Strategy.HIGH_QUALITY], examples=1)


def register(api, question):
    file = SimpleUploadedFile("questions.csv", f"question\n{question}\n".encode())
    assert api.post("/api/v1/evaluation-sets", {"name": "gsm8k", "file": file}, format="multipart").status_code == 201


def post(api, curated_set, *event_ids):
    body = {"event_ids": [str(event_id) for event_id in event_ids]}
    return api.post(f"/api/v1/curated-sets/{curated_set.pk}/examples", body, format="json")


def outcomes(answer):
    return [result["outcome"] for result in answer.data["results"]]


def test_each_event_has_an_outcome_of_its_own(api, operator, curated_set):
    register(api, QUESTION)
    there = curated_set.examples.get()
    EventFactory(pk=there.event_id)
    good = EventFactory(prompt="Where is my invoice?", response="Under Billing.", user_hash="u" * 64)
    objected, asked = EventFactory(user_hash="a" * 64), EventFactory(prompt=f"Please: {QUESTION}")
    TrainingObjection.objects.create(user_hash="a" * 64, by=operator)
    closed = EventFactory(training_allowed=False)
    other = EventFactory(deployment_id=DeploymentFactory(id="shop").pk)
    events = [good.pk, there.event_id, objected.pk, closed.pk, asked.pk, other.pk, uuid.uuid4(), good.pk]

    answer = post(api, curated_set, *events)

    assert answer.status_code == 200
    assert outcomes(answer) == [
        "added",
        "already_there",
        "not_allowed",
        "not_allowed",
        "contaminated",
        "gone",
        "gone",
    ]
    row = CuratedExample.objects.get(event_id=good.pk)
    assert answer.data["results"][0] == {"event_id": str(good.pk), "outcome": "added", "detail": "", "row": row.pk}
    assert answer.data["results"][1]["row"] == there.pk
    assert answer.data["results"][4]["detail"].startswith("It is in an evaluation set: gsm8k, row 1: “")
    assert answer.data["added"] == 1
    assert (row.strategy, row.position, row.prompt, row.response, row.user_hash, row.reason, row.decision) == (
        "manual",
        1,
        "Where is my invoice?",
        "Under Billing.",
        "u" * 64,
        f"Added by {operator.username}.",
        "",
    )
    assert ContaminatedEvent.objects.get().event_id == asked.pk
    assert not RowDecision.objects.exists()


def test_added_rows_are_counted_hashed_approved_and_explained(api, operator, curated_set):
    event = EventFactory()
    before = curated_set.content_hash

    post(api, curated_set, event.pk)

    curated_set.refresh_from_db()
    assert curated_set.counts == {"high_quality": 1, "manual": 1}
    assert curated_set.content_hash != before
    why = api.get(f"/api/v1/events/{event.pk}/why").data
    assert (why["included"], [(one["strategy"], one["sentence"]) for one in why["reasons"]]) == (
        "examples",
        [("manual", f"Added by {operator.username}.")],
    )
    approved = approval.approve(curated_set.pk, by=operator)
    assert approved.content_hash == curated_set.content_hash


def test_a_person_overrides_the_gates_of_quality(api, curated_set):
    refused = EventFactory(response="", prompt="Where?")

    answer = post(api, curated_set, refused.pk)

    assert outcomes(answer) == ["added"]
    assert answer.data["results"][0]["detail"] == "A build leaves out answers without an answer."


def test_a_row_that_repeats_another_is_linked_to_it(api, curated_set):
    there = curated_set.examples.get()
    same = EventFactory(prompt=there.prompt, response=there.response)

    answer = post(api, curated_set, same.pk)

    link = DuplicateLink.objects.get()
    assert (link.dropped_event_id, link.kept_event_id, link.kind) == (same.pk, there.event_id, "linked")
    assert answer.data["results"][0]["detail"] == f"Its prompt is like that of event {there.event_id}."


def test_added_rows_are_split_and_none_is_a_copy_of_a_held_out_one(api):
    shares = {"validation": 0.0, "test": 0.5}
    curated_set = CuratedSetFactory(splits=shares)
    users = {}
    for number in range(100):
        group = group_of(session_hash="", user_hash=f"{number:064}", prompt="")
        split = split_of(group, salt="helpdesk", shares=Shares(0.5, 0.0, 0.5))
        users.setdefault(split, f"{number:064}")
    prompt = "Where do I find the invoice of May?"
    held_out = EventFactory(prompt=prompt, user_hash=users["test"], session_hash="")
    copied = EventFactory(prompt=f"{prompt}!", user_hash=users["train"], session_hash="")

    first, second = post(api, curated_set, held_out.pk), post(api, curated_set, copied.pk)

    assert (outcomes(first), outcomes(second)) == (["added"], ["contaminated"])
    assert second.data["results"][0]["detail"] == "Its prompt is a near-copy of a held-out one."
    assert curated_set.examples.get().split == "test"


@pytest.mark.parametrize("status", [CuratedSetStatus.IN_REVIEW, CuratedSetStatus.APPROVED, CuratedSetStatus.BUILDING])
def test_rows_are_added_to_a_draft_alone(api, curated_set, status):
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=status)

    answer = post(api, curated_set, EventFactory().pk)

    assert answer.status_code == 409
    assert answer.data["errors"][0]["message"].endswith("rows are added to a draft alone.")
    assert CuratedExample.objects.count() == 1


def test_a_deployment_without_training_adds_nothing(api, curated_set):
    event = EventFactory()
    Deployment.objects.update(training_allowed=False)

    assert outcomes(post(api, curated_set, event.pk)) == ["not_allowed"]


def test_a_draft_of_which_the_build_found_nothing_can_be_filled(api):
    empty = CuratedSetFactory(content_hash="", error="Nothing to curate.")

    post(api, empty, EventFactory().pk)

    empty.refresh_from_db()
    assert (empty.error, empty.total, bool(empty.content_hash)) == ("", 1, True)


def test_an_erasure_removes_added_rows(api, operator, curated_set):
    event = EventFactory(user_hash="a" * 64)
    post(api, curated_set, event.pk)

    assert erasure.open_sets(["a" * 64]) == [curated_set.pk]
    assert erasure.erase_from(curated_set.pk, ["a" * 64], by=operator) == 1
    assert not CuratedExample.objects.filter(event_id=event.pk).exists()


def test_an_event_that_is_erased_while_it_is_added_is_gone(operator, curated_set, monkeypatch):
    event = EventFactory()
    compare = adding._compare

    def compare_while_erasing(*arguments):
        compare(*arguments)
        event.delete()

    monkeypatch.setattr(adding, "_compare", compare_while_erasing)

    (result,) = adding.add(curated_set.pk, [str(event.pk)], by=operator)

    assert result.outcome == "gone"
    assert CuratedExample.objects.count() == 1


def test_adding_needs_the_permission(curated_set):
    user = UserFactory()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {keys.create(user, 'test', ALL_SCOPES)[1]}")
    event = EventFactory()

    assert post(client, curated_set, event.pk).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename="review_curatedset"))
    assert outcomes(post(client, curated_set, event.pk)) == ["added"]


@pytest.mark.parametrize(
    ("body", "field"), [({}, "event_ids"), ({"event_ids": []}, "event_ids"), ({"event_ids": ["x"]}, "event_ids.0")]
)
def test_an_invalid_request_adds_nothing(api, curated_set, body, field):
    answer = api.post(f"/api/v1/curated-sets/{curated_set.pk}/examples", body, format="json")

    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == field


def test_events_of_a_list_are_chosen_and_added_in_the_console(console, curated_set, django_assert_max_num_queries):
    wanted, other = EventFactory(prompt="How much?"), EventFactory(prompt="How long?")
    EventFactory(deployment_id=DeploymentFactory(id="shop").pk, prompt="Which shop?")
    address = f"{reverse('admin:feedback_event_add_to_set')}?deployment_id=helpdesk"
    listed = console.get(reverse("admin:feedback_event_changelist"), {"deployment_id": "helpdesk"})
    assert f'href="{address}"' in listed.text

    with django_assert_max_num_queries(12):
        page = console.get(address)
    answer = console.post(address, {"curated_set": curated_set.pk, "events": [str(wanted.pk)]})

    for text in ("How much?", "How long?", str(curated_set)):
        assert text in page.text
    assert "Which shop?" not in page.text
    assert "1 of 1 event added" in answer.text
    assert not CuratedExample.objects.filter(event_id=other.pk).exists()
    assert CuratedExample.objects.get(event_id=wanted.pk).strategy == "manual"


def test_the_events_of_a_session_and_a_single_one_lead_to_the_same_page(console, curated_set):
    one = EventFactory(prompt="How much?", session_hash="5" * 64)
    EventFactory(prompt="How long?")
    names = {"deployment_id": "helpdesk", "session_hash": "5" * 64}
    address = reverse("admin:feedback_event_add_to_set")

    session = console.get(reverse("admin:feedback_event_session"), names).text
    event = console.get(reverse("admin:feedback_event_change", args=[one.pk])).text

    assert f'href="{address}?deployment_id=helpdesk&amp;session_hash={"5" * 64}"' in session
    assert f'href="{address}?event_id={one.pk}"' in event
    for query in (names, {"event_id": one.pk}):
        page = console.get(address, query).text
        assert ("How much?" in page, "How long?" in page) == (True, False)
    assert console.get(address, {"event_id": "x"}).status_code == 400


def test_the_console_says_what_is_missing(console):
    address = reverse("admin:feedback_event_add_to_set")
    assert "There are no such events." in console.get(address).text
    EventFactory()
    assert "There is no draft to add them to." in console.get(address).text
    curated_set = CuratedSetFactory()
    assert "Choose at least one event." in console.post(address, {"curated_set": curated_set.pk}).text
