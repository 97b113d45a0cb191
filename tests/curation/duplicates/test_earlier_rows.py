import uuid

import pytest

from curation.choices import CopyMethod, CuratedSetStatus, LinkKind
from curation.duplicates import earlier_rows, known_rows
from curation.duplicates.near_copies import Match
from curation.duplicates.signed_rows import sign
from curation.duplicates.texts import answer_text
from curation.models import CuratedSet, KnownExample, KnownRow, RowBand
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db

PROMPT = "How do I change the address that my invoices are sent to, and does it apply to earlier ones?"
ANSWER = "Open Billing, choose Details and enter the new address. Invoices that were sent before stay as they are."
PROMPT_EDITED = PROMPT.replace("invoices", "receipts")
ANSWER_EDITED = ANSWER.replace("enter", "type")
OTHER = "That is not possible today. Please write to the support team and they will change it for you by hand."


def _example(prompt=PROMPT, response=ANSWER, **fields):
    example = CuratedExampleFactory(prompt=prompt, response=response, **fields)
    known_rows.store(example.curated_set.deployment_id, [example])
    return example


def _match(prompt, answer, deployment_id="helpdesk", **options):
    (match,) = earlier_rows.near_rows_of_sets(deployment_id, sign([prompt], [answer]), **options).matches
    return match


@pytest.mark.parametrize(
    ("prompt", "answer", "kind", "method"),
    [
        (PROMPT, ANSWER, LinkKind.DROPPED, CopyMethod.EXACT),
        (PROMPT.upper(), ANSWER, LinkKind.DROPPED, CopyMethod.NORMALISED),
        (PROMPT_EDITED, ANSWER_EDITED, LinkKind.DROPPED, CopyMethod.MINHASH),
        ("How could I pay by card?", ANSWER_EDITED, LinkKind.DROPPED, CopyMethod.WORDS),
        (PROMPT, OTHER, LinkKind.LINKED, CopyMethod.NORMALISED),
    ],
)
def test_a_row_of_an_earlier_set_is_found(prompt, answer, kind, method):
    example = _example()
    short = _example("How can I pay by card?")

    found = _match(prompt, answer)

    kept = short if method == CopyMethod.WORDS else example
    assert (found.kept, found.kind, found.method) == (kept.pk, kind, method)
    assert found.similarity == 1 if method in ("exact", "normalised") else 0.7 <= found.similarity < 1


def test_a_short_row_of_an_earlier_set_is_compared_by_what_its_edit_or_tool_calls_say():
    call = {"type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo","days":3}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    edited = _example("Has a fly got ears?", "No.", edited_response="It can hear by its hairs")
    called = _example("Please tell me what the weather in Oslo will be", "", response_message=message)

    assert _match("Does a fly got ears?", "It can hear by its antennae").kept == edited.pk
    other = answer_text("", message=message)
    assert _match("Please show me what the weather in Oslo will be", other).kept == called.pk
    assert _match("Please show me what the weather in Oslo will be", other.replace("3", "4")) is None


def test_rows_that_are_alike_as_a_whole_are_linked_by_their_prompts():
    long = f"{PROMPT} {OTHER}"
    example = _example(long, "Yes, it does.")

    found = _match(long.replace("invoices", "receipts"), "No.")

    assert (found.kept, found.kind, found.method) == (example.pk, LinkKind.LINKED, CopyMethod.MINHASH)


def test_other_rows_are_not_found():
    _example()

    assert [_match("Where is my parcel?", ANSWER), _match("Where is it?", "In the post."), _match("", "")] == [None] * 3
    assert earlier_rows.near_rows_of_sets("helpdesk", sign([], [])).matches == []


@pytest.mark.parametrize("prompt", [PROMPT, PROMPT_EDITED])
def test_rows_of_other_deployments_do_not_count(prompt):
    DeploymentFactory(id="shop")
    _example(curated_set=CuratedSetFactory(deployment=DeploymentFactory(id="other")))

    assert _match(prompt, ANSWER, "shop") is None
    assert _match(prompt, ANSWER, "other").kind == LinkKind.DROPPED


def test_the_sets_to_compare_with_can_be_chosen():
    draft = _example()
    approved = _example(f"{PROMPT}!", curated_set=CuratedSetFactory(name="other"))
    CuratedSet.objects.filter(pk=approved.curated_set_id).update(status=CuratedSetStatus.APPROVED)

    assert _match(PROMPT, ANSWER) == Match(draft.pk, LinkKind.DROPPED, CopyMethod.EXACT, 1.0)
    among = CuratedSet.objects.exportable()
    assert _match(PROMPT, ANSWER, among=among) == Match(approved.pk, LinkKind.DROPPED, CopyMethod.NORMALISED, 1.0)
    assert _match(PROMPT_EDITED, ANSWER, among=among).kept == approved.pk
    assert _match(PROMPT, ANSWER, among=CuratedSet.objects.none()) is None


