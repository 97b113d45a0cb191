"""Rotations: parsed, checked, and chosen from by weight."""

import random
from collections import Counter

import pytest
from scipy.stats import chisquare

from feedback.prompts.rotation import InvalidRotation, Part, choose, parse, parts_of, written

SUBJECTS = [f"user-{number}" for number in range(20_000)]


def chosen(text, salt="helpdesk/tips"):
    parts = parse(text)
    return [choose(parts, salt=salt, subject=subject, rng=random.Random(0)) for subject in SUBJECTS]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "neither a version"),
        ("v1,", "neither a version"),
        ("v1=", "neither a version"),
        ("v1=a", "neither a version"),
        ("v1=50,v2", "every version a weight, or none"),
        ("v1=50,v1=50", "v1 comes twice"),
        ("v1=60,v2=60", "add up to 120, not 100"),
        ("v1=0,v2=100", "above 0"),
        ("/=100", "is not a version"),
        (",".join(f"v{number}" for number in range(21)), "1 to 20 versions"),
    ],
)
def test_what_is_no_rotation_says_why(text, message):
    with pytest.raises(InvalidRotation, match=message):
        parse(text)


def test_a_rotation_is_written_as_it_is_parsed():
    parts = parse("v1=33.33, v2-mentor=33.33 ,v3=33.34%")

    assert [part.weight for part in parts] == [33.33, 33.33, 33.34]
    assert parse(written(parts)) == parts
    assert parts_of([("a", float(100))]) == (Part("a", 100.0),)


def test_subjects_fall_by_weight():
    counts = Counter(chosen("v1=70,v2=20,v3=10"))

    assert chisquare([counts[name] for name in ("v1", "v2", "v3")], [14_000, 4_000, 2_000]).pvalue > 0.001


def test_a_subject_keeps_its_version_and_another_prompt_is_independent():
    first, again, other = chosen("v1,v2"), chosen("v1,v2"), chosen("v1,v2", salt="helpdesk/greeting")

    assert first == again
    same = sum(one == another for one, another in zip(first, other, strict=True))
    assert 0.48 < same / len(SUBJECTS) < 0.52


def test_a_change_of_weights_moves_no_more_subjects_than_it_must():
    before, after = chosen("v1=50,v2=50"), chosen("v1=60,v2=40")

    moves = Counter((one, another) for one, another in zip(before, after, strict=True) if one != another)
    assert set(moves) == {("v2", "v1")}
    assert 0.09 < moves["v2", "v1"] / len(SUBJECTS) < 0.11


def test_without_a_subject_versions_are_chosen_at_random():
    rng = random.Random(1)
    parts = parse("v1=90,v2=10")

    counts = Counter(choose(parts, salt="", subject=None, rng=rng) for _ in range(5_000))

    assert chisquare([counts["v1"], counts["v2"]], [4_500, 500]).pvalue > 0.001
