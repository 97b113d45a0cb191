"""The comparison of two versions as a kernel."""

import pytest

from curation.sets.comparing import ComparedRow, Comparison, RowFigures, compare, figures


def rows(**answers):
    return {key: ComparedRow(key, "diverse", answer=answer) for key, answer in answers.items()}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, Comparison([], [], {}, 0)),
        (rows(a="1"), rows(a="1"), Comparison([], [], {}, 1)),
        (rows(a="1", b="1"), rows(b="1", c="1"), Comparison(["c"], ["a"], {}, 1)),
        (rows(a="1"), rows(a="2"), Comparison([], [], {"a": ["answer"]}, 0)),
        (rows(), rows(b="1", a="1"), Comparison(["a", "b"], [], {}, 0)),
    ],
)
def test_rows_are_added_removed_changed_or_unchanged(before, after, expected):
    assert compare(before, after) == expected


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"prompt": "x"}, ["prompt"]),
        ({"answer": "x", "tools": "x"}, ["answer", "tools"]),
        ({"label": "user_edit", "prompt": "x"}, ["prompt", "label"]),
        ({"decision": "keep"}, []),
        ({"model_version": "v2", "characters": 9}, []),
    ],
)
def test_only_what_is_trained_on_makes_a_change(changed, fields):
    before, after = ComparedRow("a", "diverse"), ComparedRow("a", changed.get("label", "diverse"))
    after = ComparedRow(**{**vars(after), **changed})

    assert compare({"a": before}, {"a": after}).changed == ({"a": fields} if fields else {})


def test_the_reverse_comparison_swaps_added_and_removed():
    before, after = rows(a="1", b="1", c="1"), rows(b="2", c="1", d="1")

    there, back = compare(before, after), compare(after, before)

    assert (there.added, there.removed) == (back.removed, back.added) == (["d"], ["a"])
    assert (there.changed, there.unchanged) == (back.changed, back.unchanged)


def test_figures_count_labels_decisions_and_versions():
    found = figures(
        [
            ComparedRow("a", "user_edit", decision="keep", model_version="v2", characters=10),
            ComparedRow("b", "diverse", model_version="v1", characters=20),
            ComparedRow("c", "diverse", characters=60),
        ]
    )

    assert found == RowFigures(3, {"diverse": 2, "user_edit": 1}, {"": 2, "keep": 1}, {"": 1, "v1": 1, "v2": 1}, 30.0)
    assert figures([]) == RowFigures(0, {}, {}, {}, None)