def test_the_most_similar_row_is_found_and_its_earliest_example():
    far = ANSWER.replace("enter", "type").replace("new address", "right place")
    _example(response=far)
    near, again = _example(response=f"{ANSWER} Yes."), _example(response=f"{ANSWER} Yes.")

    assert near.pk < again.pk
    assert _match(PROMPT_EDITED, ANSWER).kept == near.pk


def test_many_rows_are_compared_in_batches(monkeypatch):
    monkeypatch.setattr(earlier_rows, "BATCH", 2)
    monkeypatch.setattr(earlier_rows, "_COMPARED", 1)
    example = _example()
    rows = sign([PROMPT, "one", PROMPT_EDITED, "two", PROMPT], [ANSWER, "two", ANSWER, "three", OTHER])

    found = earlier_rows.near_rows_of_sets("helpdesk", rows).matches

    assert [match and (match.kept, match.method) for match in found] == [
        (example.pk, CopyMethod.EXACT),
        None,
        (example.pk, CopyMethod.MINHASH),
        None,
        (example.pk, CopyMethod.NORMALISED),
    ]


def test_keys_that_too_many_rows_share_are_skipped_and_counted(monkeypatch):
    monkeypatch.setattr(earlier_rows, "LARGEST_BUCKET", 2)
    examples = [_example(f"{PROMPT}{mark}") for mark in ("", "!", "?!")]

    found = earlier_rows.near_rows_of_sets("helpdesk", sign([PROMPT_EDITED, PROMPT], [ANSWER, ANSWER]))

    assert found.matches == [None, Match(examples[0].pk, LinkKind.DROPPED, CopyMethod.EXACT, 1.0)]
    assert found.skipped == 2


def test_equal_rows_are_stored_once():
    first, again = _example(), _example(curated_set=CuratedSetFactory(name="other"))
    known_rows.store("helpdesk", [first, again])

    assert KnownRow.objects.count() == 1
    assert RowBand.objects.count() == 32
    assert set(KnownExample.objects.values_list("example", flat=True)) == {first.pk, again.pk}


def test_examples_of_before_are_made_known_once():
    curated_set = CuratedSetFactory(examples=3)
    CuratedExampleFactory(curated_set=CuratedSetFactory(deployment=DeploymentFactory(id="other")))

    assert [known_rows.catch_up("helpdesk"), known_rows.catch_up("helpdesk")] == [3, 0]
    assert _match(
        "How do I reset my password?", "Open the settings page, choose Security and follow the link."
    ).kept == (curated_set.examples.in_order()[0].pk)
    assert KnownRow.objects.get().deployment_id == "helpdesk"


def test_only_the_given_examples_are_made_known():
    curated_set = CuratedSetFactory(examples=3)

    assert known_rows.catch_up("helpdesk", curated_set.examples.filter(position=1)) == 1
    assert known_rows.catch_up("helpdesk", curated_set.examples.filter(position=1)) == 0


def test_signatures_of_another_version_are_not_compared_and_computed_again():
    example = _example()
    KnownRow.objects.update(version="0")

    assert _match(PROMPT, ANSWER) is None
    assert known_rows.catch_up("helpdesk") == 1
    assert _match(PROMPT, ANSWER).kept == example.pk
    assert (KnownRow.objects.count(), RowBand.objects.count()) == (1, 32)


def test_an_edit_and_tool_calls_are_the_answer():
    edited = _example(response=OTHER, edited_response=ANSWER)
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"city": "Bern"}'}}
    called = _example("Where?", "", response_message={"role": "assistant", "content": None, "tool_calls": [call]})

    assert (_match(PROMPT, ANSWER).kept, _match(PROMPT, ANSWER).kind) == (edited.pk, LinkKind.DROPPED)
    assert _match(PROMPT, OTHER).kind == LinkKind.LINKED
    assert _match("Where?", "").kind == LinkKind.LINKED
    assert _match("Where?", '{"arguments":"{\\"city\\": \\"Bern\\"}","name":"find"}').kept == called.pk


def test_texts_of_any_kind_are_stored():
    examples = [
        _example(prompt, response, event_id=uuid.uuid4())
        for prompt, response in [("a", ""), (" ", "\u2028"), ("x" * 10**6, "y")]
    ]

    assert [_match(one.prompt, one.response).kept for one in examples] == [one.pk for one in examples]


def test_what_only_deleted_examples_said_is_deleted():
    gone, stays = _example(), _example(response=OTHER)
    gone.delete()

    assert known_rows.forget_unused("helpdesk") == 1
    assert known_rows.forget_unused("helpdesk") == 0
    assert KnownExample.objects.get().example_id == stays.pk
    assert RowBand.objects.count() == 32
