import numpy as np
import pytest

from curation.choices import CopyMethod, LinkKind
from curation.duplicates.near_copies import Match, NearCopies
from curation.duplicates.signed_rows import sign

PROMPT = "How do I change the address that my invoices are sent to, and does it apply to earlier ones?"
ANSWER = "Open Billing, choose Details and enter the new address. Invoices that were sent before stay as they are."
PROMPT_EDITED = PROMPT.replace("invoices", "receipts")
ANSWER_EDITED = ANSWER.replace("enter", "type")
LONG = f"{ANSWER} {ANSWER} Write to us if one of them has to be sent to the new address as well."
OTHER = "That is not possible today. Please write to the support team and they will change it for you by hand."


def _against_one(prompt, answer, *, kept=(PROMPT, ANSWER)):
    copies = NearCopies()
    copies.keep(sign([kept[0]], [kept[1]]), 0, row_id=41)
    return copies.find(sign([prompt], [answer]), 0)


@pytest.mark.parametrize(
    ("prompt", "answer", "kind", "method"),
    [
        (PROMPT, ANSWER, LinkKind.DROPPED, CopyMethod.EXACT),
        (PROMPT.upper(), ANSWER, LinkKind.DROPPED, CopyMethod.NORMALISED),
        (PROMPT, f" {ANSWER} ", LinkKind.DROPPED, CopyMethod.NORMALISED),
        (PROMPT_EDITED, ANSWER_EDITED, LinkKind.DROPPED, CopyMethod.MINHASH),
        (PROMPT, ANSWER_EDITED, LinkKind.DROPPED, CopyMethod.MINHASH),
        (PROMPT, OTHER, LinkKind.LINKED, CopyMethod.NORMALISED),
        (PROMPT_EDITED, OTHER, LinkKind.LINKED, CopyMethod.MINHASH),
    ],
)
def test_a_row_is_dropped_if_prompt_and_answer_are_near_copies_and_linked_if_the_prompt_is(
    prompt, answer, kind, method
):
    found = _against_one(prompt, answer)

    assert (found.kept, found.kind, found.method) == (41, kind, method)
    assert found.similarity == 1 if method != CopyMethod.MINHASH else 0.7 <= found.similarity < 1


@pytest.mark.parametrize(
    ("prompt", "answer", "kept"),
    [
        ("Where is my parcel?", ANSWER, (PROMPT, ANSWER)),
        ("Where is my parcel?", OTHER, (PROMPT, ANSWER)),
        ("yes", "no", ("no", "yes")),
        ("Is it?", "yes", ("", "")),
        ("ab", "x", ("abc", "x")),
    ],
)
def test_the_same_answer_to_another_prompt_is_no_copy(prompt, answer, kept):
    assert _against_one(prompt, answer, kept=kept) is None


def test_short_and_empty_texts_are_copies_of_their_like():
    assert _against_one("Yes?", "ok", kept=("yes", "OK!")).method == CopyMethod.NORMALISED
    assert _against_one("", "", kept=("", "")) == Match(41, LinkKind.DROPPED, CopyMethod.EXACT, 1.0)


def test_prompt_and_answer_must_be_those_of_one_kept_row():
    rows = sign([PROMPT, OTHER, PROMPT_EDITED], [OTHER, ANSWER, ANSWER_EDITED])

    assert [match and (match.kept, match.kind) for match in NearCopies().place(rows, [1, 2, 3])] == [
        None,
        None,
        (1, LinkKind.LINKED),
    ]


def test_the_most_similar_kept_row_is_named_and_the_first_of_equals():
    closer = f"{ANSWER_EDITED} Thanks!"
    rows = sign([PROMPT] * 4, [f"{ANSWER} We will let you know by mail.", ANSWER, OTHER, closer])
    copies = NearCopies(threshold=0.95)

    placed = copies.place(rows, [10, 11, 12, 13])

    assert [match and match.kept for match in placed] == [None, 10, 10, 10]
    assert [match and match.kind for match in placed] == [None, *[LinkKind.LINKED] * 3]
    lower = NearCopies(threshold=0.6)
    for at in range(3):
        lower.keep(rows, at, row_id=10 + at)
    assert lower.find(rows, 3).kept == 11


def test_a_dropped_row_is_not_kept():
    rows = sign([PROMPT, PROMPT_EDITED, PROMPT], [ANSWER, ANSWER, ANSWER])
    copies = NearCopies()

    placed = copies.place(rows, [1, 2, 3])

    assert [match and match.kept for match in placed] == [None, 1, 1]
    assert len(copies) == 1


