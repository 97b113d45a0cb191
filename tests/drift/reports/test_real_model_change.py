"""Every metric of a report but embeddings, on answers of one model before and after it changed."""

import numpy as np
import pytest

from benchmarks import labelled_data
from benchmarks.drift_real import METADATA, answers, flagged
from benchmarks.real_answers import Answers, compare
from drift.choices import Verdict

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not (labelled_data.data_folder() / "chatgpt_version_drift").is_dir(),
        reason="shared/data/chatgpt_version_drift is absent",
    ),
]


@pytest.fixture(scope="module")
def measured(django_db_setup, django_db_blocker):
    """What the answers of March and of June 2023 say, by set and model; the profiles of deployments are stored."""
    by_set = answers()
    with django_db_blocker.unblock():
        return {
            (name, model): Answers.of(by_set[name][model], metadata=METADATA, embedded=False)
            for name, models in (
                ("prime", ("gpt-4-0314", "gpt-4-0613")),
                ("opinionqa", ("gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613")),
            )
            for model in models
        }


def metrics_of(measured, name, *models):
    return {metric.name: metric for metric in compare(*(measured[name, model].window() for model in models))}


def test_the_change_of_gpt_4_from_march_to_june_is_flagged_in_words(measured):
    metrics = metrics_of(measured, "prime", "gpt-4-0314", "gpt-4-0613")

    assert metrics["prompt_length"].verdict == metrics["prompt.words"].verdict == Verdict.OK
    assert metrics["response_length"].sentence == (
        "Response length: median 690 → 4 characters, -6.5 SD [-6.5, -3.6], n = 500 and 500; a clear change."
    )
    drifting = {name for name, metric in metrics.items() if metric.verdict == Verdict.DRIFTING}
    assert drifting > {"response_length", "quality", "format", "check.length", "response.words", "response.sentences"}
    assert not {name for name in drifting if name.startswith("prompt")}
    assert metrics["quality"].effect < -0.5


def test_other_opinions_of_the_same_length_are_told_by_what_was_picked(measured):
    metrics = metrics_of(measured, "opinionqa", "gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613")

    assert metrics["response_length"].verdict == Verdict.OK
    assert metrics["metadata.picked_option"].verdict == Verdict.WATCH
    assert metrics["metadata.picked_option"].sentence.startswith("Events by picked_option: B 22.9% → 31.3%")
    assert metrics["response.sentences"].verdict == Verdict.DRIFTING
    assert not [name for name in metrics if name.startswith("prompt.") and metrics[name].verdict != Verdict.OK]


@pytest.mark.parametrize(("model", "loud"), [("gpt-4-0314", 0), ("gpt-4-0613", 1)])
def test_random_halves_of_one_model_stay_quiet(measured, model, loud):
    """At most 6 % of reports may be flagged with all metrics together."""
    whole, reports = measured["prime", model], 0

    for seed in range(40):
        halves = np.array_split(np.random.default_rng(seed).permutation(whole.n), 2)
        reports += bool(flagged(compare(*(whole.window(half) for half in halves))))

    assert reports == loud
