"""A set leaves near-copies out, knows the rows of earlier sets, and says which rows repeat which."""

import pytest

from curation.choices import CopyMethod, LinkKind
from curation.models import CuratedSet, DuplicateLink
from curation.sets import building, requesting
from curation.sets.why import explain
from exports.choices import ExportStatus
from feedback.models import Evidence
from tests.curation.voting import edited, phrase, voted
from tests.exports.factories import ExportBatchFactory
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
QUESTION = "How long does the battery of the new model last when it is used outdoors in winter?"
ANSWER = "About eleven hours at zero degrees, and some nine hours when it is colder than minus ten degrees."


@pytest.fixture(autouse=True)
def _helpdesk(embedding):
    DeploymentFactory(id="helpdesk")


def curate(*strategies, **wanted):
    strategies = strategies or ("user_edit", "high_quality")
    return building.build(requesting.create("helpdesk", name="x", by=None, strategies=strategies, **wanted).pk)


def ids(curated_set):
    return [example.event_id for example in curated_set.examples.accepted().in_order()]


def export(curated_set, *, rows=()):
    """Publish the examples of a set, or these pairs."""
    CuratedSet.objects.filter(pk=curated_set.pk).update(status="approved")
    facts = {"status": ExportStatus.PUBLISHED, "rows": 1, "bytes": 1, "sha256": "a" * 64, "published_at": NOON}
    batch = ExportBatchFactory(curated_set=curated_set, **facts)
    for example in () if rows else curated_set.examples.accepted():
        batch.items.create(example=example, row_sha256="a" * 64)
    for pair in rows:
        batch.items.create(pair=pair, row_sha256="a" * 64)


def test_of_near_copies_the_edited_then_the_best_row_is_kept():
    copies = [
        voted(up=2, number=1, prompt=QUESTION, response=ANSWER),
        voted(up=4, number=2, prompt=QUESTION.replace("winter", "the winter"), response=ANSWER.upper()),
        voted(number=3, prompt=QUESTION + " Thanks!", response=ANSWER.replace("some nine hours", "two or three")),
    ]
    edited(copies[2], ANSWER)
    other = voted(up=3, number=4)

    curated_set = curate()

    assert ids(curated_set) == [copies[2].id, other.id]
    links = DuplicateLink.objects.filter(curated_set=curated_set)
    assert {(link.dropped_event_id, link.kind, link.kept_event_id) for link in links} == {
        (copies[0].id, LinkKind.DROPPED, copies[2].id),
        (copies[1].id, LinkKind.DROPPED, copies[2].id),
    }
    reasons = explain(copies[1].id, CuratedSet.objects.all()).reasons
    assert [reason.sentence for reason in reasons][-1].startswith(
        "It is a near-copy of a row that was kept: similarity"
    )


@pytest.mark.parametrize("strategy", ["high_quality", "diverse"])
@pytest.mark.parametrize(("votes", "kept"), [((2, 4, 3), 1), ((3, 3, 3), 2)])
def test_of_near_copies_the_best_row_is_kept_and_of_equals_the_earliest(strategy, votes, kept):
    prompts = [QUESTION, QUESTION.replace("long", "well"), f"{QUESTION} Tell me."]
    copies = [
        voted(up=up, number=number, prompt=prompt, response=ANSWER)
        for number, (up, prompt) in enumerate(zip(votes, prompts, strict=True))
    ]

    assert ids(curate(strategy)) == [copies[kept].id]


def test_equal_answers_are_judged_together_and_the_earliest_is_kept():
    copies = [voted(up=1, number=number, prompt=QUESTION, response=ANSWER) for number in range(3)]
    unvoted = voted(number=3, prompt=QUESTION.upper(), response=ANSWER)

    row = curate("high_quality").examples.get()

    assert (row.event_id, row.users) == (unvoted.id, 3)
    assert row.p_good == pytest.approx(27 / 28)
    assert [Evidence.objects.get(pk=one.id).p_good for one in copies] == [pytest.approx(0.75)] * 3


