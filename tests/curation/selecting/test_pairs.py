import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import labelled_data
from curation.choices import PairSource
from curation.selecting.pairs import Answer, Edit, Pair, Regeneration, comparable, preference_pairs
from feedback.choices import Agreement
from feedback.evidence.arrays import vote_arrays
from feedback.evidence.posterior import p_good

SIDES = ("chosen", "rejected")
TEXTS = st.sampled_from(["One", "one.", "two", "Two!", "three", "", "..."])
ANSWERS = st.builds(
    Answer,
    st.sampled_from("abcdefgh"),
    st.sampled_from(["x", "y"]),
    TEXTS,
    st.one_of(st.none(), st.just(float("nan")), st.floats(0, 1)),
)


@settings(deadline=None, max_examples=300)
@given(
    answers=st.lists(ANSWERS, max_size=12),
    edits=st.lists(st.builds(Edit, ANSWERS, TEXTS), max_size=4),
    regenerations=st.lists(st.builds(Regeneration, ANSWERS, ANSWERS), max_size=4),
    per_context=st.integers(0, 4),
    seed=st.randoms(use_true_random=False),
)
def test_pairs_are_valid_few_and_not_contradicted(answers, edits, regenerations, per_context, seed):
    found = preference_pairs(answers, edits, regenerations, per_context=per_context)

    texts = [(pair.context, comparable(pair.chosen), comparable(pair.rejected)) for pair in found]
    assert len(set(texts)) == len(texts)
    assert all(chosen != rejected for _, chosen, rejected in texts)
    assert all((context, rejected, chosen) not in texts for context, chosen, rejected in texts)
    assert all(sum(context == name for context, _, _ in texts) <= per_context for name in "xy")
    assert [pair.margin for pair in found] == sorted((pair.margin for pair in found), reverse=True)
    assert all(0 <= pair.margin <= 1 for pair in found)
    known = {(one.event_id, one.context, one.text): one for one in answers}
    for pair in (pair for pair in found if pair.source == PairSource.VOTES):
        assert known.keys() >= {
            (pair.chosen_id, pair.context, pair.chosen),
            (pair.rejected_id, pair.context, pair.rejected),
        }
        assert pair.margin >= 0.3 - 1e-9
    for pair in (pair for pair in found if pair.source == PairSource.EDIT):
        assert any(pair.chosen == edit.edited and pair.rejected == edit.original.text for edit in edits)
    for several in (answers, edits, regenerations):
        seed.shuffle(several)
    assert preference_pairs(answers, edits, regenerations, per_context=per_context) == found


@settings(deadline=None)
@given(answers=st.lists(ANSWERS, max_size=10))
def test_votes_make_every_pair_that_no_other_contradicts(answers):
    found = {
        (pair.context, comparable(pair.chosen), comparable(pair.rejected))
        for pair in preference_pairs(answers, per_context=100)
    }

    known = [one for one in answers if one.p_good is not None]
    said = {
        (good.context, comparable(good.text), comparable(bad.text))
        for good in known
        for bad in known
        if good.context == bad.context and good.p_good > 0.5 > bad.p_good and good.p_good - bad.p_good >= 0.3
    }
    assert found == {
        (context, chosen, rejected)
        for context, chosen, rejected in said
        if chosen != rejected and (context, rejected, chosen) not in said
    }


@pytest.mark.parametrize(
    ("good", "bad", "margin"),
    [
        (0.7, 0.4, 0.3),
        (0.99, 0.01, 0.98),
        (0.69, 0.4, None),
        (0.5, 0.1, None),
        (0.9, 0.5, None),
        (0.9, None, None),
        (float("nan"), 0.1, None),
    ],
)
def test_votes_need_a_good_and_a_bad_answer_and_a_gap(good, bad, margin):
    found = preference_pairs([Answer("b", "x", "no", bad), Answer("a", "x", "yes", good)])

    expected = [] if margin is None else [Pair("x", "a", "b", "yes", "no", PairSource.VOTES, pytest.approx(margin))]
    assert found == expected


def test_answers_that_differ_in_punctuation_alone_are_a_pair_but_not_an_edit():
    good, bad = Answer("a", "x", "You're welcome.", 0.9), Answer("b", "x", "You're welcome!", 0.1)

    assert [pair.chosen for pair in preference_pairs([good, bad])] == ["You're welcome."]
    assert preference_pairs([], [Edit(bad, good.text)]) == []
    assert preference_pairs([good, Answer("b", "x", "YOU'RE\n WELCOME. ", 0.1)]) == []


