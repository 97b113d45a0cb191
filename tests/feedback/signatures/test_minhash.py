import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.signatures import VERSION, band_keys, normalised, signatures, similarity

EMPTY = 2**32 - 1


def _shingles(text):
    found = normalised(text)
    return {found[start : start + 5] for start in range(max(len(found) - 4, 1))} if found else set()


def _jaccard(one, other):
    one, other = _shingles(one), _shingles(other)
    return len(one & other) / len(one | other)


def _words(rng, size):
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return ["".join(rng.choice(letters, length)) for length in rng.integers(2, 10, size)]


def test_the_similarity_estimates_the_jaccard_similarity_of_shingles(rng):
    vocabulary = _words(rng, 500)
    pairs = []
    for changed in np.repeat(range(8), 50):
        words = list(rng.choice(vocabulary, 28))
        other = [*_words(rng, changed), *words[changed:]]
        pairs.append((" ".join(words), " ".join(other)))

    one, other = (signatures(texts) for texts in zip(*pairs, strict=True))

    errors = similarity(one, other) - [_jaccard(*pair) for pair in pairs]
    assert abs(errors.mean()) < 0.005
    assert errors.std() < 0.045


def test_the_minimum_of_two_signatures_is_that_of_both_texts():
    one, other, both = signatures(["the train leaves", "xylophone music", "the train leaves xylophone music"])

    # Five of the 28 shingles of both reach across their seam.
    assert similarity(np.minimum(one, other), both) == pytest.approx(23 / 28, abs=0.1)
    assert (both <= np.minimum(one, other)).all()


def test_repeating_a_text_adds_only_the_shingles_of_the_seam():
    once, often = signatures(["abcdefghij" * 10, "abcdefghij" * 1000])

    assert (once == often).all()


@pytest.mark.parametrize(
    ("text", "equal"),
    [("yes", "YES!"), ("ja", "Ja."), ("ok  ", "ok"), ("是", "是。"), ("", " \n"), (":)", ":)"), ("abcde", "ABCDE")],
)
def test_texts_with_the_same_normal_form_have_the_same_signature(text, equal):
    assert similarity(*signatures([text, equal])) == 1


@pytest.mark.parametrize(
    ("text", "other"), [("yes", "no"), ("yes", "yes yes"), ("", "a"), ("", "\ud83d"), ("a", "b"), ("abcd", "abcde")]
)
def test_short_texts_that_differ_share_nothing(text, other):
    assert similarity(*signatures([text, other])) == 0


def test_a_text_of_nothing_has_the_signature_of_no_shingle():
    assert (signatures([""]) == EMPTY).all()
    assert signatures([]).shape == (0, 128)
    assert band_keys(signatures([])).shape == (0, 32)


@given(st.lists(st.text(st.characters(codec=None), max_size=20), max_size=8))
def test_a_signature_does_not_depend_on_the_texts_around_it(texts):
    alone = [signatures([text])[0] for text in texts]

    assert signatures(texts).tolist() == [row.tolist() for row in alone]


def test_a_text_of_a_megabyte_does_not_depend_on_the_texts_around_it():
    large = "The answer, as é said: " + "".join(f"{number} " for number in range(170_000))
    assert len(large) > 1_000_000

    some = signatures(["before", large, "after"])

    assert (some[[0, 2]] == signatures(["before", "after"])).all()
    assert similarity(some[1], signatures([large + "and more"])[0]) > 0.95


def test_signatures_and_keys_are_the_same_in_every_process():
    """Stored ones stay comparable; a change needs a new VERSION."""
    found = signatures(["How do I reset my password?"])

    assert VERSION == "1 nfkc lower char-5 permutations-128 seed-42 rensa-0.5"
    assert found[0, :4].tolist() == [3223770685, 3299790838, 3225593005, 2996445476]
    assert band_keys(found)[0, :3].tolist() == [6245925537956291557, -8098969095287991167, 4012067351696968456]


@pytest.mark.parametrize(("share", "low", "high"), [(0.9, 1, 1), (0.7, 0.99, 1), (0.3, 0.15, 0.32), (0.0, 0, 0)])
def test_signatures_share_a_key_as_often_as_bands_promise(share, low, high, rng):
    one = rng.integers(0, 2**32, (2000, 128), dtype=np.uint32)
    other = np.where(rng.random(one.shape) < share, one, rng.integers(0, 2**32, one.shape, dtype=np.uint32))

    found = (band_keys(one) == band_keys(other)).any(axis=1).mean()

    assert low <= found <= high


def test_keys_name_their_band():
    same = np.full((1, 128), 7, np.uint32)

    assert len(set(band_keys(same)[0].tolist())) == 32
