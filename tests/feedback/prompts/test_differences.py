"""Differences of texts by line and word."""

import time

from hypothesis import given
from hypothesis import strategies as st

from feedback.prompts.differences import ADDED, KEPT, MOST_LINES, REMOVED, hunks

LINES = st.lists(st.text(alphabet="ab ", max_size=4), min_size=1, max_size=30).map("\n".join)


def rebuilt(before, found, kinds):
    """One side of the hunks, with the lines that they left out taken from the other text."""
    lines, shown = [], 0
    old = before.split("\n")
    for hunk in found:
        lines += old[shown : shown + hunk.skipped]
        shown += hunk.skipped + sum(line.kind in (KEPT, REMOVED) for line in hunk.lines)
        lines += ["".join(piece.text for piece in line.pieces) for line in hunk.lines if line.kind in kinds]
    return "\n".join(lines + old[shown:])


@given(LINES, LINES)
def test_hunks_hold_both_texts(before, after):
    found = hunks(before, after, context=1)

    assert rebuilt(before, found, (KEPT, REMOVED)) == before
    assert rebuilt(before, found, (KEPT, ADDED)) == after
    assert (found == []) == (before == after)


def test_changed_words_are_marked():
    [hunk] = hunks("Answer in two short sentences.\nEnd.", "Answer in one sentence.\nEnd.")

    removed, added, kept = hunk.lines
    assert [piece.text for piece in removed.pieces if piece.is_changed] == ["two", "short sentences"]
    assert [piece.text for piece in added.pieces if piece.is_changed] == ["one", "sentence"]
    assert (kept.kind, kept.before, kept.after) == (KEPT, 2, 2)


def test_numbers_and_left_out_lines_are_right():
    lines = [f"line {number}" for number in range(1, 21)]
    changed = [*lines[:9], "another", *lines[10:]]

    [hunk] = hunks("\n".join(lines), "\n".join(changed))

    assert hunk.skipped == 6
    assert [(line.kind, line.before, line.after) for line in hunk.lines][3:5] == [
        (REMOVED, 10, None),
        (ADDED, None, 10),
    ]
    assert len(hunk.lines) == 8


def test_long_texts_are_compared_quickly():
    before = "\n".join(f"a{number}" for number in range(MOST_LINES * 5))
    after = "\n".join(f"a{number}" for number in reversed(range(MOST_LINES * 5)))
    begun = time.perf_counter()

    [hunk] = hunks(before, f"{after}\nend")

    assert time.perf_counter() - begun < 2
    assert len(hunk.lines) > MOST_LINES
    [hunk] = hunks("\n" * 100_000 + "a", "\n" * 100_000 + "b")
    assert len(hunk.lines) == 5
