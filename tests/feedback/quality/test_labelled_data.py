"""The quality checks against labelled public responses, read where they lie beside the repository."""

import pytest

from benchmarks import checks_unseen, labelled_data, quality_checks

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


@pytest.fixture(scope="module")
def agreement():
    return {name: (precision, recall) for name, _, precision, recall, _ in quality_checks.fault_lines()}


@pytest.mark.parametrize(
    ("judged", "precision", "recall"),
    [
        ("refusal, Do-Not-Answer, default", 0.79, 0.96),
        ("repetition, all, default", 0.99, 0.94),
        ("JSON grammar", 1.0, 1.0),
    ],
)
def test_check_agrees_with_the_labels(agreement, judged, precision, recall):
    measured_precision, measured_recall = agreement[judged]

    assert measured_precision >= precision
    assert measured_recall >= recall


@pytest.mark.slow
def test_refusals_are_found_on_models_and_prompts_that_were_not_trained_on():
    lines = {name: (precision, recall) for name, _, precision, recall, _ in checks_unseen.xstest_lines()}

    precision, recall = lines["all"]
    assert precision >= 0.95
    assert 2 * precision * recall / (precision + recall) >= 0.87


def test_loops_are_found_among_answers_that_guided_nothing():
    (_, n, precision, _, recall, *_), _ = checks_unseen.unseen_loop_lines()

    assert n == 286
    assert precision >= 0.95
    assert recall >= 0.75


def test_useless_answers_score_below_the_quality_trigger():
    means = {name: default for name, default, _ in quality_checks.mean_scores()}

    assert means["empty"] == 0
    assert means["full refusals"] < 0.4
    assert means["degenerate loops"] < 0.5
    assert means["hard real prompts"] > 0.98
