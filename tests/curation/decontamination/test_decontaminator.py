import numpy as np
import pytest

from curation.choices import ContaminationMethod
from curation.decontamination import signing
from curation.decontamination.decontaminator import Decontaminator, Hit
from curation.decontamination.signing import TooLarge, signed_texts

QUESTION = "A baker fills 14 trays with 9 rolls each and sells all but 17 of them. How many rolls were sold?"
SHORT = "What is the capital of Peru?"


def _decontaminator(**sets):
    return Decontaminator({name: signed_texts(enumerate(texts, start=1)) for name, texts in sets.items()})


def _found(text, **sets):
    return _decontaminator(**sets).hit(text)


def test_the_same_text_is_found_and_named_by_set_and_row():
    found = _found(QUESTION.upper(), other=["Something else that is asked."], bakery=["x", QUESTION])

    assert found == Hit("bakery", 2, ContaminationMethod.NORMALISED, "", 1.0)
    assert str(found) == "bakery, row 2: the same text"


def test_eight_words_in_a_row_are_found_within_a_longer_text():
    text = f"Please solve this for my homework, with every step: {QUESTION[17:]} Answer in French."

    found = _found(text, bakery=[QUESTION])

    assert found == Hit("bakery", 1, ContaminationMethod.NGRAM, "trays with 9 rolls each and sells all", 1.0)
    assert str(found) == "bakery, row 1: “trays with 9 rolls each and sells all”"


def test_a_question_that_contains_the_text_of_a_row_is_found():
    assert _found(QUESTION[:60], bakery=[QUESTION]).method == ContaminationMethod.NGRAM


def test_near_copies_of_short_texts_are_found():
    found = _found(
        "Is Lima the capital city of Peru?", geography=["Who wrote Faust?", "Is Lima the capital city of Perú?"]
    )

    assert (found.evaluation_set, found.row, found.method) == ("geography", 2, ContaminationMethod.MINHASH)
    assert 0.7 <= found.similarity < 1
    assert str(found) == f"geography, row 2: {found.similarity:.2f} of the text"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "What is the weather in Peru?",
        "baker fills 14 trays with 9 rolls",
        QUESTION.replace(" ", "\n", 3)[::-1],
    ],
)
def test_other_texts_are_no_hits(text):
    assert _found(text, bakery=[QUESTION], geography=[SHORT]) is None


def test_texts_in_a_language_without_spaces_are_found_as_a_whole():
    text = "ペルーの首都はどこですか。その都市の人口は何人ですか。また、いつごろ建設されて、だれが住み始めたのですか。"

    assert _found(text.replace("何人", "何人ほど"), geography=[text]).method == ContaminationMethod.MINHASH


def test_words_of_a_template_are_no_hit():
    template = "Read the following question and choose the best answer of these: "
    texts = [f"{template} {number} apples or {number * 7} pears" for number in range(11)]

    assert _found(f"{template} is tea better than coffee, and what do doctors say about it?", exam=texts[:10])
    assert _found(f"{template} is tea better than coffee, and what do doctors say about it?", exam=texts) is None
    assert _found("these 3 apples or 21 pears and of", exam=texts) is None
    assert _found("answer of these 3 apples or 21 pears please", exam=texts).row == 4


def test_a_text_that_a_set_repeats_counts_once():
    found = _found(QUESTION[:60], bakery=[QUESTION] * 30)

    assert (found.row, found.method) == (1, ContaminationMethod.NGRAM)


def test_the_most_similar_text_of_all_sets_is_told():
    near, nearer = "What is the capital city of Bolivia and Peru?", "What is the capital city of Peru now?"

    assert _found("What is the capital city of Peru?", one=[near], other=["x", nearer]).row == 2


