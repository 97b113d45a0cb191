import numpy as np
import pytest

from drift.choices import Verdict
from drift.measures import categories, embeddings, numbers
from drift.measures.verdicts import MetricResult, VerdictParameters, judge
from feedback.statistics.histogram_pairs import HistogramPair

PARAMETERS = VerdictParameters()


def verdict_of(evidence):
    return judge([evidence], PARAMETERS)[0]


def lengths(rng, n, level):
    return np.floor(rng.lognormal(level, 0.5, n))


def test_a_number_is_described_by_medians_shift_and_counts(rng):
    pair = HistogramPair.of_samples(lengths(rng, 1204, 3.7), lengths(rng, 1180, 4.1))

    metric = verdict_of(numbers.measure("response_words", "Response length", pair, PARAMETERS, unit="words"))

    assert (metric.verdict, metric.method) == (Verdict.DRIFTING, "adaptive_ranks-1,mood-1,ks-1")
    assert metric.sentence == (
        "Response length: median 40 → 59 words, +0.8 SD [0.7, 0.9], n = 1,204 and 1,180; a clear change."
    )
    assert metric.effect_interval[0] < metric.effect < metric.effect_interval[1]
    assert metric.p_value == pytest.approx(metric.statistics["level_p_value"] / 0.9)


def test_binned_values_give_the_verdict_of_the_values_themselves(rng):
    reference, current = rng.lognormal(5, 0.8, 5000), rng.lognormal(5.1, 0.8, 3000)
    exact = verdict_of(numbers.measure("latency", "Latency", HistogramPair.of_samples(reference, current), PARAMETERS))
    two_percent_bins = [np.exp(np.floor(np.log(side) / np.log(1.02)) * np.log(1.02)) for side in (reference, current)]

    binned = verdict_of(numbers.measure("latency", "Latency", HistogramPair.of_samples(*two_percent_bins), PARAMETERS))

    assert binned.verdict == exact.verdict == Verdict.WATCH
    assert binned.effect == pytest.approx(exact.effect, abs=1e-3)
    for name in ("ks", "psi", "wasserstein_sd"):
        assert binned.statistics[name] == pytest.approx(exact.statistics[name], abs=2e-3)


@pytest.mark.parametrize(
    ("current", "verdict"),
    [
        ([101] * 400, Verdict.OK),
        ([98] * 400, Verdict.OK),
        ([104] * 400, Verdict.DRIFTING),
        ([101] * 380 + [150] * 20, Verdict.DRIFTING),
        ([0] * 400, Verdict.DRIFTING),
    ],
    ids=["one percent", "two percent down", "four percent", "some far away", "nothing"],
)
def test_a_constant_that_moves_a_little_is_negligible(current, verdict):
    pair = HistogramPair.of_samples(np.full(400, 100.0), np.array(current, dtype=float))

    metric = verdict_of(numbers.measure("latency_ms", "Latency", pair, PARAMETERS, unit="ms"))

    assert metric.verdict == verdict
    assert ("significant but negligible" in metric.sentence) == (verdict == Verdict.OK)


@pytest.mark.parametrize(
    ("reference", "current", "verdict", "sentence"),
    [
        (
            (500, 10_000),
            (100, 1000),
            Verdict.DRIFTING,
            "Refusals: 5.0% → 10.0%, +5.0 points [3.2, 7.1], n = 10,000 and 1,000; a clear change.",
        ),
        (
            (500, 10_000),
            (50, 1000),
            Verdict.OK,
            "Refusals: 5.0% → 5.0%, +0.0 points [-1.3, 1.6], n = 10,000 and 1,000; no evidence of a change.",
        ),
        (
            (50_000, 1_000_000),
            (51_000, 1_000_000),
            Verdict.OK,
            "Refusals: 5.0% → 5.1%, +0.1 points [0.0, 0.2], n = 1,000,000 and 1,000,000; significant but negligible.",
        ),
        (
            (0, 200),
            (12, 200),
            Verdict.DRIFTING,
            "Refusals: 0.0% → 6.0%, +6.0 points [2.8, 10.2], n = 200 and 200; a clear change.",
        ),
        (
            (0, 100),
            (0, 60),
            Verdict.OK,
            "Refusals: 0.0% → 0.0%, +0.0 points [-3.7, 6.0], n = 100 and 60; "
            "no evidence of a change; a rise to less than 8.9% would probably be missed.",
        ),
    ],
)
def test_a_share_is_described_in_percent_and_points(reference, current, verdict, sentence):
    metric = verdict_of(categories.measure_share("refusals", "Refusals", reference, current, PARAMETERS))

    assert (metric.verdict, metric.sentence) == (verdict, sentence)
    assert metric.method == "fisher-1"


