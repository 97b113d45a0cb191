"""Compares a number over two windows: effect, evidence and a sentence.

Fewer values than the minimum in a window give insufficient data; missing values are excluded, never counted as 0.
"""

from dataclasses import dataclass

from drift.choices import Verdict
from drift.measures.facts import facts_of, signed, too_few, too_small
from drift.measures.verdicts import Evidence, MetricResult, VerdictParameters, size_of
from feedback.statistics import distances, multiplicity, power, proportions, ranks
from feedback.statistics.histogram_pairs import HistogramPair

_WEAK_DELTA = 0.2  # Windows that could miss twice the negligible shift get a note.


def measure(
    name: str, label: str, pair: HistogramPair, parameters: VerdictParameters, *, unit: str = "", what: str = "values"
) -> Evidence | MetricResult:
    """Measure a number: its level by a rank test, its spread by Mood's test, its shape by Kolmogorov-Smirnov.

    Parameters
    ----------
    name, label : str
        The metric's name, and its name in sentences.
    pair : HistogramPair
        Its values in both windows.
    parameters : VerdictParameters
        Thresholds; below `minimum_n` values in a window there is insufficient data.
    unit : str
        The unit of the values; without one the sentence gives means with three digits.
    what : str
        What is counted, in the sentence about too few values.

    Returns
    -------
    Evidence or MetricResult
        Evidence for judge, with Cliff's delta as its effect; a result if there is too little data.

    Examples
    --------
    >>> pair = HistogramPair([10, 20, 30], [100, 100, 0], [0, 100, 100])
    >>> evidence = measure("latency_ms", "Latency", pair, VerdictParameters(), unit="ms")
    >>> evidence.result.sentence
    'Latency: median 15 → 25 ms, +1.6 SD [1.5, 1.8], n = 200 and 200'
    >>> evidence.size.value
    'drifting'
    """
    n, m = pair.n_reference, pair.n_current
    facts = facts_of(name, label, ("adaptive_ranks", "mood", "ks"), n, m)
    if too_small(facts, parameters):
        return too_few(
            facts, what, parameters, effect_of=lambda delta: f"a shift of {ranks.in_deviations(delta, n, m):.1f} SD"
        )
    ks, effect = distances.ks(pair), ranks.cliffs_delta(pair)
    psi, moved = distances.psi(pair), distances.wasserstein(pair)
    shift = [ranks.in_deviations(delta, n, m) for delta in (effect.delta, effect.low, effect.high)]
    level_p, spread_p, rest = ranks.level_p(pair), ranks.spread_p(pair), (1 - parameters.level_weight) / 2
    atom = _Atom.of(pair, parameters)
    result = MetricResult(
        **facts,
        verdict=Verdict.OK,
        sentence=f"{label}: {_movement(pair, unit)}, {signed(shift, ' SD')}, n = {n:,} and {m:,}",
        effect=effect.delta,
        effect_interval=(effect.low, effect.high),
        p_value=multiplicity.combined((level_p, spread_p, ks.p_value), (parameters.level_weight, rest, rest)),
        statistics={
            "effect": "cliffs_delta",
            "shift_sd": shift[0],
            "shift_sd_interval": shift[1:],
            "level_p_value": level_p,
            "rank_sum_p_value": effect.p_value,
            "spread_p_value": spread_p,
            "ks": ks.statistic,
            "ks_interval": [ks.low, ks.high],
            "ks_p_value": ks.p_value,
            "psi": psi.index,
            "psi_p_value": psi.p_value,
            "psi_by_chance": psi.null_mean,
            "wasserstein": moved.distance,
            "wasserstein_sd": moved.in_deviations,
            "smallest_detectable_delta": power.smallest_detectable_delta(n, m, alpha=parameters.level),
            **(atom.statistics if atom else {}),
        },
    )
    if _is_nearly_constant(pair, parameters.negligible_relative):
        return Evidence(result, Verdict.OK, "", _reach(result, n, m))
    size, aspect = _size(effect, ks, atom, parameters)
    return Evidence(result, size, aspect, _reach(result, n, m))


def _is_nearly_constant(pair: HistogramPair, share: float) -> bool:
    """Whether all but 1 % of the values of both windows lie within this share of the reference median.

    Ranks have no unit: a constant that moves by a thousandth is the largest possible shift.
    """
    median = pair.quantiles(0.5)[0]
    least, most = min(pair.quantiles(0.005)), max(pair.quantiles(0.995))
    return max(most - median, median - least) <= share * abs(median)


def _size(
    effect: ranks.EffectResult, ks: distances.KsResult, atom: "_Atom | None", parameters: VerdictParameters
) -> tuple[Verdict, str]:
    """The largest verdict of level, shape and the most frequent value, and a description if it is not the level."""
    margin = parameters.negligible_delta
    sizes = {
        "": size_of(effect.low, effect.high, negligible=(-margin, margin)),
        " in shape more than in level": size_of(ks.low, ks.high, negligible=(0.0, parameters.negligible_ks)),
        **({atom.words: atom.size} if atom else {}),
    }
    size = next((verdict for verdict in (Verdict.DRIFTING, Verdict.WATCH) if verdict in sizes.values()), Verdict.OK)
    aspect = next(words for words, reached in sizes.items() if reached == size)
    return size, "" if abs(effect.delta) >= margin else aspect


@dataclass(frozen=True)
class _Atom:
    """The most frequent value of a number: when a rare feature becomes common, the median does not move."""

    value: float
    before: tuple[int, int]
    after: tuple[int, int]
    negligible_h: float

    @classmethod
    def of(cls, pair: HistogramPair, parameters: VerdictParameters) -> "_Atom | None":
        both = pair.reference_counts + pair.current_counts
        most = int(both.argmax())
        if both[most] < parameters.atom_share * both.sum():
            return None
        before = int(pair.reference_counts[most]), pair.n_reference
        after = int(pair.current_counts[most]), pair.n_current
        return cls(float(pair.values[most]), before, after, parameters.negligible_h)

    @property
    def statistics(self) -> dict:
        return {"atom": self.value, "atom_shares": [self.before[0] / self.before[1], self.after[0] / self.after[1]]}

    @property
    def words(self) -> str:
        before, after = self.statistics["atom_shares"]
        return f" in how many are {self.value:g} ({before:.1%} → {after:.1%})"

    @property
    def size(self) -> Verdict:
        difference = proportions.risk_difference(*self.before, *self.after)
        least_most = proportions.differences_within(self.before[0] / self.before[1], self.negligible_h)
        return size_of(difference.low, difference.high, negligible=least_most)


def _reach(result: MetricResult, n: int, m: int) -> str:
    delta = result.statistics["smallest_detectable_delta"]
    if delta <= _WEAK_DELTA:
        return ""
    return f"; a shift below {ranks.in_deviations(delta, n, m):.1f} SD would probably be missed"


def _movement(pair: HistogramPair, unit: str) -> str:
    """The medians, or the means when ties keep the medians from moving."""
    old, new = pair.quantiles(0.5)
    name = "median"
    if not unit or old == new:
        name, (old, new) = "mean", pair.means()
    digits = _digits(old, new) if unit else 3
    return f"{name} {old:,.{digits}f} → {new:,.{digits}f} {unit}".rstrip()


def _digits(old: float, new: float) -> int:
    """Three figures of the larger one; whole numbers stay whole."""
    if old == round(old) and new == round(new):
        return 0
    largest = max(abs(old), abs(new))
    return next((digits for digits, above in enumerate((100, 10, 1)) if largest >= above), 3)
