"""The tests of the comparison by name, and what each of them says."""

from dataclasses import dataclass
from enum import StrEnum
from math import nan

from drift.bench.clustered import Contrast


class StatisticalTest(StrEnum):
    """Every test of the comparison, by the name that the API uses."""

    STUDENT = "student_t"
    WELCH = "welch_t"
    CLUSTERED = "clustered_t"
    PAIRED = "paired_t"
    MANN_WHITNEY = "mann_whitney"
    CLUSTERED_RANKS = "clustered_ranks"
    WILCOXON = "wilcoxon"
    SIGN = "sign"
    TWO_PROPORTIONS = "two_proportions"
    FISHER = "fisher"
    CHI_SQUARE = "chi_square"
    MCNEMAR = "mcnemar"
    BOOTSTRAP = "bootstrap"
    PERMUTATION = "permutation"
    ANOVA = "anova"
    WELCH_ANOVA = "welch_anova"
    CLUSTERED_ANOVA = "clustered_anova"
    KRUSKAL_WALLIS = "kruskal_wallis"
    FRIEDMAN = "friedman"


LABELS = {
    StatisticalTest.STUDENT: "Student's t-test",
    StatisticalTest.WELCH: "Welch's t-test",
    StatisticalTest.CLUSTERED: "t-test with errors clustered by user",
    StatisticalTest.PAIRED: "paired t-test",
    StatisticalTest.MANN_WHITNEY: "Mann-Whitney test",
    StatisticalTest.CLUSTERED_RANKS: "rank test with errors clustered by user",
    StatisticalTest.WILCOXON: "Wilcoxon signed-rank test",
    StatisticalTest.SIGN: "sign test",
    StatisticalTest.TWO_PROPORTIONS: "test of two proportions",
    StatisticalTest.FISHER: "Fisher's exact test",
    StatisticalTest.CHI_SQUARE: "chi-squared test",
    StatisticalTest.MCNEMAR: "McNemar's exact test",
    StatisticalTest.BOOTSTRAP: "bootstrap",
    StatisticalTest.PERMUTATION: "permutation test",
    StatisticalTest.ANOVA: "one-way analysis of variance",
    StatisticalTest.WELCH_ANOVA: "Welch's analysis of variance",
    StatisticalTest.CLUSTERED_ANOVA: "analysis of variance with errors clustered by user",
    StatisticalTest.KRUSKAL_WALLIS: "Kruskal-Wallis test",
    StatisticalTest.FRIEDMAN: "Friedman test",
}


@dataclass(frozen=True)
class StatisticalResult:
    """What a test says.

    Attributes
    ----------
    test : StatisticalTest
    p_value : float
        Two-sided, 0 to 1.
    symbol : str
        The letter of the statistic, such as "t"; "" for a test without one.
    statistic : float
        NaN for a test without one.
    freedom : tuple of float
        Degrees of freedom; () for a test without them.
    contrast : Contrast or None
        Of tests of means and clustered tests, the difference with its error.
    interval : tuple of float or None
        Of the bootstrap, the interval of the difference.
    """

    test: StatisticalTest
    p_value: float
    symbol: str = ""
    statistic: float = nan
    freedom: tuple[float, ...] = ()
    contrast: Contrast | None = None
    interval: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        return LABELS[self.test]

    def written(self) -> str:
        """Return the statistic as it is reported, such as "t(8.00)=7.00, p<0.001"."""
        if not self.symbol:
            return reported_p(self.p_value)
        freedom = f"({', '.join(_freedom(one, self.symbol) for one in self.freedom)})" if self.freedom else ""
        return f"{self.symbol}{freedom}={self.statistic:.2f}, {reported_p(self.p_value)}"


def reported_p(p_value: float) -> str:
    """Return a p-value as it is reported.

    Parameters
    ----------
    p_value : float
        0 to 1.

    Returns
    -------
    str

    Examples
    --------
    >>> reported_p(0.0001126), reported_p(0.04321)
    ('p<0.001', 'p=0.043')
    """
    return "p<0.001" if p_value < 0.001 else f"p={p_value:.3f}"


def _freedom(value: float, symbol: str) -> str:
    return f"{value:.0f}" if value == round(value) and symbol != "t" else f"{value:.2f}"
