from dataclasses import replace

import numpy as np
import pytest

from drift.choices import Verdict
from drift.crucible import parity
from drift.crucible.parity import EventValues
from drift.measures import verdicts
from drift.measures.verdicts import VerdictParameters
from drift.reports import comparison
from drift.windows.data import Embeddings, WindowData
from feedback.measures.catalogue import kind_of
from feedback.measures.histograms import Categories, Histogram


def window(rng, n, *, length=5.0, quality=0.9, dimensions=8, shift=0.0):
    """Lognormal lengths, quality with mass at 1, and unit-length embeddings of prompts."""
    vectors = rng.normal(size=(n, dimensions)) + shift
    numbers = {
        "prompt_length": np.floor(rng.lognormal(5, 0.8, n)),
        "response_length": np.floor(rng.lognormal(length, 0.8, n)),
        "quality": np.where(rng.random(n) < 0.6, 1.0, rng.beta(9 * quality / 0.9, 2, n)),
    }
    embeddings = Embeddings({"prompt": vectors / np.linalg.norm(vectors, axis=1, keepdims=True)}, "test")
    return with_values(WindowData({"": {}}, embeddings), **numbers)


def with_values(data, **numbers):
    """The same with other values of some metrics."""
    summaries = {name: Histogram.of(values, kind_of(name)) for name, values in numbers.items()}
    return replace(data, parts={**data.parts, "": {**data.of(""), **summaries}})


def with_vectors(data, vectors, client="test"):
    return replace(data, embeddings=Embeddings({"prompt": vectors}, client))


def compare(reference, current):
    found = comparison.compare(reference, current, parameters=VerdictParameters(), seed=0)
    return {one.result.name: one.result for one in found}


def verdicts_of(metrics):
    return {name: metric.verdict for name, metric in metrics.items()}


def test_a_changed_metric_is_named_and_the_others_are_not(rng):
    metrics = compare(window(rng, 1204), window(rng, 1180, length=5.5))

    assert verdicts_of(metrics) == {
        "prompt_length": Verdict.OK,
        "response_length": Verdict.DRIFTING,
        "quality": Verdict.OK,
        "prompt_embedding": Verdict.OK,
        "response_embedding": Verdict.INSUFFICIENT_DATA,
    }
    changed = metrics["response_length"]
    assert changed.sentence == (
        "Response length: median 150 → 252 characters, +0.7 SD [0.6, 0.8], n = 1,204 and 1,180; a clear change."
    )
    assert changed.effect_interval[0] > 0.1
    assert verdicts.overall_verdict(metrics.values()) == Verdict.DRIFTING
    assert verdicts.overall_score(metrics.values()) == changed.statistics["ks"]


def test_a_significant_but_negligible_change_is_ok():
    rng = np.random.default_rng(5)
    reference, current = window(rng, 20_000), window(rng, 20_000, length=5.05)

    few = [with_vectors(side, side.embeddings.of("prompt")[:100]) for side in (reference, current)]
    metric = compare(*few)["response_length"]

    assert metric.adjusted_p_value < 0.001
    assert metric.verdict == Verdict.OK
    assert metric.sentence.endswith("; significant but negligible.")


def test_a_change_that_may_be_negligible_is_watched():
    rng = np.random.default_rng(3)

    metrics = compare(window(rng, 1000), window(rng, 1000, length=5.14))

    assert metrics["response_length"].verdict == Verdict.WATCH
    assert metrics["response_length"].sentence.endswith("; a change that may be negligible.")
    assert verdicts.overall_verdict(metrics.values()) == Verdict.WATCH


def test_a_change_of_spread_alone_is_not_called_negligible(rng):
    wider = np.exp(5 + 2.5 * rng.normal(0, 0.8, 1000))

    metric = compare(window(rng, 1000), with_values(window(rng, 1000), response_length=wider))["response_length"]

    assert abs(metric.effect) < 0.1
    assert metric.verdict == Verdict.DRIFTING
    assert metric.sentence.endswith("; a clear change in shape more than in level.")


