"""The student: TF-IDF of words and logistic regression, trained as anyone would."""

from collections import Counter

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline

from benchmarks.loop.texts import Texts

NOTHING = Texts([], [])


def trained(learned: Texts, more: Texts = NOTHING) -> Pipeline:
    """A model of what was known before and what an arm adds; a row that is there several times weighs as much."""
    weights = Counter(zip(learned.texts + more.texts, learned.labels + more.labels, strict=True))
    texts, labels = zip(*weights, strict=True)
    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        LogisticRegression(C=30.0, max_iter=200, class_weight="balanced"),
    )
    model.fit(texts, labels, logisticregression__sample_weight=np.array(list(weights.values()), float))
    return model


def macro_f1(model: Pipeline, tested: Texts) -> float:
    return float(f1_score(tested.labels, model.predict(tested.texts), average="macro"))
