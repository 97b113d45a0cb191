"""The page of a set: its three lists, its funnel, what was asked for, and the progress of its build."""

import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from curation.choices import BuildStage, CuratedSetStatus, Decision, Split
from curation.models import CuratedPair, CuratedSet
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.curation.test_admin import action, page_of, staff_with

pytestmark = pytest.mark.django_db
FUNNEL = {
    "gates": {"refused": 30, "filtered": 20, "passed": 950},
    "user_edit": {"refused": 28, "filtered": 20, "no_edit": 940, "accepted": 2, "queued": 1},
    "high_quality": {"refused": 30, "filtered": 20, "no_evidence": 900, "below_floor": 47, "accepted": 3},
}


def page(console, curated_set, **query):
    return console.get(page_of(curated_set), query).content.decode()


def table(text, label):
    """The cells of each line of a table."""
    part = re.search(f'aria-label="{label}">(.*?)</table>', text, re.DOTALL).group(1)
    lines = re.findall(r"<tr[^>]*>(.*?)</tr>", part, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]


def test_examples_queue_and_pairs_have_a_list_each(console, django_assert_max_num_queries):
    curated_set = CuratedSetFactory(examples=2, examples__reason="It is good.")
    CuratedExampleFactory(curated_set=curated_set, position=2, queue_reason="Its edit changes little.")
    pair = CuratedPairFactory(curated_set=curated_set, position=0)
    # A process asks for the content type once.
    ContentType.objects.get_for_model(CuratedSet)

    with django_assert_max_num_queries(12):
        examples = page(console, curated_set)
    queue, pairs = page(console, curated_set, rows="queue"), page(console, curated_set, rows="pairs")

    for name in ("Examples 2", "Queue 1", "Pairs 1"):
        assert name in examples
    assert (examples.count("It is good."), examples.count("Its edit changes little.")) == (2, 0)
    assert (queue.count("It is good."), queue.count("Its edit changes little.")) == (0, 1)
    assert reverse("admin:curation_curatedpair_change", args=[pair.pk]) in pairs
    for text in (pair.chosen, pair.rejected, "Votes", "0.62"):
        assert text in pairs


@pytest.mark.parametrize(
    ("query", "shown"), [({}, 25), ({"rows_page": "2"}, 2), ({"rows_page": "x"}, 25), ({"rows_page": "99"}, 2)]
)
def test_each_list_is_paged(console, query, shown):
    curated_set = CuratedSetFactory(examples=27, examples__reason="seen", with_pairs=27, with_pairs__chosen="sunny")

    assert page(console, curated_set, **query).count("seen") == shown
    assert page(console, curated_set, rows="pairs", **query).count("sunny") == shown


def test_dropped_pairs_are_neither_listed_nor_counted(console):
    curated_set = CuratedSetFactory(with_pairs=2)
    curated_set.pair_rows.filter(position=0).update(decision=Decision.DROP)

    assert "Pairs 1" in page(console, curated_set, rows="pairs")


def test_the_first_list_with_rows_is_shown(console):
    curated_set = CuratedSetFactory(content_hash="", error="No row passed; 1 waits in the queue for a person.")
    CuratedExampleFactory(curated_set=curated_set, queue_reason="Its edit changes little.")

    assert "Its edit changes little." in page(console, curated_set)
    assert "No row passed every gate." in page(console, curated_set, rows="examples")


def test_counts_of_the_funnel_add_up(console):
    curated_set = CuratedSetFactory(candidates=1_000, funnel=FUNNEL, strategies=["user_edit", "high_quality"])

    text = page(console, curated_set)

    assert table(text, "Gates") == [
        ["Outcome", "Events"],
        ["Outside the filters", "20"],
        ["Refusals", "30"],
        ["Passed", "950"],
        ["Events read", "1,000"],
    ]
    assert table(text, "Strategies") == [
        ["Outcome", "User edit", "High quality"],
        ["Stopped at a gate", "48", "50"],
        ["Not considered", "9", "–"],
        ["Without evidence", "–", "900"],
        ["Below the floor of p_good", "–", "47"],
        ["Without an edit", "940", "–"],
        ["In the queue", "1", "–"],
        ["Accepted", "2", "3"],
        ["Events read", "1,000", "1,000"],
    ]


@pytest.mark.parametrize(
    ("influence", "words"),
    [
        (
            {"rows": 5, "of": 120, "people": 34},
            "Largest influence of one person: 5 of 120 examples. 34 people contribute.",
        ),
        ({"rows": 1, "of": 1, "people": 1}, "Largest influence of one person: 1 of 1 example. 1 person contributes."),
        ({"rows": 0, "of": 9, "people": 20}, "No example rests on one person. 20 people contribute."),
        ({}, None),
    ],
)
def test_influence_is_told_in_words(console, influence, words):
    text = page(console, CuratedSetFactory(influence=influence))

    assert words in text if words else "Influence" not in text


