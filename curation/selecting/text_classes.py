"""Predicts the class of short texts from their words, always from other texts than those that are judged."""

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import log_softmax

FOLDS = 5
# A feature of one text alone predicts nothing about another.
_LEAST_TEXTS = 2
# The larger, the closer the coefficients follow the texts; as `C` of scikit-learn's LogisticRegression.
_STRENGTH = 3.0
_MOST_STEPS = 80


def word_features(texts: Sequence[str]) -> sparse.csr_array:
    """Return the words and pairs of neighbouring words of texts, weighted by TF-IDF.

    Parameters
    ----------
    texts : sequence of str, length n
        Words are separated by white space.

    Returns
    -------
    sparse.csr_array of float, shape (n, d)
        Rows of Euclidean length 1, or 0 without a feature. The d features are those of at least two texts.

    Examples
    --------
    >>> word_features(["book a table", "book a room", "thanks"]).shape
    (3, 3)
    """
    counted = [Counter(_features(text)) for text in texts]
    found_in = Counter(feature for counts in counted for feature in counts)
    known = sorted(feature for feature, found in found_in.items() if found >= _LEAST_TEXTS)
    columns = {feature: column for column, feature in enumerate(known)}
    inverse = np.array([1 + math.log((1 + len(texts)) / (1 + found_in[feature])) for feature in known])
    rows = [
        (row, columns[feature], 1 + math.log(times))
        for row, counts in enumerate(counted)
        for feature, times in counts.items()
        if feature in columns
    ]
    at, feature, weight = (np.array(part) for part in zip(*rows, strict=True)) if rows else (np.empty(0, int),) * 3
    made = sparse.csr_array((weight * inverse[feature], (at, feature)), shape=(len(texts), len(known)))
    lengths = np.sqrt((made * made).sum(axis=1))
    return sparse.csr_array(sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ made)


class HeldOutClasses:
    """Predicts the class of each text by logistic regression on the texts of other groups.

    features: shape (n, d). classes: from 0 to `count` - 1, shape (n,). groups: texts of one group are never used to
    judge each other.
    """

    def __init__(self, features: sparse.csr_array, classes: np.ndarray, count: int, groups: Sequence[str]):
        self._features, self._is_class = features, np.eye(count)[classes]
        folds = np.array([zlib.crc32(group.encode()) % FOLDS for group in groups])
        self._folds = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in np.unique(folds)]
        self._starts = [np.zeros((features.shape[1] + 1) * count) for _ in self._folds]

    def probabilities(self, weights: np.ndarray) -> np.ndarray:
        """Shape (n, count); weights, shape (n,): how much each text counts. Starts where the last call ended."""
        found = np.full(self._is_class.shape, 1 / self._is_class.shape[1])
        for fold, (learnt, judged) in enumerate(self._folds):
            if len(learnt):
                self._starts[fold] = _fitted(
                    self._features[learnt], self._is_class[learnt], weights[learnt], self._starts[fold]
                )
                found[judged] = np.exp(_log_odds(self._features[judged], self._starts[fold], found.shape[1]))
        return found


def _features(text: str) -> Iterator[str]:
    words = text.split()
    yield from words
    yield from (f"{one} {other}" for one, other in zip(words, words[1:], strict=False))


def _fitted(features: sparse.csr_array, is_class: np.ndarray, weights: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The coefficients of a multinomial logistic regression, the constants last, as one vector."""
    count, transposed = is_class.shape[1], sparse.csr_array(features.T)

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        logs = _log_odds(features, values, count)
        slopes = values[:-count] / _STRENGTH
        excess = weights[:, None] * (np.exp(logs) - is_class)
        gradient = np.concatenate(((transposed @ excess).ravel() + slopes, excess.sum(axis=0)))
        return float(-(weights[:, None] * is_class * logs).sum() + slopes @ values[:-count] / 2), gradient

    options = {"maxiter": _MOST_STEPS, "ftol": 1e-6}
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x)


def _log_odds(features: sparse.csr_array, values: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(log_softmax(features @ values[:-count].reshape(-1, count) + values[-count:], axis=1))
