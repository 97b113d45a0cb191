"""The page on which reviewers compare two answers, without a browser."""

import re

import pytest
from django.urls import reverse

from curation.choices import CuratedSetStatus
from curation.models import Comparison, CuratedPair, CuratedSet
from tests.curation.factories import CuratedSetFactory
from tests.curation.review.comparisons.rival_answers import LONG, SHORT, rivals
from tests.curation.test_admin import staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def curated_set():
    return CuratedSetFactory(strategies=["high_quality"])


def address(curated_set):
    return reverse("admin:curation_curatedset_compare", args=[curated_set.pk])


def step(client, curated_set, name, comparison=""):
    return client.post(
        address(curated_set), {"step": name, "comparison": getattr(comparison, "pk", comparison)}, follow=True
    ).content.decode()


def shown_as(text, position):
    """The text of the answer at a position."""
    return re.search(rf'aria-label="Answer {position}">(.*?)</section>', text, re.DOTALL)[1]


def test_both_answers_are_shown_without_what_is_known_of_them(console, curated_set, django_assert_max_num_queries):
    rivals(curated_set, p_good=0.8125, model_version_id="v-best", users=7)

    with django_assert_max_num_queries(12):
        page = console.get(address(curated_set)).content.decode()

    answers = shown_as(page, "A") + shown_as(page, "B")
    assert (LONG in answers, SHORT in answers) == (True, True)
    assert "How do I reset password 0?" in page
    assert [hidden for hidden in ("0.81", "v-best", "High quality") if hidden in page] == []
    assert "0 of 1 compared" in page
    assert re.findall(r'data-key="(.)"', page) == list("12tbsu?")


def test_a_verdict_leads_to_the_next_comparison_and_is_taken_back(console, curated_set):
    first, second = (rivals(curated_set, position, gap=position / 10) for position in range(2))
    page = console.get(address(curated_set)).content.decode()
    preferred = LONG if LONG in shown_as(page, "B") else SHORT

    page = step(console, curated_set, "b", first)

    assert (CuratedPair.objects.get().chosen, Comparison.objects.get(pk=first.pk).position_chosen) == (preferred, "b")
    assert "How do I reset password 1?" in page
    assert "1 of 2 compared" in page
    assert "All comparisons of this set are decided." in step(console, curated_set, "tie", second)
    assert "How do I reset password 1?" in step(console, curated_set, "undo")
    assert "How do I reset password 0?" in step(console, curated_set, "undo")
    assert not CuratedPair.objects.exists()
    assert "You have no verdict of the last 10 minutes to take back." in step(console, curated_set, "undo")


def test_a_skipped_comparison_comes_back_last(console, curated_set):
    first, second = (rivals(curated_set, position, gap=position / 10) for position in range(2))
    console.get(address(curated_set))

    assert "How do I reset password 1?" in step(console, curated_set, "skip", first)
    assert "How do I reset password 0?" in step(console, curated_set, "skip", second)


def test_a_verdict_on_what_another_reviewer_holds_is_refused(console, curated_set):
    comparison = rivals(curated_set)
    other = staff_with("review_curatedset", "view_curatedset")
    assert LONG in other.get(address(curated_set)).content.decode()

    page = step(console, curated_set, "a", comparison)

    assert "Another reviewer has this comparison, or it is decided." in page
    assert "Other reviewers have the remaining comparisons open." in page
    assert not CuratedPair.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "0", "987654321"])
def test_an_unknown_comparison_is_not_found(console, curated_set, number):
    rivals(curated_set)

    assert console.post(address(curated_set), {"step": "a", "comparison": number}).status_code == 404


def test_the_page_needs_both_permissions_and_an_open_set(console, curated_set):
    rivals(curated_set)

    assert staff_with("view_curatedset").get(address(curated_set)).status_code == 403
    assert staff_with("review_curatedset").get(address(curated_set)).status_code == 403
    assert console.get(reverse("admin:curation_curatedset_compare", args=[0])).status_code == 404
    CuratedSet.objects.update(status=CuratedSetStatus.APPROVED)
    assert "is approved; its answers are not compared." in console.get(address(curated_set)).content.decode()
    assert "This set has no two answers" in console.get(address(CuratedSetFactory())).content.decode()


@pytest.mark.parametrize(
    ("chose_a", "n", "sentence"),
    [
        (4, 9, "Position bias: not enough data, 9 of 10 preferences."),
        (
            8,
            12,
            "A was preferred in 67 % of 12 preferences (95 % interval 39 % to 86 %). The order is random; no position",
        ),
        (
            11,
            12,
            "A was preferred in 92 % of 12 preferences (95 % interval 65 % to 99 %). The order is random, so review",
        ),
    ],
)
def test_the_share_of_preferences_for_a_is_reported(console, operator, curated_set, chose_a, n, sentence):
    for position in range(n + 1):
        rivals(curated_set, position)
    verdicts = ["a"] * chose_a + ["b"] * (n - chose_a) + ["tie"]
    for comparison, verdict in zip(Comparison.objects.all(), verdicts, strict=True):
        Comparison.objects.filter(pk=comparison.pk).update(
            verdict=verdict, reviewer=operator, is_reversed=False, decided_at=comparison.example.occurred_at
        )

    assert sentence in console.get(address(curated_set)).content.decode()
