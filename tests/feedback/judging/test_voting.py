"""Votes of several endpoints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.judging.voting import Vote, agreement, combine

SCALES = {"tone": 4.0}


def votes(*tones, confidences=None, weights=None):
    n = len(tones)
    return [
        Vote({"tone": float(tone)}, confidence, weight)
        for tone, confidence, weight in zip(tones, confidences or [None] * n, weights or [1.0] * n, strict=True)
    ]


@pytest.mark.parametrize(
    ("strategy", "given_votes", "tone"),
    [
        ("none", votes(3), 3),
        ("none", votes(3, 5), 5),
        ("majority", votes(2, 4, 4), 4),
        # Nearest to the mean of all votes, then the lower one.
        ("majority", votes(1, 3, 5), 3),
        ("majority", votes(2, 4), 2),
        ("majority", votes(1, 1, 5, 5, 4), 5),
        ("weighted", votes(2, 4, 4, weights=[5, 1, 1]), 2),
        ("weighted", votes(2, 4, confidences=[0.6, 0.9]), 4),
        # Without a stated confidence a vote counts one half.
        ("weighted", votes(2, 4, confidences=[None, 0.4]), 2),
        ("weighted", votes(2, 4, confidences=[0.0, 0.0]), 2),
        ("best_confidence", votes(2, 4, confidences=[0.6, 0.9]), 4),
        ("best_confidence", votes(2, 4, weights=[1, 2]), 4),
        ("best_confidence", votes(2, 4), 2),
        ("unanimous", votes(4, 4, 4), 4),
        ("unanimous", votes(4, 4, 3), None),
    ],
)
def test_strategies(strategy, given_votes, tone):
    found = combine(given_votes, SCALES, strategy=strategy, asked=len(given_votes))

    assert found.answers == (None if tone is None else {"tone": tone})
    assert bool(found.reason) == (tone is None)


@pytest.mark.parametrize(
    ("strategy", "usable", "asked", "is_enough"),
    [
        ("majority", 2, 3, True),
        ("majority", 1, 2, False),
        ("weighted", 1, 3, False),
        ("unanimous", 2, 3, False),
        ("best_confidence", 1, 3, True),
        ("none", 1, 2, True),
        ("none", 0, 1, False),
    ],
)
def test_votes_of_too_few_endpoints_decide_nothing(strategy, usable, asked, is_enough):
    found = combine(votes(*[4] * usable), SCALES, strategy=strategy, asked=asked)

    assert (found.answers is not None) == is_enough
    if not is_enough:
        assert found.reason == (
            f"Only {usable} of {asked} endpoints gave a usable answer."
            if usable
            else "No endpoint gave a usable answer."
        )


def test_each_answer_is_decided_by_itself_and_a_tied_flag_is_false():
    given_votes = [
        Vote({"tone": 5.0, "rude": True}),
        Vote({"tone": 5.0, "rude": False}),
        Vote({"tone": 1.0, "rude": True}),
        Vote({"tone": 5.0, "rude": False}),
    ]

    assert combine(given_votes, SCALES, strategy="majority", asked=4).answers == {"tone": 5.0, "rude": False}


def test_disagreement_is_a_reason():
    found = combine(votes(1, 5, 5), SCALES, strategy="majority", asked=3, min_agreement=0.5)

    assert found.answers is None
    assert found.agreement == pytest.approx(1 / 3)
    assert found.reason == "The votes agree by 0.33; at least 0.5 is needed."
    assert combine(votes(5), SCALES, strategy="none", asked=1, min_agreement=0.9).answers == {"tone": 5.0}


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0]), min_size=2, max_size=7))
def test_agreement_is_a_share_and_one_for_equal_votes_alone(tones):
    found = agreement(votes(*tones), SCALES)

    assert 0 <= found <= 1
    assert (found == 1) == (len(set(tones)) == 1)
    assert found == pytest.approx(agreement(votes(*reversed(tones)), SCALES))


@given(st.lists(st.tuples(st.sampled_from([1, 3, 5]), st.sampled_from([0.1, 0.2, 0.7])), min_size=1, max_size=7))
def test_the_order_of_votes_does_not_matter(pairs):
    tones, confidences = zip(*pairs, strict=True)
    for strategy in ("majority", "weighted"):
        found = [
            combine(votes(*order[0], confidences=order[1]), SCALES, strategy=strategy, asked=len(pairs)).answers
            for order in ((tones, confidences), (tones[::-1], confidences[::-1]))
        ]
        assert found[0] == found[1]
