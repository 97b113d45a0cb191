"""Which answers fit their conversations, on conversations that are made."""

import numpy as np
import pytest

from curation.selecting.belonging import Answered, belongings
from curation.selecting.text_classes import HeldOutClasses, word_features

ASKED = {"find": "where can i eat in {}", "book": "a table at {} please", "say": "thank you that is all"}
CITIES = [f"town{number}" for number in range(40)]


def answer(kind, city, *, asked=None, value=None, group=""):
    recent = ASKED[asked or kind].format(city)
    values = {} if kind == "say" else {"city": value or city, "note": "unheard"}
    return Answered(kind, f"user {recent}", f" hello from {city} {recent} ", group, values)


def conversations(count, *, rng):
    kinds, cities = rng.choice(list(ASKED), count), rng.choice(CITIES, count)
    return [
        answer(str(kind), str(city), group=str(number))
        for number, (kind, city) in enumerate(zip(kinds, cities, strict=True))
    ]


def swapped(answers, share, *, rng):
    """The same conversations, some of them with the answer of another one; and which kinds are wrong then."""
    others = rng.permutation(len(answers))
    found = [
        Answered(answers[other].kind, one.recent, one.conversation, one.group, answers[other].arguments)
        if rng.random() < share
        else one
        for one, other in zip(answers, others, strict=True)
    ]
    return found, [one.kind != before.kind for one, before in zip(found, answers, strict=True)]


def probabilities(answers):
    return [one and one.probability for one in belongings(answers, rng=np.random.default_rng(0))]


def test_nearly_all_answers_of_clean_traffic_fit(rng):
    found = probabilities(conversations(300, rng=rng))

    assert min(found) > 0.85


def test_answers_of_other_conversations_are_told_apart(rng):
    answers, wrong = swapped(conversations(400, rng=rng), 0.4, rng=rng)

    found = np.array(probabilities(answers)) >= 0.85

    assert not found[wrong].any()
    assert found[~np.array(wrong)].mean() > 0.85


def test_a_wrong_value_is_told_from_the_usual_one(rng):
    answers = conversations(300, rng=rng)
    [at, *_] = [number for number, one in enumerate(answers) if one.kind == "find"]
    answers[at] = answer("find", "town1", value="town2", group=str(at))
    mixed, _ = swapped(answers, 0.3, rng=rng)
    mixed[at] = answers[at]

    found = belongings(mixed, rng=np.random.default_rng(0))[at]

    # A value that is found nowhere is no sign of anything.
    assert (found.expected, found.absent) == ("find", ("city",))
    assert found.probability < 0.6


def test_the_usual_tool_is_named(rng):
    answers = [*conversations(300, rng=rng), answer("book", "town3", asked="say", value="town3", group="x")]

    assert belongings(answers, rng=np.random.default_rng(0))[-1].expected == "say"


@pytest.mark.parametrize(
    ("answers", "compared"),
    [
        (lambda rng: conversations(99, rng=rng), 0),
        (lambda rng: conversations(100, rng=rng), 100),
        (lambda rng: [answer("find", city) for city in CITIES * 3], 0),
        (lambda rng: [*conversations(100, rng=rng), Answered("rare", "user hm", " hm ", "r")], 100),
        (lambda rng: [], 0),
    ],
)
def test_too_few_answers_or_kinds_are_not_judged(rng, answers, compared):
    found = probabilities(answers(rng))

    assert sum(one is not None for one in found) == compared


def test_the_same_draws_give_the_same_probabilities(rng):
    answers, _ = swapped(conversations(200, rng=rng), 0.3, rng=rng)

    assert probabilities(answers) == probabilities(answers)


def test_without_words_a_class_is_as_likely_as_it_is_frequent_in_other_groups():
    classes, groups = np.array([0, 0, 0, 1] * 50), [str(number) for number in range(200)]
    weights = np.tile([1.0, 1.0, 0.0, 1.0], 50)
    classifier = HeldOutClasses(word_features([""] * 200), classes, 2, groups)

    plain, weighed = classifier.probabilities(np.ones(200)), classifier.probabilities(weights)

    assert plain[:, 1] == pytest.approx(0.25, abs=0.05)
    assert weighed[:, 1] == pytest.approx(1 / 3, abs=0.05)
    assert plain.sum(axis=1) == pytest.approx(1)


def test_texts_of_a_group_do_not_judge_each_other():
    texts, classes = ["only word"] * 20 + ["other text"] * 20, np.repeat([1, 0], 20)
    together = HeldOutClasses(word_features(texts), classes, 2, ["one"] * 20 + [str(n) for n in range(20)])
    apart = HeldOutClasses(word_features(texts), classes, 2, [str(n) for n in range(40)])

    assert apart.probabilities(np.ones(40))[:20, 1].min() > 0.9
    assert together.probabilities(np.ones(40))[:20, 1].max() < 0.5


def test_features_are_words_and_pairs_of_at_least_two_texts_and_rows_have_length_one():
    found = word_features(["book a table", "book a room", "a", "once"])

    assert found.shape == (4, 3)
    assert np.sqrt((found.toarray() ** 2).sum(axis=1)) == pytest.approx([1, 1, 1, 0])
