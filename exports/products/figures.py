"""Figures about the records of a product, added up while they are made."""

import math
from dataclasses import dataclass, field

# DPO learns to write longer answers where chosen ones are longer.
MAX_LENGTH_DIFFERENCE = 0.2
# TRL wants desirable to undesirable examples between 1:1 and 4:3; this is between the two.
KTO_RATIO = 7 / 6


@dataclass
class PairLengths:
    """Lengths of chosen and rejected answers in characters, and how they go with the margin of their pairs.

    Notes
    -----
    Means and the correlation are updated pair by pair (Welford), so that no pair is kept.

    Examples
    --------
    >>> lengths = PairLengths()
    >>> for chosen, rejected, margin in [(30, 10, 0.9), (20, 20, 0.5), (10, 6, 0.6)]:
    ...     lengths.add(chosen, rejected, margin)
    >>> lengths.mean_chosen, lengths.mean_rejected, lengths.chosen_longer, round(lengths.correlation, 3)
    (20.0, 12.0, 2, 0.994)
    """

    pairs: int = 0
    mean_chosen: float = 0.0
    mean_rejected: float = 0.0
    chosen_longer: int = 0
    _with_margin: int = 0
    _mean_margin: float = 0.0
    _mean_difference: float = 0.0
    _margins: float = 0.0
    _differences: float = 0.0
    _products: float = 0.0

    def add(self, chosen: int, rejected: int, margin: float | None) -> None:
        self.pairs += 1
        self.mean_chosen += (chosen - self.mean_chosen) / self.pairs
        self.mean_rejected += (rejected - self.mean_rejected) / self.pairs
        self.chosen_longer += chosen > rejected
        if margin is None:
            return
        self._with_margin += 1
        from_mean, difference = margin - self._mean_margin, chosen - rejected - self._mean_difference
        self._mean_margin += from_mean / self._with_margin
        self._mean_difference += difference / self._with_margin
        self._margins += from_mean * (margin - self._mean_margin)
        self._differences += difference * (chosen - rejected - self._mean_difference)
        self._products += from_mean * (chosen - rejected - self._mean_difference)

    @property
    def difference(self) -> float | None:
        """By which share of their mean length chosen answers are longer; None if all rejected ones are empty."""
        return self.mean_chosen / self.mean_rejected - 1 if self.mean_rejected else None

    @property
    def is_biased(self) -> bool:
        """Whether the lengths differ by more than MAX_LENGTH_DIFFERENCE."""
        if self.difference is None:
            return self.mean_chosen > 0
        return abs(self.difference) > MAX_LENGTH_DIFFERENCE

    @property
    def correlation(self) -> float | None:
        """Pearson's correlation of margin and difference in length; None if one of them never varies."""
        spread = math.sqrt(self._margins * self._differences)
        return max(-1.0, min(1.0, self._products / spread)) if spread else None


@dataclass
class Labels:
    """How many answers are labelled good and bad.

    Examples
    --------
    >>> Labels(desirable=100, undesirable=20).weights
    (1.0, 4.29)
    >>> Labels(desirable=120, undesirable=100).weights
    (1.0, 1.0)
    """

    desirable: int = 0
    undesirable: int = 0

    def add(self, label: bool) -> None:
        if label:
            self.desirable += 1
        else:
            self.undesirable += 1

    @property
    def weights(self) -> tuple[float, float] | None:
        """The `desirable_weight` and `undesirable_weight` for TRL; None if one label is missing."""
        if not self.desirable or not self.undesirable:
            return None
        ratio = self.desirable / self.undesirable
        if 1 <= ratio <= 4 / 3:
            return 1.0, 1.0
        return (round(KTO_RATIO / ratio, 2), 1.0) if ratio < 1 else (1.0, round(ratio / KTO_RATIO, 2))


@dataclass
class Figures:
    """The figures of one export."""

    lengths: PairLengths = field(default_factory=PairLengths)
    labels: Labels = field(default_factory=Labels)
