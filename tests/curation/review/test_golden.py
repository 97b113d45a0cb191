"""Golden sets: marked, kept out of training, used and erased."""

import pytest
from django.urls import reverse

from curation import erasure
from curation.choices import CuratedSetStatus, Decision, Strategy
from curation.models import (
    ContaminatedEvent,
    CuratedExample,
    CuratedPair,
    CuratedSet,
    GoldenRow,
    GoldenSet,
    RowDecision,
)
from curation.removal import remove_unapproved
from curation.review import adding, approval, golden, reopening, rows
from curation.sets import building
from feedback.evidence.keeping.gold import gold_of
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory, GoldenSetFactory
from tests.curation.voting import voted
from tests.factories import DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db
PROMPT = "Where do I find the invoice of the month of May in my account?"
EXAMPLES = {"part": "examples"}


@pytest.fixture
def curated_set():
    return CuratedSetFactory()


def row(curated_set, position=0, **fields):
    return CuratedExampleFactory(curated_set=curated_set, position=position, event_id=EventFactory().pk, **fields)


def edit(operator, curated_set, position=0, **fields):
    """A row whose answer a reviewer wrote."""
    made = row(curated_set, position, **{"prompt": PROMPT, **fields})
    return rows.decide(made, Decision.EDIT, by=operator, edited_response="Under Billing.")


def mark(api, curated_set, where=EXAMPLES, **body):
    address = f"/api/v1/curated-sets/{curated_set.pk}/rows/golden"
    return api.post(address, {"where": where, "golden_set": "core", **body}, format="json")


def decisions():
    return dict(CuratedExample.objects.values_list("pk", "decision"))


def test_rows_with_an_answer_of_a_person_are_counted_marked_and_leave_training(api, operator, curated_set):
    reviewed = edit(operator, curated_set)
    by_user = row(
        curated_set, 1, strategy=Strategy.USER_EDIT, edited_response="Open it.", editor_hash="e" * 64, prompt="How?"
    )
    row(curated_set, 2, prompt="Of the model?")
    row(curated_set, 3, strategy=Strategy.USER_EDIT, edited_response="Doubtful.", queue_reason="It changes little.")

    counted = mark(api, curated_set, dry_run=True)
    marked = mark(api, curated_set, expected=2)

    assert counted.data == {"dry_run": True, "count": 2, "golden_set": None}
    golden_set = GoldenSet.objects.get()
    assert (marked.status_code, marked.data) == (200, {"dry_run": False, "count": 2, "golden_set": golden_set.pk})
    listed = api.get(f"/api/v1/golden-sets/{golden_set.pk}/rows").data["results"]
    assert [(one["event_id"], one["prompt"], one["reference"], one["author"], one["uses"]) for one in listed] == [
        (str(reviewed.event_id), PROMPT, "Under Billing.", "reviewer", 0),
        (str(by_user.event_id), "How?", "Open it.", "user", 0),
    ]
    assert {pk for pk, decision in decisions().items() if decision == "drop"} == {reviewed.pk, by_user.pk}
    assert not CuratedPair.objects.exists()
    assert set(RowDecision.objects.filter(decision="drop").values_list("reason", "score")) == {("golden", None)}
    assert gold_of([reviewed.event_id]) == {str(reviewed.event_id): [0.0]}
    curated_set.refresh_from_db()
    assert curated_set.counts == {"high_quality": 1}


def test_undecided_sets_of_the_deployment_drop_rows_and_pairs_with_a_golden_prompt(api, operator, curated_set):
    other, shop = (
        CuratedSetFactory(name="other"),
        CuratedSetFactory(deployment=DeploymentFactory(id="shop"), name="shop"),
    )
    decided = CuratedSetFactory(name="decided")
    copies = [row(one, prompt=f"Hello. {PROMPT}") for one in (other, shop, decided)]
    waits = row(other, 1, prompt=PROMPT.upper(), queue_reason="No evidence.")
    pair = CuratedPairFactory(curated_set=other, prompt=PROMPT)
    unlike = row(other, 2, prompt="Something else entirely?")
    CuratedSet.objects.filter(pk=decided.pk).update(status=CuratedSetStatus.APPROVED)
    edit(operator, curated_set)

    mark(api, curated_set, expected=1)

    found = decisions()
    assert [found[one.pk] for one in (*copies, waits, unlike)] == ["drop", "", "", "drop", ""]
    pair.refresh_from_db()
    assert pair.decision == "drop"
    other.refresh_from_db()
    assert (other.counts, other.queued, other.pairs) == ({"high_quality": 1}, {}, 0)


def test_a_dropped_row_with_a_golden_prompt_cannot_be_taken_back(api, operator, curated_set):
    marked = edit(operator, curated_set)
    mark(api, curated_set, expected=1)
    address = f"/api/v1/curated-sets/{curated_set.pk}/rows/{marked.pk}"

    kept = api.patch(address, {"decision": "keep"}, format="json")

    assert kept.status_code == 409
    assert kept.data["errors"][0]["message"] == "A golden row has this prompt, so it stays out of training."
    assert golden.delete(GoldenSet.objects.get().pk, by=operator)
    assert api.patch(address, {"decision": "keep"}, format="json").status_code == 200