def test_embeddings_of_another_topic_drift_and_do_not_enter_the_score(rng):
    metrics = compare(window(rng, 300), window(rng, 300, shift=1.0))

    assert metrics["prompt_embedding"].verdict == Verdict.DRIFTING
    assert metrics["prompt_embedding"].p_value == 1 / 9991
    assert verdicts.overall_verdict(metrics.values()) == Verdict.DRIFTING
    assert verdicts.overall_score(metrics.values()) == 0.0


@pytest.mark.parametrize("scored", [0, 49])
def test_unscored_quality_is_missing_and_not_zero(rng, scored):
    reference, current = window(rng, 200), window(rng, 200)
    quality = np.full(200, np.nan)
    quality[:scored] = 0.9

    metrics = compare(reference, with_values(current, quality=quality))

    assert metrics["quality"].verdict == Verdict.INSUFFICIENT_DATA
    assert (metrics["quality"].n_reference, metrics["quality"].n_current) == (200, scored)
    assert metrics["quality"].effect is None
    assert "need at least 50 per window" in metrics["quality"].sentence
    assert verdicts.overall_verdict(metrics.values()) == Verdict.OK


@pytest.mark.parametrize("n", [0, 1, 49])
def test_a_short_reference_is_insufficient_data_without_a_score(rng, n):
    metrics = compare(window(rng, n), window(rng, 1000, length=9)).values()

    assert {metric.verdict for metric in metrics} == {Verdict.INSUFFICIENT_DATA}
    assert verdicts.overall_verdict(metrics) == Verdict.INSUFFICIENT_DATA
    assert verdicts.overall_score(metrics) is None


def test_too_few_values_come_with_the_smallest_effect_they_could_show(rng):
    metric = compare(window(rng, 40), window(rng, 1000))["prompt_length"]

    assert metric.statistics == {"smallest_detectable_delta": pytest.approx(0.346, abs=0.002)}
    assert metric.sentence == (
        "Prompt length: too few values, n = 40 and 1,000, need at least 50 per window; "
        "with this many only a shift of 0.6 SD or more is detectable."
    )


@pytest.mark.parametrize(
    ("embeddings", "sentence"),
    [
        (
            {"vectors": {"prompt": np.ones((100, 8))}, "client": "other"},
            "the windows were embedded by different clients, test and other.",
        ),
        ({"vectors": {"prompt": np.ones((100, 5))}, "client": "test"}, "The embeddings have 8 and 5 dimensions."),
        (
            {"vectors": {"prompt": np.full((100, 8), np.nan)}, "client": "test"},
            "An embedding has a component that is not a finite number.",
        ),
        ({"failure": "the embedding client failed: OSError: away"}, "the embedding client failed: OSError: away"),
    ],
)
def test_embeddings_that_fail_are_an_error_and_never_no_drift(rng, embeddings, sentence):
    metrics = compare(window(rng, 100), replace(window(rng, 100), embeddings=Embeddings(**embeddings)))

    assert metrics["prompt_embedding"].verdict == Verdict.ERROR
    assert metrics["prompt_embedding"].sentence == f"Prompt embeddings: {sentence}"
    assert verdicts.overall_verdict(metrics.values()) == Verdict.ERROR
    assert verdicts.overall_score(metrics.values()) is None


def test_without_an_embedding_sample_the_other_metrics_still_count(rng):
    nothing = {"embeddings": Embeddings()}

    metrics = compare(replace(window(rng, 200), **nothing), replace(window(rng, 200, length=6), **nothing))

    assert metrics["prompt_embedding"].verdict == Verdict.INSUFFICIENT_DATA
    assert "too few embedded texts, n = 0 and 0" in metrics["prompt_embedding"].sentence
    assert verdicts.overall_verdict(metrics.values()) == Verdict.DRIFTING