def test_many_texts_at_once_have_the_hits_of_each(monkeypatch):
    monkeypatch.setattr(signing, "BATCH", 2)
    texts = [f"Question {number}: {QUESTION.replace('14', str(number))}" for number in range(7)]
    decontaminator = _decontaminator(bakery=texts, geography=[SHORT])

    asked = [SHORT, *texts, "no hit", ""]
    hits = decontaminator.hits(asked)

    assert hits == [decontaminator.hit(text) for text in asked]
    assert [hit and (hit.evaluation_set, hit.row) for hit in hits] == [
        ("geography", 1),
        *(("bakery", row) for row in range(1, 8)),
        None,
        None,
    ]
    assert len(decontaminator) == 8


def _directions(**vectors):
    """Embeds by the first word."""

    def embed(texts):
        found = np.array([vectors[text.split()[0].lower()] for text in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    return embed


def _alike(texts, sets, embed):
    signed = {name: signed_texts(enumerate(some, start=1)) for name, some in sets.items()}
    return Decontaminator(signed, embed=embed).hits(texts)


def test_short_texts_are_found_by_their_embeddings_and_the_most_similar_one_is_named():
    embed = _directions(who=[1, 0, 0], author=[1, 0.3, 0], faust=[1, 0.1, 0], where=[0, 1, 0])
    sets = {"poets": ["Where is Weimar?", QUESTION, "Author of Faust?"], "other": ["Who wrote Faust?"]}

    found, other = _alike(["Faust was written by whom?", "Where was Goethe buried?"], sets, embed)

    assert (found.evaluation_set, found.row, found.method) == ("other", 1, ContaminationMethod.EMBEDDING)
    assert str(found) == "other, row 1: cosine 1.00"
    assert found.similarity == pytest.approx(1 / 1.01**0.5, abs=1e-3)
    assert (other.evaluation_set, other.row) == ("poets", 1)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("What do 5 and 7 make?", "What does 5 and 8 give?"),
        ("What is safe to drink?", "What is not safe to drink?"),
        ("What does a baker who works at night earn?", "What do bakers earn?"),
        ("What do bakers earn?", "What does a baker who works at night earn?"),
        ("What", "What then?"),
        ("Which one is it?", "What is it?"),
    ],
)
def test_other_numbers_negations_and_longer_texts_are_not_compared_by_embeddings(text, known):
    embed = _directions(what=[1, 0, 0], which=[0.94, 0.35, 0])

    assert _alike([text], {"exam": [known]}, embed) == [None]


def test_without_vectors_short_texts_are_compared_by_the_other_methods():
    def none(texts):
        return np.empty((len(texts), 0), np.float32)

    assert _alike(["Who is Faust's author?", SHORT], {"geography": [SHORT, "Who wrote Faust?"]}, none) == [
        None,
        Hit("geography", 1, ContaminationMethod.NORMALISED, "", 1.0),
    ]


def test_without_sets_nothing_is_a_hit():
    assert Decontaminator({}).hits([QUESTION, ""]) == [None, None]
    assert Decontaminator({"empty": []}).hit(QUESTION) is None
    assert _found(SHORT, geography=["a b"]) is None


def test_what_is_kept_of_longer_texts_has_no_text():
    first, second = signed_texts([(row, f"{QUESTION} {row}") for row in range(1, signing.BATCH + 2)])

    assert (len(first), len(second)) == (2_000, 1)
    assert second.rows.tolist() == [2_001]
    assert second.gram_texts.tolist() == [2_000] * 15
    assert second.grams.dtype == np.uint64
    assert (set(first.short_texts), second.short_texts) == ({""}, [""])


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MAX_TEXTS", "The set has more than 2 different texts"),
        ("MAX_GRAMS", "The texts have more than 2 word 8-grams"),
        ("MAX_CHARACTERS", "Row 1 has a text of more than 2 characters"),
    ],
)
def test_a_set_beyond_a_limit_is_rejected(limit, message, monkeypatch):
    monkeypatch.setattr(signing, limit, 2)

    with pytest.raises(TooLarge, match=message):
        list(signed_texts([(row, f"{QUESTION} {row}") for row in range(1, 4)]))