def test_hundreds_of_answers_to_one_prompt_do_not_hide_a_copy(rng):
    words = np.array(["".join(rng.choice(list("abcdefghij"), 6)) for _ in range(400)])
    answers = [" ".join(rng.choice(words, 30)) for _ in range(500)]
    copies = NearCopies()
    copies.place(sign([PROMPT] * 500, answers), range(500))
    assert len(copies) == 500
    # The keys of the prompt alone are shared by more rows than are compared.
    assert copies.skipped >= 32

    changed = answers[400].split()
    changed[3] = "indeed"
    found = copies.find(sign([PROMPT_EDITED], [" ".join(changed)]), 0)

    assert (found.kept, found.kind, found.method) == (400, LinkKind.DROPPED, CopyMethod.MINHASH)


def test_a_key_of_too_many_rows_is_skipped_and_counted_but_equal_texts_are_still_found():
    answers = [f"{'x' * number} is the answer" for number in range(4)]
    copies = NearCopies(threshold=0.999, largest=2)
    copies.place(sign([PROMPT] * 4, answers), range(4))

    assert copies.skipped >= 32
    assert copies.find(sign([PROMPT_EDITED], ["else"]), 0) is None
    assert copies.find(sign([PROMPT], ["else"]), 0).method == CopyMethod.NORMALISED
    assert copies.find(sign([PROMPT], [answers[3]]), 0).kept == 3


@pytest.mark.parametrize(
    ("kept", "copy"),
    [
        (("How do I pay by card?", LONG), ("How can I pay by card?", LONG)),
        (("Name a river", LONG), ("Mention a river", LONG)),
        (
            ("What is the tallest tree?", "It is the coast redwood"),
            ("Which is the tallest tree?", "It is a coast redwood"),
        ),
        (
            ("Is 7 prime, please tell?", "Yes, seven has no divisors"),
            ("Is 7 prime, please say?", "Yes, seven has no factors"),
        ),
    ],
)
def test_short_texts_with_a_changed_word_are_copies_by_their_words(kept, copy):
    found = _against_one(*copy, kept=kept)

    assert (found.kept, found.kind, found.method) == (41, LinkKind.DROPPED, CopyMethod.WORDS)
    assert 0.7 <= found.similarity < 1


@pytest.mark.parametrize(
    ("kept", "other"),
    [
        (("What is 2+2?", "4"), ("What is 2+3?", "5")),
        (("How much is 12 + 7 in all?", "The sum is nineteen"), ("How much is 12 < 7 in all?", "The sum is nineteen")),
        (("Can I bring 2 bags on board?", LONG), ("Can I bring 3 bags on board?", LONG)),
        (("Can I bring two bags on board?", LONG), ("Can I bring three bags on board?", LONG)),
        (("Is it safe to mix the two cleaners?", LONG), ("Is it not safe to mix the two cleaners?", LONG)),
        (("Warum startet der Drucker?", LONG), ("Warum startet der Drucker nicht?", LONG)),
        (("Is the word cat a noun?", "Yes"), ("Is the word run a noun?", "Yes")),
        (("What is the opposite of hot?", "cold"), ("What is the opposite of big?", "small")),
        (("Define osmosis briefly", LONG), ("Define democracy now", LONG)),
        (("How do I change or reset it?", LONG), ("Where did you find or buy it?", LONG)),
        (
            ("What is the tallest tree?", "It is the coast redwood"),
            ("What is the smallest bird?", "It is the coast redwood"),
        ),
    ],
)
def test_short_texts_that_say_something_else_are_no_copies(kept, other):
    found = _against_one(*other, kept=kept)

    assert found is None or found.kind == LinkKind.LINKED


def test_a_number_counts_in_short_texts_that_are_alike_otherwise():
    kept = "Is the swimming pool at the sports centre open on 24 December?", ANSWER

    assert _against_one(kept[0].replace("24", "25"), ANSWER, kept=kept).kind == LinkKind.LINKED
    assert _against_one(kept[0].replace("open", "opened"), ANSWER, kept=kept).kind == LinkKind.DROPPED


def test_the_words_of_short_rows_find_copies_that_share_no_band():
    kept = [("Is blue a warm colour?", "Most people call it cold"), ("Has a fly got ears?", "It can hear by its hairs")]
    copies = NearCopies()
    copies.place(sign(*zip(*kept, strict=True)), range(2))

    rows = sign(["Has a rhinoceros got ears?"], ["It can understand by its hairs"])

    assert not set(rows.joint_bands[0]) & set(sign(*zip(*kept, strict=True)).joint_bands[1])
    assert copies.find(rows, 0).kept == 1


def test_prompts_without_answers_are_rejected():
    with pytest.raises(ValueError, match="2 prompts and 1 answers are no rows"):
        sign(["one", "two"], ["three"])


def test_no_rows_are_no_copies():
    rows = sign([], [])

    assert NearCopies().place(rows, []) == []
    assert (len(rows), rows.joint_bands.shape) == (0, (0, 32))
