"""The review page by keyboard, and two reviewers of one set at once."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from curation.models import CuratedExample, DropReason, RowDecision, RowReview
from curation.review import leasing, verdicts
from tests.browser.test_pages import violations
from tests.curation.factories import CuratedPairFactory, DuplicateLinkFactory
from tests.curation.review.crowd import set_of
from tests.factories import SignalFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _reasons(transactional_db):
    for key, name in enumerate(["wrong", "incomplete"], start=1):
        DropReason.objects.get_or_create(code=name, defaults={"key": key, "name": name.capitalize()})


@pytest.fixture
def reviewer():
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_curatedset", "review_curatedset"]))
    return user


@pytest.fixture
def window(browser, live_server):
    """Open a browser in which this user is logged in; refused requests may be in its log."""
    contexts = []

    def opened(user, **options):
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def overview(curated_set):
    return reverse("admin:curation_curatedset_review", args=[curated_set.pk])


def start(page, curated_set):
    page.goto(overview(curated_set))
    page.get_by_role("button", name="Start").press("Enter")
    expect(page.locator("#review-row")).to_be_visible()


def row_id(page):
    return int(re.search(r"/review/(\d+)/", page.url).group(1))


def press(page, *keys):
    """Press keys, and wait until another row, or another page, is shown."""
    before = page.locator("#review-row").inner_text()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function(
        "before => document.querySelector('#review-row')?.innerText !== before", arg=before, timeout=10_000
    )


def test_ten_rows_take_at_most_twelve_keys(open_console):
    curated_set = set_of(10)
    page = open_console()
    page.goto(overview(curated_set))

    page.keyboard.press("Enter")
    expect(page.locator("#review-row")).to_be_visible()
    for _ in range(9):
        press(page, "a")
    page.keyboard.press("a")

    expect(page.get_by_text("10 of 10")).to_be_visible()
    assert RowDecision.objects.filter(decision="keep").count() == 10


def test_every_key_does_what_its_button_shows(open_console):
    curated_set = set_of(6)
    page = open_console()
    start(page, curated_set)
    first = row_id(page)

    press(page, "r", "2")
    press(page, "s")
    press(page, "k")
    press(page, "j")
    page.keyboard.press("?")
    expect(page.get_by_text("Keys are off while you type.")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("e")
    answer = page.get_by_label("Better answer")
    expect(answer).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Ask Sarah, a nurse.")
    third = row_id(page)
    press(page, "Control+Enter")
    press(page, "u")

    assert row_id(page) == third
    expect(answer).to_have_value("Ask Sarah, a nurse.")
    assert CuratedExample.objects.get(pk=first).decision == "drop"
    assert RowDecision.objects.get(example=first).reason == "incomplete"
    assert list(RowDecision.objects.filter(example=third).values_list("decision", flat=True)) == ["edit", ""]


def test_two_reviewers_at_once_one_loses_the_permission_and_one_closes_the_lid(window, reviewer):
    curated_set = set_of(6)
    other = UserFactory(is_staff=True, is_superuser=True)
    ann, bob = window(reviewer), window(other)
    start(ann, curated_set)
    start(bob, curated_set)
    assert row_id(ann) != row_id(bob)
    press(ann, "a")
    press(bob, "a")
    assert row_id(ann) != row_id(bob)

    lost = row_id(ann)
    ann.keyboard.press("e")
    ann.get_by_label("Better answer").fill("Half a sentence")
    reviewer.user_permissions.remove(Permission.objects.get(codename="review_curatedset"))
    ann.get_by_label("Better answer").press("Control+Enter")
    expect(ann.get_by_role("alert")).to_contain_text("you no longer have the permission")
    expect(ann.get_by_label("Better answer")).to_have_value("Half a sentence")
    assert violations(ann) == []
    assert CuratedExample.objects.get(pk=lost).decision == ""

    ann.context.close()
    RowReview.objects.filter(reviewer=reviewer).exclude(leased_until=None).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )
    for _ in range(3):
        press(bob, "a")
    bob.keyboard.press("a")
    expect(bob.get_by_text("6 of 6")).to_be_visible()
    assert RowDecision.objects.count() == 6
    assert set(RowDecision.objects.values_list("example", flat=True)) == set(
        curated_set.examples.values_list("pk", flat=True)
    )


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_review_pages_have_no_barrier(open_console, operator, theme, width):
    curated_set = set_of(2, reviews_per_row=2)
    row, disputed = curated_set.examples.in_order()
    edited = "Open the settings page, choose Privacy, and follow the link that you find there."
    CuratedExample.objects.filter(pk=row.pk).update(
        strategy="user_edit", edited_response=edited, queue_reason="The edit changes little.", p_good=0.52
    )
    SignalFactory(event_id=row.event_id, comment="Thanks")
    DuplicateLinkFactory(curated_set=curated_set, kept_event_id=row.event_id)
    pair = CuratedPairFactory(curated_set=curated_set, position=0)
    users = [UserFactory(is_superuser=True) for _ in range(2)]
    verdicts.submit(disputed, "edit", by=users[0], edited_response="Write to us.", note="It is outdated.")
    verdicts.submit(disputed, "drop", by=users[1], reason="wrong")
    leasing.open_row(row, by=operator)
    leasing.open_row(pair, by=operator)
    page = open_console(theme=theme, width=width)
    found = []

    addresses = [
        overview(curated_set),
        *(
            reverse("admin:curation_curatedset_review_row", args=[curated_set.pk, one.pk])
            for one in (row, disputed, pair)
        ),
    ]
    for address in addresses:
        page.goto(address)
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    assert found == []
