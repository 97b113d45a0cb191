"""Near-copies and evaluation texts among real prompts, read where they lie beside the repository."""

import pytest

from benchmarks import labelled_data
from curation.choices import LinkKind
from curation.decontamination.decontaminator import Decontaminator
from curation.decontamination.signing import signed_texts
from curation.duplicates import short_texts as word_rules
from curation.duplicates.near_copies import NearCopies
from curation.duplicates.signed_rows import sign

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


@pytest.fixture(scope="module")
def questions():
    rows = labelled_data.rows("correctness_gsm8k_models")
    return {row["prompt"]: row["response"] for row in rows if row["model"].startswith("gpt")}


def _with_a_word_changed(text, number):
    """Short texts are no copies if a number or a negation changes."""
    words = text.split()
    plain = [at for at, word in enumerate(words) if not word_rules.telling(word.lower())] or [0]
    words[plain[number % len(plain)]] = "changed"
    return " ".join(words)


def test_questions_with_one_word_changed_are_copies_and_other_questions_are_not(questions):
    copies = NearCopies()
    placed = copies.place(sign(list(questions), list(questions.values())), range(len(questions)))

    edited = [
        [_with_a_word_changed(text, number) for number, text in enumerate(texts)]
        for texts in (questions, questions.values())
    ]
    rows = sign(*edited)
    found = [copies.find(rows, at) for at in range(len(rows))]

    assert (len(placed), placed.count(None)) == (877, 877)
    repeated = [
        match is not None and (match.kept, match.kind) == (at, LinkKind.DROPPED) for at, match in enumerate(found)
    ]
    assert sum(repeated) >= 0.97 * len(repeated)


def test_short_instructions_with_one_word_changed_are_copies_and_other_instructions_are_not():
    rows = [
        (row["prompt"], row["response"])
        for row in labelled_data.rows("alpaca_eval_multimodel")
        if row["model"] == "gpt4_0314" and len(row["response"].split()) >= 4 and len(row["prompt"]) < 80
    ]
    copies = NearCopies()
    placed = copies.place(sign(*zip(*rows, strict=True)), range(len(rows)))

    edited = [[_with_a_word_changed(text, number) for text in row] for number, row in enumerate(rows)]
    signed = sign(*zip(*edited, strict=True))
    found = [copies.find(signed, at) for at in range(len(signed))]

    assert not [match for match in placed if match and match.kind == LinkKind.DROPPED]
    repeated = [
        match is not None and (match.kept, match.kind) == (at, LinkKind.DROPPED) for at, match in enumerate(found)
    ]
    assert sum(repeated) >= 0.97 * len(repeated)


def test_questions_of_an_evaluation_set_are_found_within_other_texts(questions):
    half, others = list(questions)[::2], list(questions)[1::2]
    decontaminator = Decontaminator({"gsm8k": signed_texts(enumerate(half, start=1))})

    hits = decontaminator.hits([f"Can you help me with this? {text} Thank you!" for text in half])
    assert [hit.row for hit in hits] == list(range(1, len(half) + 1))
    changed = decontaminator.hits([_with_a_word_changed(text, number) for number, text in enumerate(half)])
    assert changed.count(None) <= 0.03 * len(half)
    # Their questions share phrases, such as how many hours a week somebody spends.
    assert sum(hit is not None for hit in decontaminator.hits(others)) <= 0.02 * len(others)
    instructions = {row["prompt"] for row in labelled_data.rows("alpaca_eval_multimodel")}
    assert decontaminator.hits(sorted(instructions)).count(None) == len(instructions)
