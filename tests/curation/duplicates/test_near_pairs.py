import numpy as np
import pytest

from curation.duplicates.near_pairs import near_pairs
from feedback.signatures import signatures, similarity


@pytest.fixture
def texts(rng):
    words = np.array(["".join(rng.choice(list("abcdefghijklm"), 5)) for _ in range(300)])
    return [" ".join(rng.choice(words, 25)) for _ in range(400)]


def _edited(texts, rng):
    for text in texts:
        words = text.split()
        words[rng.integers(len(words))] = "changed"
        yield " ".join(words)


def test_pairs_are_those_of_comparing_every_text_with_every_other(texts, rng):
    members = signatures(texts)
    queries = signatures([*_edited(texts[:150], rng), *texts[150:160], "something else"])

    found = near_pairs(members, queries)

    of_all = similarity(queries[:, np.newaxis], members)
    expected = np.argwhere(of_all >= 0.7)
    assert np.column_stack([found.queries, found.members]).tolist() == expected.tolist()
    assert found.similarities.tolist() == [of_all[query, member] for query, member in expected]
    assert len(expected) == 160
    assert found.skipped == 0


def test_keys_that_too_many_members_share_are_skipped_and_counted(texts):
    members = signatures([*texts[:5], *["the same text again and again"] * 4])
    queries = signatures(["the same text again and again", texts[0]])

    assert near_pairs(members, queries, largest=4).queries.tolist() == [0, 0, 0, 0, 1]
    found = near_pairs(members, queries, largest=3)

    assert (found.queries.tolist(), found.members.tolist(), found.skipped) == ([1], [0], 32)


@pytest.mark.parametrize(("members", "queries"), [([], []), ([], ["a text"]), (["a text"], [])])
def test_no_texts_have_no_pairs(members, queries):
    found = near_pairs(signatures(members), signatures(queries))

    assert (len(found.queries), len(found.members), len(found.similarities), found.skipped) == (0, 0, 0, 0)
