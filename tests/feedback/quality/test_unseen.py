"""The sentences and labels that guide no tuning."""

import re

import pytest

from benchmarks import measured, unseen_loops
from benchmarks.refusals.examples import held_out_examples, training_examples
from benchmarks.refusals.frames import frame_examples
from benchmarks.refusals.unseen import DEVELOPMENT, UNSEEN
from feedback.quality.checks.refusal import find_refusal


@pytest.mark.parametrize("sentences", [UNSEEN, DEVELOPMENT], ids=["unseen", "development"])
def test_each_language_has_the_sentences_of_each_kind(sentences):
    found = [(example.language, example.line, example.refusal != "none") for example in sentences.examples()]

    languages = sorted({language for language, *_ in found})
    lines = range(len(sentences.kinds))
    assert len(languages) == 12
    assert found == [(language, line, line < len(sentences.refusals)) for language in languages for line in lines]


def test_no_sentence_was_trained_on_or_looked_at():
    read = (training_examples(), frame_examples(), held_out_examples(), DEVELOPMENT.examples())
    others = {_words(example.text) for examples in read for example in examples}

    assert [example.text for example in UNSEEN.examples() if _words(example.text) in others] == []


def test_few_sentences_that_refuse_nothing_are_called_refusals():
    harmless = [example for example in DEVELOPMENT.examples() if example.refusal == "none"]

    wrong = [example for example in harmless if find_refusal(example.text).extent != "none"]

    assert len(wrong) / len(harmless) <= 0.05


def test_refusals_are_found_among_sentences_that_guided_nothing():
    found = [(example.refusal != "none", find_refusal(example.text).extent != "none") for example in UNSEEN.examples()]

    hits = found.count((True, True))
    assert hits / (hits + found.count((False, True))) >= 0.92
    assert hits / (hits + found.count((True, False))) >= 0.69


def test_labels_of_loops_name_each_answer_once():
    lines = unseen_loops.LABELS.read_text(encoding="utf-8").splitlines()

    assert {line[0] for line in lines} == {"L", "M", "N"}
    assert len({line[2:] for line in lines}) == len(lines) == 300


def test_line_of_a_table_has_intervals_around_its_figures():
    labels, found = [True, True, True, False, False], [True, True, False, False, True]

    name, n, precision, first, recall, second, f1, third = measured.line("all", labels, found, range(5))

    assert (name, n, first, second) == ("all", 5, "0.21 to 0.94", "0.21 to 0.94")
    assert precision == recall == f1 == pytest.approx(2 / 3)
    low, high = map(float, third.split(" to "))
    assert 0 <= low < f1 < high <= 1


def test_f1_of_one_kind_alone_has_no_width():
    assert measured.line("all", [True, False], [True, False], [0, 0])[-1] == "1.00 to 1.00"


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