def test_builds_and_rows_added_by_hand_leave_golden_prompts_out(api, operator, curated_set, embedding):
    event = voted(up=3)
    marked = edit(operator, curated_set, prompt=event.prompt)
    mark(api, curated_set, expected=1)
    row_id = GoldenRow.objects.get(event_id=marked.event_id).pk
    request = CuratedSetFactory(
        name="new", status=CuratedSetStatus.BUILDING, built_at=None, content_hash="", strategies=["high_quality"]
    )

    built = building.build(request.pk)
    (added,) = adding.add(curated_set.pk, [str(event.pk)], by=operator)

    assert built.total == 0
    assert built.funnel["high_quality"]["contaminated"] == 1
    hit = ContaminatedEvent.objects.get(curated_set=built)
    assert (hit.event_id, hit.evaluation_set, hit.row) == (event.pk, "golden: core", row_id)
    assert (added.outcome, added.detail) == (
        "contaminated",
        f"It is in an evaluation set: golden: core, row {row_id:,}: the same text.",
    )


def test_a_reopened_set_has_golden_rows_dropped(api, operator, curated_set):
    approved = CuratedSetFactory(name="approved")
    there, unlike = row(approved, prompt=PROMPT), row(approved, 1, prompt="Something else entirely?")
    approval.approve(approved.pk, by=operator)
    edit(operator, curated_set)
    mark(api, curated_set, expected=1)

    copy = reopening.reopen(approved.pk, by=operator)

    assert dict(copy.examples.values_list("event_id", "decision")) == {there.event_id: "drop", unlike.event_id: ""}
    assert copy.counts == {"high_quality": 1}


def test_the_same_evaluation_is_counted_once(api, operator, curated_set):
    edit(operator, curated_set)
    mark(api, curated_set, expected=1)
    golden_set = GoldenSet.objects.get()
    address = f"/api/v1/golden-sets/{golden_set.pk}"

    answers = [api.post(f"{address}/uses", {"name": name}, format="json") for name in ("v1", "v1", "v2")]

    assert [answer.status_code for answer in answers] == [201, 200, 201]
    assert (answers[0].data["name"], answers[0].data["rows"], answers[0].data["by"]) == ("v1", 1, operator.username)
    shown = api.get(address).data
    assert (shown["name"], shown["deployment_id"], shown["rows"], shown["uses"]) == ("core", "helpdesk", 1, 2)
    assert api.get("/api/v1/golden-sets").data["results"] == [shown]
    assert api.get(f"{address}/rows").data["results"][0]["uses"] == 2
    assert api.delete(address).status_code == 204
    assert not GoldenRow.objects.exists()


@pytest.mark.parametrize(
    ("where", "expected", "message"),
    [
        (EXAMPLES, 2, "The filter finds 1 now, not 2. Count again, and decide on that number."),
        ({"part": "queue"}, 1, "Only examples with an answer that a person wrote can be golden."),
    ],
)
def test_what_cannot_be_marked_is_a_conflict_that_changes_nothing(api, operator, curated_set, where, expected, message):
    edit(operator, curated_set)

    answer = mark(api, curated_set, where, expected=expected)

    assert (answer.status_code, answer.data["errors"][0]["message"]) == (409, message)
    assert not GoldenSet.objects.exists()


def test_nothing_is_marked_while_a_set_is_built_or_in_a_decided_one(api, operator, curated_set):
    edit(operator, curated_set)
    building_set = CuratedSetFactory(name="new", status=CuratedSetStatus.BUILDING, built_at=None)

    while_built = mark(api, curated_set, expected=1)
    building_set.delete()
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)
    decided = mark(api, curated_set, expected=1)

    assert (while_built.status_code, decided.status_code) == (409, 409)
    assert "is being built" in while_built.data["errors"][0]["message"]
    assert not GoldenRow.objects.exists()


def test_an_erasure_deletes_golden_rows_and_what_was_found_by_them(api, operator, curated_set):
    edit(operator, curated_set, user_hash="a" * 64)
    kept = row(
        curated_set, 1, strategy=Strategy.USER_EDIT, edited_response="Open it.", prompt="How?", editor_hash="b" * 64
    )
    mark(api, curated_set, expected=2)
    hers = GoldenRow.objects.get(user_hash="a" * 64)
    ContaminatedEvent.objects.create(
        curated_set=curated_set,
        event_id=kept.event_id,
        evaluation_set="golden: core",
        row=hers.pk,
        method="ngram",
        similarity=1,
    )

    erasure.erase_traces(["a" * 64])

    assert list(GoldenRow.objects.values_list("editor_hash", flat=True)) == ["b" * 64]
    assert not ContaminatedEvent.objects.exists()
    erasure.erase_traces(["b" * 64])
    assert not GoldenRow.objects.exists()


def test_golden_sets_go_with_their_deployment():
    golden_set = GoldenSetFactory()

    remove_unapproved(golden_set.deployment_id)

    assert not GoldenSet.objects.exists()


def test_rows_are_marked_listed_and_deleted_in_the_console(
    console, operator, curated_set, django_assert_max_num_queries
):
    edit(operator, curated_set)
    address = reverse("admin:curation_curatedset_decide", args=[curated_set.pk])
    asked = {"part": "examples", "decision": "golden", "golden_set": "core"}

    unnamed = console.post(address, {**asked, "golden_set": ""}).text
    counted = console.post(address, asked).text
    marked = console.post(address, {**asked, "expected": "1"}, follow=True).text

    assert "This field is required." in unnamed
    for text in ("1 row found", PROMPT, "Mark 1 row"):
        assert text in counted
    assert "1 row is in the golden set core, and out of training." in marked
    golden_set = GoldenSet.objects.get()
    with django_assert_max_num_queries(12):
        assert "core" in console.get(reverse("admin:curation_goldenset_changelist")).text
    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:curation_goldenset_change", args=[golden_set.pk])).text
    for text in (PROMPT, "Under Billing.", "Reviewer"):
        assert text in page
