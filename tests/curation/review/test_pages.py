"""The review pages, as a browser without JavaScript and one with it ask for them."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedExample, CuratedSet, RowDecision, RowReview
from curation.review import leasing, verdicts
from tests.curation.factories import DuplicateLinkFactory
from tests.curation.review.crowd import decision_of, set_of
from tests.factories import SignalFactory, UserFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def staff(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_curatedset", *permissions]))
    return user


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reviewer():
    return staff("review_curatedset")


@pytest.fixture
def client(reviewer):
    return browser(reviewer)


def overview(curated_set):
    return reverse("admin:curation_curatedset_review", args=[curated_set.pk])


def page(curated_set, row):
    return reverse("admin:curation_curatedset_review_row", args=[curated_set.pk, row.pk])


def start(client, curated_set, **which):
    """The row that is shown first."""
    answer = client.post(reverse("admin:curation_curatedset_review_next", args=[curated_set.pk]), which)
    assert answer.status_code == 302
    return row_of(answer["Location"])


def row_of(address):
    return CuratedExample.objects.get(pk=re.search(r"/review/(\d+)/", address).group(1))


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_set_leads_to_its_review_and_back(client, console, django_assert_max_num_queries):
    curated_set = set_of(2, pairs=1)

    assert (
        overview(curated_set)
        in client.get(reverse("admin:curation_curatedset_change", args=[curated_set.pk])).content.decode()
    )
    with django_assert_max_num_queries(12):
        shown = text(console.get(overview(curated_set)))
    assert "0 of 3" in shown
    assert "No one has reviewed a row of this set yet." in shown
    row = start(client, curated_set)
    answer = client.get(page(curated_set, row))
    assert reverse("admin:curation_curatedset_change", args=[curated_set.pk]) in answer.content.decode()
    verdicts.submit(row, "keep", by=answer.wsgi_request.user)
    assert "1 of 3" in text(client.get(overview(curated_set)))


def test_a_row_is_shown_with_all_that_is_known_of_it(console, django_assert_max_num_queries):
    curated_set = set_of(1)
    row = start(console, curated_set)
    CuratedExample.objects.filter(pk=row.pk).update(
        strategy=Strategy.USER_EDIT,
        edited_response="Open the settings page, choose Privacy and follow the link.",
        queue_reason="Its edit changes little.",
    )
    SignalFactory(event_id=row.event_id, comment="Thanks a lot")
    link = DuplicateLinkFactory(curated_set=curated_set, kept_event_id=row.event_id)

    with django_assert_max_num_queries(12):
        answer = console.get(page(curated_set, row))

    for part in (
        "<del>Security </del><ins>Privacy </ins>",
        "Its edit changes little.",
        "Thanks a lot",
        str(link.dropped_event_id)[:8],
        'data-key="r 1"',
        "Wrong",
    ):
        assert part in answer.content.decode()


def test_without_javascript_each_step_leads_to_the_next_row(client):
    curated_set = set_of(3)
    first = start(client, curated_set, order="position")

    second = row_of(client.post(page(curated_set, first), {"step": "keep", "order": "position"})["Location"])
    third = row_of(
        client.post(page(curated_set, second), {"reason": "wrong", "note": "No.", "order": "position"})["Location"]
    )
    answer = client.post(
        page(curated_set, third), {"step": "edit", "edited_response": "Call\r\nus.", "order": "position"}
    )

    assert answer["Location"] == overview(curated_set)
    assert [row.position for row in (first, second, third)] == [0, 1, 2]
    assert list(RowDecision.objects.values_list("decision", "reason", "edited_response", "note")) == [
        ("keep", "", "", ""),
        ("drop", "wrong", "", "No."),
        ("edit", "", "Call\nus.", ""),
    ]


def test_with_javascript_the_next_row_comes_in_the_answer(client, django_assert_max_num_queries):
    curated_set = set_of(2)
    first = start(client, curated_set, order="position", part="examples")

    answer = client.post(
        page(curated_set, first), {"step": "keep", "order": "position", "part": "examples"}, headers=HTMX
    )
    last = client.post(answer["HX-Replace-Url"], {"step": "keep", "part": "examples"}, headers=HTMX)

    second = row_of(answer["HX-Replace-Url"])
    assert (answer.status_code, second.position) == (200, 1)
    assert answer["HX-Replace-Url"].endswith("?order=position&part=examples")
    assert "1 of 2 decided, 1 left. You: 1, skipped 0" in text(answer)
    assert "<html" not in answer.content.decode()
    assert last["HX-Redirect"] == overview(curated_set)


def test_skip_next_previous_and_undo(client):
    curated_set = set_of(3)
    first = start(client, curated_set, order="position")

    def press(row, step):
        return row_of(client.post(page(curated_set, row), {"step": step, "order": "position"})["Location"])

    second = press(first, "skip")
    third = press(second, "next")
    assert press(third, "previous") == second
    assert press(second, "previous") == first
    assert press(first, "previous") == first
    assert press(first, "next") == second
    assert press(second, "keep") == first
    assert press(first, "undo") == second
    assert (decision_of(second), RowReview.objects.get(example=first).skipped_at is not None) == ("", True)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "Choose what to do with the row."),
        ({"step": "burn"}, 400, "Select a valid choice. burn is not one of the available choices."),
        ({"step": "edit", "edited_response": " "}, 400, "An edit needs the better answer."),
        ({"step": "edit", "edited_response": "Open it."}, 400, "The edited answer is the answer of the row"),
    ],
)
def test_what_cannot_be_stored_is_explained_and_what_was_typed_stays(client, body, status, message):
    curated_set = set_of(1)
    CuratedExample.objects.update(response="Open it.")
    row = start(client, curated_set)

    answer = client.post(page(curated_set, row), body | {"note": "My note"}, headers=HTMX)

    assert answer.status_code == status
    assert message in text(answer)
    assert "My note" in answer.content.decode()
    assert (decision_of(row), RowDecision.objects.count()) == ("", 0)


def test_who_loses_the_permission_gets_403_and_the_row_goes_on_to_others(client, reviewer):
    curated_set = set_of(1)
    row = start(client, curated_set)
    reviewer.user_permissions.remove(Permission.objects.get(codename="review_curatedset"))

    for answer in (client.post(page(curated_set, row), {"step": "keep"}), client.get(overview(curated_set))):
        assert answer.status_code == 403
    assert (decision_of(row), RowReview.objects.filter(submitted_at=None).count()) == ("", 1)
    RowReview.objects.update(leased_until="2026-01-01T00:00:00Z")
    assert start(browser(staff("review_curatedset")), curated_set) == row


def test_a_row_that_another_decided_meanwhile_is_left_as_it_is(client):
    curated_set = set_of(2)
    row = start(client, curated_set)
    CuratedExample.objects.filter(pk=row.pk).update(decision="drop")

    answer = client.post(page(curated_set, row), {"step": "keep"}, headers=HTMX)

    assert answer.status_code == 409
    assert "This row is decided already; nothing was changed." in text(answer)
    assert row_of(answer["HX-Replace-Url"]) != row
    assert decision_of(row) == "drop"


def test_only_who_decides_between_reviewers_sees_their_verdicts(client, reviewer):
    curated_set = set_of(1, reviews_per_row=2)
    row = start(client, curated_set)
    client.post(page(curated_set, row), {"step": "keep", "note": "Secret of the first"})
    other = staff("review_curatedset")
    judge = browser(staff("approve_curatedset"))
    assert start(browser(other), curated_set) == row
    before = [browser(other).get(page(curated_set, row)), judge.get(page(curated_set, row))]
    browser(other).post(page(curated_set, row), {"reason": "wrong"})

    assert all("Secret of the first" not in answer.content.decode() for answer in before)
    assert "Secret of the first" not in browser(other).get(page(curated_set, row)).content.decode()
    assert page(curated_set, row) in judge.get(overview(curated_set)).content.decode()
    assert page(curated_set, row) not in client.get(overview(curated_set)).content.decode()
    shown = judge.get(page(curated_set, row)).content.decode()
    assert all(name in shown for name in ("Secret of the first", "wrong", reviewer.username, other.username))
    assert judge.post(page(curated_set, row), {"step": "keep"})["Location"] == overview(curated_set)
    assert decision_of(row) == "keep"


def test_a_row_is_opened_and_put_back(client):
    curated_set = set_of(1)
    row = curated_set.examples.get()
    judge = browser(staff("approve_curatedset", "review_curatedset"))

    assert "This row is not reserved for you." in text(judge.get(page(curated_set, row)))
    judge.post(page(curated_set, row), {"step": "open"})
    assert "Keep" in text(judge.get(page(curated_set, row)))
    judge.post(page(curated_set, row), {"step": "keep"})
    assert "Decided: keep." in text(judge.get(page(curated_set, row)))
    assert client.post(page(curated_set, row), {"step": "requeue"}).status_code == 403
    judge.post(page(curated_set, row), {"step": "requeue"})
    assert (decision_of(row), start(client, curated_set)) == ("", row)


def test_the_number_of_reviewers_is_set_by_who_may_approve(client):
    curated_set = set_of(1)
    address = reverse("admin:curation_curatedset_reviewers", args=[curated_set.pk])
    judge = browser(staff("approve_curatedset"))

    assert client.post(address, {"reviews_per_row": 3, "overlap_percent": 20}).status_code == 403
    assert judge.post(address, {"reviews_per_row": 11, "overlap_percent": 20}).status_code == 400
    assert judge.post(address, {"reviews_per_row": 3, "overlap_percent": 12.5}).status_code == 302

    curated_set.refresh_from_db()
    assert (curated_set.reviews_per_row, curated_set.overlap_share) == (3, 0.125)
    assert "3 a row, for 12.5 % of the rows" in text(judge.get(overview(curated_set)))


def test_a_decided_set_is_not_reviewed(client):
    curated_set = set_of(1)
    row = leasing.take(curated_set, by=UserFactory(is_superuser=True))
    CuratedSet.objects.update(status=CuratedSetStatus.APPROVED)

    answer = client.post(page(curated_set, row), {"step": "keep"}, headers=HTMX)

    assert (answer.status_code, "is approved; its rows stay as they are." in text(answer)) == (409, True)
    assert client.post(reverse("admin:curation_curatedset_review_next", args=[curated_set.pk]))["Location"] == overview(
        curated_set
    )
