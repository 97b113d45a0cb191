"""Judging against junk planted in real answers, and against real edits, read where they lie beside the repository."""

import pytest

from benchmarks import edits, labelled_data

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]
# Kinds of which some are for a person.
UNSURE = {"a tenth of the answer", "unrelated text", "one letter", "this is wrong", "a refusal"}


def test_junk_of_the_half_that_was_held_out_is_not_accepted():
    lines = {kind: counts for kind, _, *counts, _ in edits.junk_lines(held_out=True)}

    assert len(lines) == 18
    assert [kind for kind, (accepted, _, _) in lines.items() if accepted] == []
    assert [kind for kind, (_, queued, _) in lines.items() if queued and kind not in UNSURE] == []


def test_real_edits_of_the_half_that_was_held_out_are_accepted():
    lines = {name.partition(",")[0]: (count, counts[0]) for _, name, count, *counts in edits.real_lines(held_out=True)}

    assert lines["LAMP"][1] >= 0.95 * lines["LAMP"][0]
    assert lines["JFLEG"][1] >= 0.92 * lines["JFLEG"][0]
    assert lines["MLQE-PE"][1] >= 0.94 * lines["MLQE-PE"][0]


def test_harder_junk_of_the_half_that_was_held_out_is_hardly_accepted():
    accepted = {kind: counts[0] / count for _, kind, count, *counts in edits.harder_lines(held_out=True)}

    assert accepted["remarks of readers"] <= 0.04
    assert accepted["answers to other problems of arithmetic"] <= 0.01
    assert accepted["French, Spanish or Japanese in place of English"] <= 0.005
