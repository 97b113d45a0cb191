"""How well predictions match references: exact match, F1 and BLEU, with intervals over groups of rows.

References: Rajpurkar et al. (2016), SQuAD, arXiv:1606.05250, for the normalisation, exact match and F1. Papineni et al.
(2002), BLEU, ACL 40, and Post (2018), WMT 3, whose library computes it here. Field and Welsh (2007), J. R. Stat. Soc. B
69(3), 369-390, for the bootstrap of clusters.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics import BLEU

LEVEL = 0.95
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
# Matches and n-grams of each order up to four, and the lengths of both texts.
_ORDERS = 4
_bleu = BLEU()


@dataclass(frozen=True)
class MetricScore:
    """The value of a metric over n rows of so many groups, 0 to 1, with an interval; None for fewer than two groups."""

    name: str
    value: float
    low: float | None
    high: float | None
    n: int
    groups: int
    level: float = LEVEL


def normalised(text: str) -> str:
    """Return a text as SQuAD compares it.

    Parameters
    ----------
    text : str
        An answer.

    Returns
    -------
    str
        In lower case, without ASCII punctuation and the articles a, an and the, with single spaces.

    Examples
    --------
    >>> normalised("  The Eiffel-Tower, a   landmark!")
    'eiffeltower landmark'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(prediction: str, reference: str) -> float:
    """Return whether two answers are equal once normalised.

    Parameters
    ----------
    prediction, reference : str
        Answers.

    Returns
    -------
    float
        1 or 0.

    Examples
    --------
    >>> exact_match("The Eiffel Tower.", "eiffel tower"), exact_match("Paris", "London")
    (1.0, 0.0)
    """
    return float(normalised(prediction) == normalised(reference))


def f1(prediction: str, reference: str) -> float:
    """Return how many words two answers share once normalised.

    Parameters
    ----------
    prediction, reference : str
        Answers.

    Returns
    -------
    float
        The harmonic mean of precision and recall, 0 to 1. Two answers without words match.

    Examples
    --------
    >>> f1("the cat sat", "a cat sat down")
    0.8
    >>> f1("", "the"), f1("", "cat")
    (1.0, 0.0)
    """
    said, wanted = normalised(prediction).split(), normalised(reference).split()
    if not said or not wanted:
        return float(said == wanted)
    shared = (Counter(said) & Counter(wanted)).total()
    return 2 * shared / (len(said) + len(wanted))


def scores(
    predictions: Sequence[str],
    references: Sequence[str],
    groups: Sequence[int],
    *,
    metric: str,
    rng: np.random.Generator,
    draws: int = 1_000,
) -> MetricScore:
    """Return the value of a metric over all rows with its interval.

    Parameters
    ----------
    predictions, references : sequences of str, n
        Answers, at least one. There is one reference for each prediction.
    groups : sequence of int, n
        Rows of one group are alike, so the bootstrap draws groups.
    metric : str
        One of METRICS.
    rng : numpy.random.Generator
        Draws the groups.
    draws : int
        How many times.

    Returns
    -------
    MetricScore
        exact_match and f1 are means over rows, bleu is of all rows together, 0 to 1 (a hundredth of what is usual).
        The interval is that of percentiles. If all rows score the same, its width is 0 for any number of rows.

    Examples
    --------
    >>> said, wanted, rng = ["Paris", "Rome"], ["paris.", "London"], np.random.default_rng(0)
    >>> found = scores(said, wanted, [0, 1], metric="exact_match", rng=rng)
    >>> found.value, found.low, found.high, found.n
    (0.5, 0.0, 1.0, 2)
    """
    measure, combine = METRICS[metric]
    rows = np.array([measure(*pair) for pair in zip(predictions, references, strict=True)], float)
    of_group = np.unique(np.asarray(groups), return_inverse=True)[1]
    n = int(of_group.max()) + 1
    # A column of ones counts the rows of a draw.
    rows = np.column_stack([rows, np.ones(len(rows))])
    sums = np.zeros((n, rows.shape[1]))
    np.add.at(sums, of_group, rows)
    value = combine(sums.sum(axis=0))
    low = high = None
    if n > 1:
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=draws) @ sums
        low, high = np.quantile([combine(one) for one in drawn], [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return MetricScore(metric, value, low, high, len(rows), n)


def _mean(sums: np.ndarray) -> float:
    return float(sums[0] / sums[-1])


def _counts(prediction: str, reference: str) -> list[float]:
    found = _bleu.corpus_score([prediction], [[reference]])
    return [*found.counts, *found.totals, found.sys_len, found.ref_len]


def _corpus_bleu(sums: np.ndarray) -> float:
    whole = [round(one) for one in sums]
    matches, totals = whole[:_ORDERS], whole[_ORDERS : 2 * _ORDERS]
    # A geometric mean of ones may be slightly more than one.
    return min(BLEU.compute_bleu(matches, totals, sys_len=whole[-3], ref_len=whole[-2]).score / 100, 1.0)


def _of_row(measure: Callable[[str, str], float]) -> Callable[[str, str], list[float]]:
    return lambda prediction, reference: [measure(prediction, reference)]


# What is summed over rows, and the value of the sums.
METRICS: dict[str, tuple[Callable[[str, str], list[float]], Callable[[np.ndarray], float]]] = {
    "exact_match": (_of_row(exact_match), _mean),
    "f1": (_of_row(f1), _mean),
    "bleu": (_counts, _corpus_bleu),
}