def test_categories_name_the_one_that_moved_most():
    reference, current = {"en": 900, "de": 80, "fr": 3}, {"en": 800, "de": 80, "es": 100}

    metric = verdict_of(categories.measure("language", "Language", reference, current, PARAMETERS))

    assert metric.verdict == Verdict.DRIFTING
    assert metric.sentence == "Language: es 0.0% → 10.2%, n = 983 and 980; a clear change."
    assert metric.statistics["total_variation"] == pytest.approx(0.10229, abs=1e-5)
    assert list(metric.statistics["shares"]) == ["es", "en", "fr", "de"]


@pytest.mark.parametrize(
    ("reference", "current", "verdict"),
    [
        ({"en": 400}, {"en": 300}, Verdict.OK),
        ({"en": 400}, {"de": 300}, Verdict.DRIFTING),
        ({"a": 200, "b": 200}, {"a": 100, "b": 100}, Verdict.OK),
        ({}, {"en": 300}, Verdict.INSUFFICIENT_DATA),
        ({}, {}, Verdict.INSUFFICIENT_DATA),
        ({"en": 49}, {"de": 300}, Verdict.INSUFFICIENT_DATA),
        ({"none": 9990, "full": 10}, {"none": 45, "full": 5}, Verdict.DRIFTING),
        ({"none": 9990, "full": 10}, {"none": 50}, Verdict.OK),
    ],
)
def test_categories_at_the_edge_have_a_verdict(reference, current, verdict):
    found = categories.measure("language", "Language", reference, current, PARAMETERS)

    metric = found if isinstance(found, MetricResult) else verdict_of(found)
    assert metric.verdict == verdict
    assert metric.p_value is None or 0 <= metric.p_value <= 1


@pytest.mark.parametrize("n", [0, 1, 49])
def test_too_few_come_with_the_smallest_effect_they_could_show(n):
    number = HistogramPair([1.0], [n], [1000])

    found = [
        numbers.measure("latency", "Latency", number, PARAMETERS),
        categories.measure_share("refusals", "Refusals", (0, n), (500, 1000), PARAMETERS),
        embeddings.measure("prompts", "Prompts", np.ones((n, 4)), np.ones((60, 4)), PARAMETERS, rng=None),
    ]

    assert [metric.verdict for metric in found] == [Verdict.INSUFFICIENT_DATA] * 3
    assert found[0].sentence.startswith(f"Latency: too few values, n = {n} and 1,000, need at least 50 per window; ")
    assert [metric.effect for metric in found] == [None] * 3


def test_few_values_name_the_smallest_detectable_effect_in_its_unit():
    found = [
        numbers.measure("latency", "Latency", HistogramPair([1.0, 2.0], [20, 20], [500, 500]), PARAMETERS),
        categories.measure_share("refusals", "Refusals", (4, 40), (50, 1000), PARAMETERS),
    ]

    assert [metric.sentence.partition("per window; ")[2] for metric in found] == [
        "with this many only a shift of 0.6 SD or more is detectable.",
        "with this many only a difference of 35 points or more is detectable.",
    ]


def test_a_rare_feature_that_becomes_common_moves_no_median_and_is_named():
    pair = HistogramPair([0, 1, 2, 3], [9800, 100, 60, 40], [940, 30, 20, 10])

    metric = verdict_of(numbers.measure("code_blocks", "Code blocks", pair, PARAMETERS))

    assert abs(metric.effect) < 0.1
    assert metric.verdict == Verdict.DRIFTING
    assert metric.sentence.endswith("; a clear change in how many are 0 (98.0% → 94.0%).")
    assert (metric.statistics["atom"], metric.statistics["atom_shares"]) == (0.0, [0.98, 0.94])


def test_a_change_of_shape_alone_is_named_as_such(rng):
    pair = HistogramPair.of_samples(rng.normal(size=2000), rng.normal(0, 2.5, 2000))

    metric = verdict_of(numbers.measure("latency", "Latency", pair, PARAMETERS))

    assert abs(metric.effect) < 0.1
    assert metric.sentence.endswith("; a clear change in shape more than in level.")
