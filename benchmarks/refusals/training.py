"""Trains the weights of the refusal check: `python -m benchmarks.refusals.training`.

It learns from XSTest (Röttger et al. 2024, CC BY 4.0) and from the examples, the frames and the documentation of this
project. Of the ordinary answers in one half of IFEval and M-IFEval (Apache-2.0) it learns what does not refuse.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from benchmarks.former_checks.refusal import find_refusal
from benchmarks.labelled_data import half, require_data, rows
from benchmarks.refusals.examples import training_examples
from benchmarks.refusals.frames import frame_examples
from feedback.quality.checks import refusal_model

FOLDS = 5
_STRENGTH = 0.1
_EXAMPLE_WEIGHT = 0.4
_ORDINARY_WEIGHT = 0.6
_ORDINARY = ("ifeval_format", "ifeval_multilingual")
_DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True)
class Weights:
    """What `refusal_weights.npz` holds, of openings and of sentences: logit = sum of weights * scale + bias."""

    weights: np.ndarray
    scales: np.ndarray
    biases: np.ndarray

    def logits(self, texts: "Texts") -> np.ndarray:
        sums = np.stack([texts.pieces @ model.astype(np.float64) for model in self.weights])
        return refusal_model.largest(sums, texts.starts, self.scales, self.biases)


@dataclass(frozen=True)
class Texts:
    """Texts as the pieces of their sentences, with what each refuses and how much each counts.

    starts: the first sentence of each text; owners: the text of each sentence.
    """

    pieces: csr_matrix
    owners: np.ndarray
    labels: np.ndarray
    sample_weights: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        return np.flatnonzero(np.diff(self.owners, prepend=-1))

    def openings(self) -> csr_matrix:
        count = len(self.owners)
        return csr_matrix((np.ones(count, np.float32), (self.owners, np.arange(count)))) @ self.pieces

    def chosen(self, texts: np.ndarray) -> "Texts":
        is_chosen = np.isin(self.owners, texts)
        owners = np.searchsorted(texts, self.owners[is_chosen])
        return Texts(self.pieces[np.flatnonzero(is_chosen)], owners, self.labels[texts], self.sample_weights[texts])


def main() -> None:
    require_data()
    found = fit(everything())
    np.savez_compressed(refusal_model.WEIGHTS, weights=found.weights, scales=found.scales, biases=found.biases)
    print(f"{refusal_model.WEIGHTS}: {refusal_model.WEIGHTS.stat().st_size} bytes")


def everything() -> Texts:
    answers, ordinary = rows("refusal_xstest"), ordinary_texts()
    labelled = [
        *((row["response"], refuses(row), 1.0) for row in answers),
        *((example.text, example.refusal != "none", _EXAMPLE_WEIGHT) for example in training_examples()),
        *((example.text, example.refusal != "none", 1.0) for example in frame_examples()),
        *((text, False, _ORDINARY_WEIGHT) for text in ordinary),
        *((sentence, False, _ORDINARY_WEIGHT) for text in ordinary for sentence in refusal_model.sentences(text)[1::2]),
    ]
    texts, labels, sample_weights = zip(*labelled, strict=True)
    parts = [refusal_model.sentences(text) for text in texts]
    every = [sentence for sentences in parts for sentence in sentences]
    owners = np.repeat(np.arange(len(texts)), [len(sentences) for sentences in parts])
    return Texts(pieces_of(every), owners, np.array(labels), np.array(sample_weights))


def ordinary_texts() -> list[str]:
    """Texts that refuse nothing: paragraphs of the documentation, and answers without a phrase of refusals."""
    documents = [path.read_text(encoding="utf-8") for path in sorted(_DOCUMENTATION.glob("*.md"))]
    paragraphs = [part for document in documents for part in document.split("\n\n") if len(part) > 80]
    answers = [row["response"] for name in _ORDINARY for row in half(name, held_out=False) if row["response"]]
    return [*paragraphs, *(answer for answer in sorted(set(answers)) if find_refusal(answer).extent == "none")]


def fit(texts: Texts) -> Weights:
    whole = _fitted(texts.openings(), texts.labels, texts.sample_weights)
    return _stored([whole, _fitted_to_sentences(texts)])


def _fitted_to_sentences(texts: Texts) -> LogisticRegression:
    """Learn from every sentence of a text that refuses nothing, and from one of each that refuses.

    Which one, a first fit finds out: it learns from refusals of one sentence.
    """
    labels, owners = texts.labels[texts.owners], texts.owners
    chosen = ~labels | (np.bincount(owners) == 1)[owners]
    for _ in range(2):
        fitted = _fitted(texts.pieces[chosen], labels[chosen], texts.sample_weights[owners[chosen]])
        logits = fitted.decision_function(texts.pieces)
        chosen = ~labels | (logits == np.maximum.reduceat(logits, texts.starts)[owners])
    return fitted


def _fitted(pieces: csr_matrix, labels: np.ndarray, sample_weights: np.ndarray) -> LogisticRegression:
    solver = LogisticRegression(C=_STRENGTH, solver="liblinear", dual=True, tol=1e-3, max_iter=2_000, random_state=0)
    return solver.fit(pieces, labels, sample_weight=sample_weights)


def _stored(models: Iterable[LogisticRegression]) -> Weights:
    coefficients = np.concatenate([model.coef_ for model in models])
    scales = np.abs(coefficients).max(axis=1) / 127
    rounded = np.round(coefficients / scales[:, None]).astype(np.int8)
    return Weights(rounded, scales, np.concatenate([model.intercept_ for model in models]))


def crossfitted_logits(answers: Sequence[dict], folds: int = FOLDS) -> np.ndarray:
    """Logits of the answers of XSTest, each from weights that saw neither its model nor its prompt."""
    texts = everything()
    models = np.array([row["model"] for row in answers])
    fold_of = np.array([zlib.crc32(row["prompt"].encode()) % folds for row in answers])
    own = np.arange(len(answers), len(texts.labels))
    logits = np.zeros(len(answers))
    for model in np.unique(models):
        for fold in range(folds):
            seen = np.r_[np.flatnonzero((models != model) & (fold_of != fold)), own]
            held = np.flatnonzero((models == model) & (fold_of == fold))
            logits[held] = fit(texts.chosen(seen)).logits(texts.chosen(held))
    return logits


def refuses(row: dict) -> bool:
    return row["human_final"] != "1_full_compliance"


def pieces_of(texts: Sequence[str]) -> csr_matrix:
    return vstack([_pieces(texts[start : start + 1_000]) for start in range(0, len(texts), 1_000)], format="csr")


def _pieces(texts: Sequence[str]) -> csr_matrix:
    starts, found = refusal_model.buckets(texts)
    lengths = np.diff([*starts, found.shape[1]])
    rows_of = np.broadcast_to(np.repeat(np.arange(len(texts)), lengths), found.shape)
    is_piece = found != 0
    counts = np.ones(is_piece.sum(), np.float32)
    shape = (len(texts), 2**refusal_model.BUCKET_BITS)
    return csr_matrix((counts, (rows_of[is_piece], found[is_piece].astype(np.int64))), shape)


if __name__ == "__main__":
    main()
