"""Trains the weights of the refusal check: `python -m benchmarks.refusals.training`.

It learns from XSTest (Röttger et al. 2024, CC BY 4.0) and from the examples and the documentation of this project. Of
the ordinary answers in one half of IFEval and M-IFEval (Apache-2.0) it learns what does not refuse.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from benchmarks.former_checks.refusal import find_refusal
from benchmarks.labelled_data import half, require_data, rows
from benchmarks.refusals.examples import training_examples
from feedback.quality.checks import refusal_model

FOLDS = 5
_STRENGTH = 0.02
_EXAMPLE_WEIGHT = 0.4
_ORDINARY_WEIGHT = 0.3
_ORDINARY = ("ifeval_format", "ifeval_multilingual")
_DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True)
class Weights:
    """What `refusal_weights.npz` holds: a logit is the sum of weights times scale plus bias."""

    weights: np.ndarray
    scale: float
    bias: float

    def logits(self, pieces: csr_matrix) -> np.ndarray:
        return pieces @ self.weights.astype(np.float64) * self.scale + self.bias


def main() -> None:
    require_data()
    found = fit(*everything())
    np.savez_compressed(
        refusal_model.WEIGHTS, weights=found.weights, scale=np.float64(found.scale), bias=np.float64(found.bias)
    )
    print(f"{refusal_model.WEIGHTS}: {refusal_model.WEIGHTS.stat().st_size} bytes")


def everything() -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """The pieces, labels and sample weights of all that is trained on."""
    answers, examples, ordinary = list(rows("refusal_xstest")), training_examples(), ordinary_texts()
    texts = [*(row["response"] for row in answers), *(example.text for example in examples), *ordinary]
    labels = [*map(refuses, answers), *(example.refusal != "none" for example in examples), *[False] * len(ordinary)]
    counts = (len(answers), len(examples), len(ordinary))
    return pieces_of(texts), np.array(labels), np.repeat((1.0, _EXAMPLE_WEIGHT, _ORDINARY_WEIGHT), counts)


def ordinary_texts() -> list[str]:
    """Texts that refuse nothing: paragraphs of the documentation, and answers without a phrase of refusals."""
    documents = [path.read_text(encoding="utf-8") for path in sorted(_DOCUMENTATION.glob("*.md"))]
    paragraphs = [part for document in documents for part in document.split("\n\n") if len(part) > 80]
    answers = [row["response"] for name in _ORDINARY for row in half(name, held_out=False) if row["response"]]
    return [*paragraphs, *(answer for answer in sorted(set(answers)) if find_refusal(answer).extent == "none")]


def fit(pieces: csr_matrix, labels: np.ndarray, sample_weights: np.ndarray) -> Weights:
    solver = LogisticRegression(C=_STRENGTH, solver="liblinear", dual=True, max_iter=2_000, random_state=0)
    fitted = solver.fit(pieces, labels, sample_weight=sample_weights)
    coefficients = fitted.coef_[0]
    scale = float(np.abs(coefficients).max()) / 127
    return Weights(np.round(coefficients / scale).astype(np.int8), scale, float(fitted.intercept_[0]))


def crossfitted_logits(answers: Sequence[dict]) -> np.ndarray:
    """Logits of the answers of XSTest, each from weights that saw neither its model nor its prompt."""
    pieces, labels, sample_weights = everything()
    models = np.array([row["model"] for row in answers])
    folds = np.array([zlib.crc32(row["prompt"].encode()) % FOLDS for row in answers])
    own = np.arange(len(answers), len(labels))
    logits = np.zeros(len(answers))
    for model in np.unique(models):
        for fold in range(FOLDS):
            seen = np.r_[np.flatnonzero((models != model) & (folds != fold)), own]
            held = np.flatnonzero((models == model) & (folds == fold))
            logits[held] = fit(pieces[seen], labels[seen], sample_weights[seen]).logits(pieces[held])
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