def test_another_answer_to_the_same_prompt_is_linked_and_kept():
    first = voted(up=4, number=1, prompt=QUESTION, response=ANSWER)
    second = voted(number=2, prompt=QUESTION, response="It depends.")
    edited(second, "It depends on the wind, and on how often the screen is switched on during the day.")

    curated_set = curate()

    assert ids(curated_set) == [second.id, first.id]
    (link,) = DuplicateLink.objects.filter(curated_set=curated_set)
    assert (link.kind, link.method, link.similarity) == (LinkKind.LINKED, CopyMethod.NORMALISED, 1.0)
    assert (link.dropped_event_id, link.kept_event_id, link.kept_example) == (first.id, second.id, None)


def test_a_row_like_one_of_an_earlier_set_is_linked_to_it():
    first = voted(up=3, number=1, prompt=QUESTION, response=ANSWER)
    earlier = curate()
    first_id = first.id
    first.delete()
    again = voted(up=3, number=2, prompt=QUESTION, response=ANSWER.lower())

    curated_set = curate()

    assert ids(curated_set) == [again.id]
    (link,) = DuplicateLink.objects.filter(curated_set=curated_set)
    assert (link.kind, link.kept_event_id, link.kept_example) == (LinkKind.LINKED, first_id, earlier.examples.get())


def test_only_new_repeats_nothing_that_was_exported():
    for number in range(3):
        voted(up=3, number=number)
    voted(up=3, number=5, prompt=QUESTION, response=ANSWER)
    first = curate()
    export(first)
    copy = voted(up=3, number=6, prompt=QUESTION, response=ANSWER.lower())
    new = voted(up=3, number=7)

    second = curate(only_new=True)

    assert (first.total, ids(second)) == (4, [new.id])
    assert second.funnel["high_quality"] == {"exported": 5, "accepted": 1}
    assert explain(copy.id, CuratedSet.objects.all()).reasons[-1].number == 1.0


def test_only_new_leaves_out_both_sides_of_exported_pairs():
    """The preference file of the first set holds no example."""
    sides = [
        voted(up=up, down=down, number=number, prompt=QUESTION)
        for number, (up, down) in enumerate([(3, 0), (0, 3)], start=1)
    ]
    first = curate()
    pair = first.pair_rows.get()
    export(first, rows=first.pair_rows.all())
    again = [voted(up=3, number=6), voted(down=3, number=7, prompt=QUESTION, response="Ask the shop.")]

    second = curate(only_new=True)

    assert [pair.chosen_event_id, pair.rejected_event_id] == [one.id for one in sides]
    assert second.funnel["high_quality"]["exported"] == 2
    assert ids(second) == [again[0].id]
    assert not second.pair_rows.exists()


def test_sets_that_were_not_exported_hold_nothing_back():
    voted(up=3, number=1)
    first = curate()

    assert ids(curate(only_new=True)) == ids(first)


def test_rows_of_other_deployments_are_not_compared():
    DeploymentFactory(id="shop")
    voted(up=3, number=1, prompt=QUESTION, response=ANSWER, deployment_id="shop")
    building.build(requesting.create("shop", name="x", by=None).pk)
    voted(up=3, number=2, prompt=QUESTION, response=ANSWER)

    curated_set = curate()

    assert curated_set.total == 1
    assert not DuplicateLink.objects.filter(curated_set=curated_set).exists()


def test_a_row_that_waits_is_not_known_to_later_sets():
    voted(number=1, prompt=QUESTION, response=ANSWER)
    curate("diverse")
    voted(up=3, number=2, prompt=QUESTION, response=f"{ANSWER} {phrase(1)}")

    curated_set = curate("high_quality")

    assert curated_set.total == 1
    assert not DuplicateLink.objects.filter(curated_set=curated_set).exists()