def test_constant_values_are_no_change(rng):
    constant = {"prompt_length": np.full(300, 13.0), "quality": np.ones(300)}

    metrics = compare(with_values(window(rng, 300), **constant), with_values(window(rng, 300), **constant))

    assert (metrics["prompt_length"].p_value, metrics["prompt_length"].effect) == (1.0, 0.0)
    assert metrics["quality"].sentence == (
        "Score of the checks: mean 1.000 → 1.000, +0.0 SD [0.0, 0.0], n = 300 and 300; no evidence of a change."
    )


def test_the_crucible_profile_gives_the_originals_maximum():
    short = EventValues(50, np.full(50, 5.0), np.full(50, 100.0), np.full(50, 0.9), np.zeros((3, 2)))
    long = EventValues(50, np.full(50, 200.0), np.full(50, 110.0), np.full(50, np.nan), np.full((3, 2), 10.0))

    metrics = parity.compare(short, long)

    assert [(metric.name, metric.verdict) for metric in metrics] == [
        ("statistical", Verdict.DRIFTING),
        ("embedding", Verdict.DRIFTING),
        ("output", Verdict.DRIFTING),
    ]
    assert [metric.effect for metric in metrics] == pytest.approx([13.815496, 14.142136, 0.9], abs=1e-5)
    assert parity.overall_score(metrics) == pytest.approx(14.142136)


def test_the_crucible_profile_has_no_verdict_over_an_empty_window():
    empty = EventValues(0, np.array([]), np.array([]), np.array([]), np.empty((0, 0)))
    some = EventValues(3, np.array([5.0, 6, 7]), np.ones(3), np.ones(3), np.ones((3, 2)))

    metrics = parity.compare(empty, some)

    assert {metric.verdict for metric in metrics} == {Verdict.INSUFFICIENT_DATA}
    assert metrics[0].statistics == {"ks": 1.0, "psi": 0.0}
    assert parity.overall_score(metrics) is None


def test_signals_are_compared_as_shares_of_thumbs_and_of_events(rng):
    signals = [{"thumbs_up": 90, "thumbs_down": 10, "edit": 40}, {"thumbs_up": 30, "thumbs_down": 70, "edit": 45}]
    sides = [window(rng, 1000), window(rng, 1000)]
    for side, counts in zip(sides, signals, strict=True):
        side.parts[""]["signal"] = Categories(counts)

    metrics = compare(*sides)

    assert [name for name in metrics if name.startswith("signal.")] == ["signal.thumbs_up", "signal.edit"]
    assert metrics["signal.thumbs_up"].sentence == (
        "Thumbs up: 90.0% → 30.0%, -60.0 points [-69.3, -47.9], n = 100 and 100; a clear change."
    )
    assert (metrics["signal.edit"].verdict, metrics["signal.edit"].n_current) == (Verdict.OK, 1000)


def test_the_largest_segments_are_compared_without_descriptors(rng):
    parts = {f"plan={k}": {"response_length": Histogram.of(np.full(100 + k, 5.0 + k), "count")} for k in range(30)}
    parts["plan=few"] = {"response_length": Histogram.of(np.full(49, 5.0), "count")}
    parts["plan=29"]["response.words"] = Histogram.of(np.full(129, 5.0), "count")
    data = replace(window(rng, 200), parts={**window(rng, 200).parts, **parts})

    found = comparison.compare(data, data, parameters=VerdictParameters(), seed=0)

    segmented = [(one.result.segment, one.result.name) for one in found if one.result.segment]
    assert segmented == [(f"plan={k}", "response_length") for k in range(29, 9, -1)]


def test_what_a_page_draws_has_the_counts_of_both_sides(rng):
    found = comparison.compare(window(rng, 300), window(rng, 200), parameters=VerdictParameters(), seed=0)

    drawing, before = found[1].drawing, found[1].before
    assert (len(drawing["edges"]), sum(drawing["reference"]), sum(drawing["current"])) == (31, 300, 200)
    assert sorted(before) == ["mean", "median", "n", "p5", "p95", "sd"]