def test_answers_to_different_contexts_make_no_pair():
    good, bad = Answer("a", "x", "yes", 0.9), Answer("b", "y", "no", 0.1)

    assert preference_pairs([good, bad], [], [Regeneration(bad, good)]) == []


@pytest.mark.parametrize(
    ("edited", "p_good", "margin"),
    [("yes", 0.2, 0.8), ("yes", None, 0.5), ("yes", 0.9, 0.1), ("No.", 0.2, None), (" ", 0.2, None)],
)
def test_an_edit_is_chosen_over_its_original(edited, p_good, margin):
    found = preference_pairs([], [Edit(Answer("a", "x", "no", p_good), edited)])

    expected = [] if margin is None else [Pair("x", "a", "a", edited, "no", PairSource.EDIT, pytest.approx(margin))]
    assert found == expected


@pytest.mark.parametrize(
    ("first", "second", "margin"),
    [(None, None, 0.0), (0.2, None, 0.3), (None, 0.9, 0.4), (0.4, 0.6, 0.2), (0.6, 0.6, None), (0.9, None, None)],
)
def test_a_regenerated_answer_is_chosen_unless_users_say_it_is_no_better(first, second, margin):
    again = Regeneration(Answer("a", "x", "no", first), Answer("b", "x", "yes", second))

    found = preference_pairs([], [], [again])

    source = PairSource.REGENERATE
    assert found == ([] if margin is None else [Pair("x", "b", "a", "yes", "no", source, pytest.approx(margin))])


def test_a_pair_and_its_reverse_cancel_each_other():
    yes, no = Answer("a", "x", "Yes!", 0.9), Answer("b", "x", "no", 0.1)

    assert preference_pairs([yes, no], [Edit(Answer("c", "x", "YES!"), " No")]) == []
    assert preference_pairs([yes, no], [Edit(Answer("c", "y", "yes"), "No")], per_context=1) == [
        Pair("x", "a", "b", "Yes!", "no", PairSource.VOTES, 0.8),
        Pair("y", "c", "c", "No", "yes", PairSource.EDIT, 0.5),
    ]


def test_a_context_keeps_the_pairs_of_the_largest_margins():
    answers = [Answer(f"good{p}", "x", f"yes {p}", p) for p in (0.9, 0.8)]
    answers += [Answer(f"bad{p}", "x", f"no {p}", p) for p in (0.1, 0.3)]

    found = preference_pairs(answers, per_context=3)

    assert [(pair.chosen, pair.rejected) for pair in found] == [
        ("yes 0.9", "no 0.1"),
        ("yes 0.8", "no 0.1"),
        ("yes 0.9", "no 0.3"),
    ]
    assert preference_pairs(answers, per_context=0) == []
    with pytest.raises(ValueError, match=r"^A context cannot have -1 pairs\.$"):
        preference_pairs(answers, per_context=-1)


def test_thousands_of_answers_to_one_prompt_make_a_few_pairs():
    answers = [Answer(str(index), "x", f"text {index}", index / 4_000) for index in range(4_001)]

    found = preference_pairs(answers)

    assert [(pair.chosen_id, pair.rejected_id) for pair in found] == [("4000", "0"), ("3999", "0"), ("4000", "1")]


@pytest.mark.realdata
@pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is not beside the repository")
def test_voted_answers_of_a_labelled_set_become_its_pairs():
    rows = list(labelled_data.rows("preference_hh_rlhf_harmless"))[:300]
    contexts = [json.dumps(row["messages"]) for row in rows]
    sides = [
        (context, row[side], side == "chosen") for context, row in zip(contexts, rows, strict=True) for side in SIDES
    ]
    says_good = [[float(is_good)] * 3 for _, _, is_good in sides]
    arrays = vote_arrays(
        [[5, 6, 7]] * len(sides), says_good, [[1 - one for one in votes] for votes in says_good], [[]] * len(sides)
    )
    likely = p_good(arrays, np.zeros(len(sides)), np.full(3 * len(sides), 0.8), agreement=Agreement.ENOUGH)
    answers = [
        Answer(str(index), context, text, float(p))
        for index, ((context, text, _), p) in enumerate(zip(sides, likely, strict=True))
    ]
    random.Random(1).shuffle(answers)

    found = preference_pairs(answers)

    assert len(found) == 300
    assert {(pair.context, pair.chosen, pair.rejected) for pair in found} == {
        (context, row["chosen"], row["rejected"]) for context, row in zip(contexts, rows, strict=True)
    }
    assert {pair.source for pair in found} == {PairSource.VOTES}
