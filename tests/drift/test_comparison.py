from dataclasses import replace

import numpy as np
import pytest

from drift import comparison, parity
from drift.choices import Verdict
from drift.comparison import Parameters, WindowData


def window(rng, n, *, length=5.0, quality=0.9, dimensions=8, shift=0.0):
    """Lognormal lengths, quality with mass at 1, and unit-length embeddings."""
    vectors = rng.normal(size=(n, dimensions)) + shift
    return WindowData(
        n=n,
        prompt_length=np.floor(rng.lognormal(5, 0.8, n)),
        response_length=np.floor(rng.lognormal(length, 0.8, n)),
        quality=np.where(rng.random(n) < 0.6, 1.0, rng.beta(9 * quality / 0.9, 2, n)),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        embedding_client="test",
    )


def compare(reference, current):
    metrics = comparison.compare(reference, current, parameters=Parameters(), rng=np.random.default_rng(0))
    return {metric.name: metric for metric in metrics}


def verdicts(metrics):
    return {name: metric.verdict for name, metric in metrics.items()}


@pytest.mark.parametrize("n", [20, 50, 100, 200, 500, 1000])
def test_identical_distributions_stay_quiet(n):
    rng = np.random.default_rng(n)
    flagged, significant = 0, 0

    for _ in range(100):
        metrics = compare(window(rng, n), window(rng, n)).values()
        flagged += comparison.overall_verdict(metrics) in (Verdict.WATCH, Verdict.DRIFTING)
        significant += any(metric.adjusted_p_value is not None and metric.adjusted_p_value < 0.01 for metric in metrics)

    assert flagged <= 3
    assert significant <= 3


def test_a_changed_metric_is_named_and_the_others_are_not(rng):
    metrics = compare(window(rng, 1204), window(rng, 1180, length=5.5))

    assert verdicts(metrics) == {
        "prompt_length": Verdict.OK,
        "response_length": Verdict.DRIFTING,
        "quality": Verdict.OK,
        "prompt_embedding": Verdict.OK,
    }
    changed = metrics["response_length"]
    assert changed.sentence == ("Response length: median 150 → 252 characters, n = 1,204 and 1,180; a clear change.")
    assert changed.effect_interval[0] > 0.1
    assert comparison.overall_verdict(metrics.values()) == Verdict.DRIFTING
    assert comparison.overall_score(metrics.values()) == changed.statistics["ks"]


def test_a_significant_but_negligible_change_is_ok():
    rng = np.random.default_rng(5)
    reference, current = window(rng, 20_000), window(rng, 20_000, length=5.05)

    metric = compare(
        replace(reference, vectors=reference.vectors[:100]), replace(current, vectors=current.vectors[:100])
    )["response_length"]

    assert metric.adjusted_p_value < 0.001
    assert metric.verdict == Verdict.OK
    assert metric.sentence.endswith("; significant but negligible.")


def test_a_small_change_is_watched():
    rng = np.random.default_rng(3)

    metrics = compare(window(rng, 1000), window(rng, 1000, length=5.14))

    assert metrics["response_length"].verdict == Verdict.WATCH
    assert metrics["response_length"].sentence.endswith("; a small change.")
    assert comparison.overall_verdict(metrics.values()) == Verdict.WATCH


def test_a_change_of_spread_alone_is_not_called_negligible(rng):
    reference, current = window(rng, 1000), window(rng, 1000)
    wider = np.exp(5 + 2.5 * (np.log(current.response_length + 1) - 5))

    metric = compare(reference, replace(current, response_length=wider))["response_length"]

    assert abs(metric.effect) < 0.1
    assert metric.verdict == Verdict.DRIFTING
    assert metric.sentence.endswith("; a clear change in shape, not in level.")


def test_embeddings_of_another_topic_drift_and_do_not_enter_the_score(rng):
    metrics = compare(window(rng, 300), window(rng, 300, shift=1.0))

    assert metrics["prompt_embedding"].verdict == Verdict.DRIFTING
    assert metrics["prompt_embedding"].p_value == 0.001
    assert comparison.overall_verdict(metrics.values()) == Verdict.DRIFTING
    assert comparison.overall_score(metrics.values()) == 0.0