def test_the_request_is_shown_as_it_was_asked(console):
    curated_set = CuratedSetFactory(
        filters={
            "from": "2026-03-01T12:00:00+00:00",
            "tags": ["vip", "billing"],
            "metadata": {"plan": "pro", "seats": 3},
            "min_p_good": 0.8,
            "event_ids": ["a", "b"],
        },
        parameters={"high_quality": {"min_p_good": 0.95}},
        shares={"user_edit": 0.3},
        segments={"key": "language", "shares": {"de": 0.25}},
        splits={"validation": 0.1, "test": 0.05},
        only_new=True,
    )

    text = page(console, curated_set)

    for name, value in (
        ("From", "2026-03-01 12:00 UTC"),
        ("Tags, all of", "vip, billing"),
        ("Metadata", "plan = pro, seats = 3"),
        ("p_good, at least", "0.8"),
        ("Events by id", "2"),
        ("High quality", "min_p_good 0.95"),
        ("Shares", "User edit 30%"),
        ("Shares by language", "de 25%"),
        ("Held out, share of groups", "validation 10%, test 5%"),
        ("Only new", "events that no published export holds, in an example or a pair"),
    ):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in text


@pytest.mark.parametrize(("splits", "shown"), [({"test": 0.2}, True), ({}, False)])
def test_a_set_that_holds_rows_out_shows_the_split_of_each(console, splits, shown):
    curated_set = CuratedSetFactory(splits=splits, examples=2)
    CuratedExampleFactory(curated_set=curated_set, position=2, split=Split.TEST)
    CuratedExampleFactory(curated_set=curated_set, position=3, split=Split.TEST, queue_reason="It waits.")

    text = page(console, curated_set)

    counts = {"Train": 2, "Validation": 0, "Test": 1}
    assert [f"<dt>{name}</dt><dd>{count}</dd>" in text for name, count in counts.items()] == [shown] * 3
    assert (text.count('cf-quiet">Train</span>'), text.count('cf-quiet">Test</span>')) == ((2, 1) if shown else (0, 0))


def building(**fields):
    return CuratedSetFactory(status=CuratedSetStatus.BUILDING, content_hash="", built_at=None, **fields)


def test_a_build_shows_how_far_it_is_and_reloads_at_its_end(console):
    curated_set = building(stage=BuildStage.READING, stage_done=3_000, stage_total=20_000)
    address = reverse("admin:curation_curatedset_progress", args=[curated_set.pk])

    assert "Reading events: 3,000 of 20,000" in page(console, curated_set)
    assert "Reading events: 3,000 of 20,000" in console.get(address).content.decode()
    CuratedSet.objects.update(status=CuratedSetStatus.DRAFT)
    assert console.get(address).headers["HX-Refresh"] == "true"
    assert console.get(reverse("admin:curation_curatedset_progress", args=[0])).status_code == 404


def test_a_build_is_cancelled_once(console, operator):
    curated_set = building(name="weekly", version=1)

    console.get(action(curated_set, "cancel"))
    assert CuratedSet.objects.get().status == CuratedSetStatus.BUILDING
    for _ in range(2):
        console.post(action(curated_set, "cancel"), {"_form_submitted": True})

    curated_set.refresh_from_db()
    assert (curated_set.status, curated_set.cancelled_by) == (CuratedSetStatus.DRAFT, operator)
    text = page(console, curated_set)
    for sentence in (
        f"{operator.username} cancelled the build.",
        "The build of weekly v1.0.0 of helpdesk is cancelled.",
        "weekly v1.0.0 of helpdesk is already built.",
    ):
        assert sentence in text


def test_cancelling_needs_the_permission():
    curated_set = building()
    client = staff_with("view_curatedset", "change_curatedset")

    assert client.post(action(curated_set, "cancel"), {"_form_submitted": True}).status_code == 403
    assert staff_with().get(reverse("admin:curation_curatedset_progress", args=[curated_set.pk])).status_code == 403
    assert CuratedSet.objects.get().status == CuratedSetStatus.BUILDING


def test_a_pair_is_shown_in_full(console, django_assert_max_num_queries):
    pair = CuratedPairFactory(
        messages=[
            {"role": "system", "content": "<b>Be kind.</b>"},
            {"role": "user", "content": [{"type": "text", "text": "Which city is this?"}]},
        ],
        chosen_message={"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]},
        chosen="",
    )

    with django_assert_max_num_queries(12):
        text = console.get(reverse("admin:curation_curatedpair_change", args=[pair.pk])).content.decode()

    for part in ("&lt;b&gt;Be kind.&lt;/b&gt;", "Which city is this?", "tool_calls", pair.rejected, "v1", "v2", "0.62"):
        assert part in text
    for event_id in (pair.chosen_event_id, pair.rejected_event_id):
        assert reverse("admin:feedback_event_change", args=[event_id]) in text


@pytest.mark.parametrize("model", ["curatedexample", "curatedpair"])
def test_rows_are_listed_by_set_only(console, model):
    answer = console.get(reverse(f"admin:curation_{model}_changelist"))

    assert answer.headers["Location"] == reverse("admin:curation_curatedset_changelist")


def test_a_pair_needs_the_right_to_view_sets():
    pair = CuratedPairFactory()
    address = reverse("admin:curation_curatedpair_change", args=[pair.pk])

    assert staff_with("view_curatedset").get(address).status_code == 200
    assert staff_with().get(address).status_code == 403
    assert CuratedPair.objects.count() == 1
