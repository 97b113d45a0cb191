"""The results of a comparison as JSON, from the values of its arms."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np

from drift.bench import findings
from drift.bench.comparison import ArmsResult, compare_arms
from drift.bench.effects import LABELS, Effect
from drift.bench.findings import Finding
from drift.bench.pairs import PairResult, compare_pair
from drift.bench.results import LABELS as TESTS
from drift.bench.results import StatisticalResult, StatisticalTest
from drift.bench.samples import Sample
from drift.choices import Correction
from drift.measures.outcomes import Outcome
from feedback.statistics import multiplicity

_BARS, _FEWEST_BARS = 20, 2
_CORRECTIONS = {
    Correction.HOLM: multiplicity.holm,
    Correction.BONFERRONI: multiplicity.bonferroni,
    Correction.BENJAMINI_HOCHBERG: multiplicity.benjamini_hochberg,
    Correction.NONE: lambda p_values: np.asarray(p_values, float),
}


@dataclass(frozen=True)
class Compared:
    """One outcome of all arms: their samples, the pairs of the first arm with each other one, and the test of all."""

    outcome: Outcome
    samples: list[Sample]
    pairs: list[PairResult]
    overall: ArmsResult | None


def compare(
    outcome: Outcome,
    samples: Sequence[Sample],
    *,
    rng: np.random.Generator,
    asked: StatisticalTest | None,
    margin: float | None,
) -> Compared:
    """Compare the arms of one outcome. Raises UnsuitableTest for a test that these values do not allow."""
    of_all = asked if len(samples) > 2 else None
    of_pairs = asked if len(samples) == 2 else None
    pairs = [compare_pair(samples[0], other, rng=rng, asked=of_pairs, margin=margin) for other in samples[1:]]
    overall = compare_arms(samples, asked=of_all) if len(samples) > 2 else None
    return Compared(outcome, list(samples), pairs, overall)


def corrected(p_values: Sequence[float | None], correction: str) -> list[float | None]:
    """The p-values corrected together; None stays None."""
    known = [p for p in p_values if p is not None]
    found = iter(_CORRECTIONS[Correction(correction)](known).tolist() if known else [])
    return [None if p is None else next(found) for p in p_values]


def as_json(compared: Sequence[Compared], names: Sequence[str], correction: str) -> list[dict]:
    """One object for each outcome; the p-values of all pairs of all outcomes are corrected together."""
    adjusted = iter(corrected([pair.p_value for one in compared for pair in one.pairs], correction))
    return [_outcome(one, names, [next(adjusted) for _ in one.pairs]) for one in compared]


def _outcome(one: Compared, names: Sequence[str], adjusted: Sequence[float | None]) -> dict:
    arms = [findings.summary(sample) for sample in one.samples]
    there = [sample for sample in one.samples if sample.n]
    is_share = bool(there) and all(sample.is_yes_no for sample in there)
    pairs = []
    for index, (pair, p_value) in enumerate(zip(one.pairs, adjusted, strict=True), start=1):
        found = findings.finding(pair, p_value)
        labelled = [(names[k], arms[k]) for k in (0, index)]
        pairs.append(
            {
                "a": 0,
                "b": index,
                "finding": found.value,
                "better": better_of(found, one.outcome, index),
                "adjusted_p_value": p_value,
                "sentence": findings.sentence(pair, found, *labelled, one.outcome.label, p_value),
                **pair_as_json(pair),
            }
        )
    return {
        "name": one.outcome.name,
        "label": one.outcome.label,
        "unit": one.outcome.unit,
        "better": one.outcome.better,
        "is_share": is_share,
        "arms": [clean(asdict(arm)) for arm in arms],
        "overall": _overall(one.overall),
        "pairs": pairs,
        "histogram": None if is_share else histogram(one.samples),
    }


def better_of(found: Finding, outcome: Outcome, index: int) -> int | None:
    """The index of the better arm, 0 or `index`; None where neither is, or it is not known what is better."""
    if found not in (Finding.HIGHER, Finding.LOWER) or not outcome.better:
        return None
    return index if found.value == outcome.better else 0


def pair_as_json(pair: PairResult) -> dict[str, Any]:
    difference = pair.difference
    return clean(
        {
            "problem": pair.problem,
            "reason": pair.reason,
            **_test(pair.result),
            "difference": difference and difference.value,
            "difference_interval": difference and difference.interval,
            "effects": [_effect(effect) for effect in pair.effects],
            "margin": pair.margin,
            "power": pair.power,
            "detectable": pair.detectable,
            "needed": pair.needed,
            "design_effect": pair.design_effect,
            "notes": list(pair.notes),
        }
    )


def _overall(found: ArmsResult | None) -> dict | None:
    if found is None:
        return None
    effects = [_effect(effect) for effect in found.effects]
    return clean({"problem": found.problem, "reason": found.reason, **_test(found.result), "effects": effects})


def _test(result: StatisticalResult | None) -> dict[str, Any]:
    if result is None:
        return {"test": None, "test_label": "", "statistic": None, "freedom": [], "p_value": None, "written": ""}
    return {
        "test": result.test.value,
        "test_label": TESTS[result.test],
        "statistic": result.statistic,
        "freedom": list(result.freedom),
        "p_value": result.p_value,
        "written": result.written(),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "name": effect.name,
        "label": LABELS[effect.name],
        "value": effect.value,
        "interval": effect.interval,
        "size": effect.size,
    }


def histogram(samples: Sequence[Sample]) -> dict | None:
    """Counts of all arms in equal bars from the 1st to the 99th percentile of all values; the ends hold the rest."""
    together = np.concatenate([sample.values for sample in samples])
    if not len(together):
        return None
    low, high = np.quantile(together, [0.01, 0.99])
    if low == high:
        low, high = float(together.min()), float(together.max())
    if low == high:
        return None
    edges = np.linspace(low, high, min(_BARS, max(_FEWEST_BARS, len(np.unique(together[:1000])))) + 1)
    inside = [np.clip(sample.values, low, high) for sample in samples]
    return {"edges": edges.tolist(), "counts": [np.histogram(one, edges)[0].tolist() for one in inside]}


def clean(value: Any) -> Any:
    """The value with null for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def verdict(outcomes: Sequence[dict], names: Sequence[str]) -> str:
    """The comparison in plain words: what is better, what is worse, what is not known."""
    sentences = []
    for index in range(1, len(names)):
        found: dict[str, list[str]] = {}
        for outcome in outcomes:
            pair = outcome["pairs"][index - 1]
            found.setdefault(_verb(pair, index), []).append(outcome["label"])
        parts = [f"{words} {_listed(found[verb])}" for verb, words in _VERBS.items() if verb in found]
        sentences.append(f"{names[index]} against {names[0]}: {'; '.join(parts)}.")
    return " ".join(sentences)


_BETTER, _WORSE = "better", "worse"
_VERBS = {
    _BETTER: "better by",
    _WORSE: "worse by",
    "higher": "higher",
    "lower": "lower",
    "negligible": "different, but by too little to matter, in",
    "equivalent": "no difference that matters in",
    "unclear": "not enough evidence of a difference in",
    "impossible": "cannot be compared by",
}


def _verb(pair: dict, index: int) -> str:
    if pair["better"] is None:
        return pair["finding"]
    return _BETTER if pair["better"] == index else _WORSE


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