@pytest.mark.parametrize("scored", [0, 49])
def test_unscored_quality_is_missing_and_not_zero(rng, scored):
    reference, current = window(rng, 200), window(rng, 200)
    quality = np.full(200, np.nan)
    quality[:scored] = 0.9

    metrics = compare(reference, replace(current, quality=quality))

    assert metrics["quality"].verdict == Verdict.INSUFFICIENT_DATA
    assert (metrics["quality"].n_reference, metrics["quality"].n_current) == (200, scored)
    assert metrics["quality"].effect is None
    assert "50 a side are needed" in metrics["quality"].sentence
    assert comparison.overall_verdict(metrics.values()) == Verdict.OK


@pytest.mark.parametrize("n", [0, 1, 49])
def test_a_short_reference_is_insufficient_data_without_a_score(rng, n):
    metrics = compare(window(rng, n), window(rng, 1000, length=9)).values()

    assert {metric.verdict for metric in metrics} == {Verdict.INSUFFICIENT_DATA}
    assert comparison.overall_verdict(metrics) == Verdict.INSUFFICIENT_DATA
    assert comparison.overall_score(metrics) is None


def test_too_few_values_come_with_the_smallest_effect_they_could_show(rng):
    metric = compare(window(rng, 40), window(rng, 1000))["prompt_length"]

    assert metric.statistics == {"smallest_detectable_delta": pytest.approx(0.318, abs=0.002)}
    assert metric.sentence == (
        "Prompt length: too few values, n = 40 and 1,000; 50 a side are needed, "
        "these would show an effect of 0.32 or more."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"embedding_client": "other"}, "Prompt embeddings: the windows are embedded by test and other."),
        ({"vectors": np.ones((100, 5))}, "Prompt embeddings: The embeddings have 8 and 5 dimensions."),
        (
            {"vectors": np.full((100, 8), np.nan)},
            "Prompt embeddings: An embedding has a component that is not a finite number.",
        ),
    ],
)
def test_embeddings_that_fail_are_an_error_and_never_no_drift(rng, change, sentence):
    metrics = compare(window(rng, 100), replace(window(rng, 100), **change))

    assert metrics["prompt_embedding"].verdict == Verdict.ERROR
    assert metrics["prompt_embedding"].sentence == sentence
    assert comparison.overall_verdict(metrics.values()) == Verdict.ERROR
    assert comparison.overall_score(metrics.values()) is None


def test_without_an_embedding_sample_the_other_metrics_still_count(rng):
    nothing = {"vectors": np.empty((0, 0)), "embedding_client": ""}

    metrics = compare(replace(window(rng, 200), **nothing), replace(window(rng, 200, length=6), **nothing))

    assert metrics["prompt_embedding"].verdict == Verdict.INSUFFICIENT_DATA
    assert "too few embedded prompts, n = 0 and 0" in metrics["prompt_embedding"].sentence
    assert comparison.overall_verdict(metrics.values()) == Verdict.DRIFTING


def test_constant_values_are_no_change(rng):
    constant = {"prompt_length": np.full(300, 13.0), "quality": np.ones(300)}

    metrics = compare(replace(window(rng, 300), **constant), replace(window(rng, 300), **constant))

    assert (metrics["prompt_length"].p_value, metrics["prompt_length"].effect) == (1.0, 0.0)
    assert metrics["quality"].sentence == "Quality score: mean 1.000 → 1.000, n = 300 and 300; no evidence of a change."


def test_the_crucible_profile_gives_the_originals_maximum():
    short = WindowData(50, np.full(50, 5.0), np.full(50, 100.0), np.full(50, 0.9), np.zeros((3, 2)))
    long = WindowData(50, np.full(50, 200.0), np.full(50, 110.0), np.full(50, np.nan), np.full((3, 2), 10.0))

    metrics = parity.compare(short, long)

    assert [(metric.name, metric.verdict) for metric in metrics] == [
        ("statistical", Verdict.DRIFTING),
        ("embedding", Verdict.DRIFTING),
        ("output", Verdict.DRIFTING),
    ]
    assert [metric.effect for metric in metrics] == pytest.approx([13.815496, 14.142136, 0.9], abs=1e-5)
    assert parity.overall_score(metrics) == pytest.approx(14.142136)


def test_the_crucible_profile_has_no_verdict_over_an_empty_window():
    empty = WindowData(0, np.array([]), np.array([]), np.array([]), np.empty((0, 0)))
    some = WindowData(3, np.array([5.0, 6, 7]), np.ones(3), np.ones(3), np.ones((3, 2)))

    metrics = parity.compare(empty, some)

    assert {metric.verdict for metric in metrics} == {Verdict.INSUFFICIENT_DATA}
    assert metrics[0].statistics == {"ks": 1.0, "psi": 0.0}
    assert parity.overall_score(metrics) is None
