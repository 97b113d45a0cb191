import pytest

from curation.choices import CopyMethod, Split
from curation.duplicates.signed_rows import sign
from curation.splits.leakage import Leak, leaks

TRAIN, VALIDATION, TEST = Split.TRAIN, Split.VALIDATION, Split.TEST
PROMPT = "How do I change the address that my invoices are sent to, and does it apply to earlier ones?"
EDITED = PROMPT.replace("invoices", "receipts")
OTHER = "Which of your plans has a limit on the number of people who may use it at the same time?"


def _leaks(prompts, splits):
    return leaks(sign(prompts, [f"answer {number}" for number in range(len(prompts))]), splits)


def test_rows_of_train_that_repeat_held_out_prompts_leave():
    found = _leaks([PROMPT, EDITED, OTHER, PROMPT.upper(), OTHER], [VALIDATION, TRAIN, TRAIN, TRAIN, TRAIN])

    assert [(leak.row, leak.held_out, leak.method) for leak in found] == [
        (1, 0, CopyMethod.MINHASH),
        (3, 0, CopyMethod.NORMALISED),
    ]
    assert 0.7 <= found[0].similarity < 1
    assert found[1] == Leak(3, 0, CopyMethod.NORMALISED, 1.0)


@pytest.mark.parametrize("splits", [[TRAIN, TRAIN, TRAIN], [VALIDATION, TEST, TRAIN], [TEST, TEST, TEST]])
def test_rows_of_validation_and_test_stay(splits):
    assert _leaks([PROMPT, EDITED, OTHER], splits) == []


def test_the_most_similar_held_out_row_is_named():
    assert [
        leak.held_out for leak in _leaks([f"{EDITED} {OTHER[:20]}", EDITED, f"{PROMPT} Please."], [TEST, TEST, TRAIN])
    ] == [1]


def test_a_popular_prompt_leaves_with_all_of_its_rows():
    found = _leaks([PROMPT] * 500 + [EDITED] * 500 + [PROMPT], [TRAIN] * 1000 + [TEST])

    assert [leak.row for leak in found] == list(range(1000))
    assert {leak.held_out for leak in found} == {1000}


def test_rows_without_splits_are_rejected():
    with pytest.raises(ValueError, match="1 rows and 2 splits"):
        _leaks([PROMPT], [TRAIN, TEST])

    assert _leaks([], []) == []
