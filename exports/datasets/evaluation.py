"""Compares predictions with the references of a data set. For workers and scripts; it needs sacrebleu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exports.datasets.loading import LoadedDataset
from exports.datasets.metrics import METRICS, MetricScore, scores
from feedback.ir import DatasetRef

DEFAULT_METRICS = ("exact_match", "f1")
DEFAULT_DRAWS = 1_000


class InvalidPredictions(ValueError):
    """Predictions that do not belong to the rows, or metrics that are not known."""


@dataclass(frozen=True)
class Evaluation:
    """The scores of n predictions by metric, and what they were compared with."""

    ref: DatasetRef
    content_hash: str
    n: int
    scores: Mapping[str, MetricScore]

    @property
    def accuracy(self) -> float | None:
        """The share of exact matches, None if that was not measured."""
        return self.scores["exact_match"].value if "exact_match" in self.scores else None


def evaluate(
    predictions: Mapping[str, str] | Sequence[str],
    *,
    dataset: LoadedDataset,
    metrics: Sequence[str] = DEFAULT_METRICS,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
) -> Evaluation:
    """The metrics of predictions, with intervals that draw groups of rows.

    predictions: by event id, one for each row, or in the order of the rows. Raises InvalidPredictions.
    """
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not metrics:
        raise InvalidPredictions(f"metrics must be some of {', '.join(METRICS)}, not {', '.join(unknown) or 'none'}")
    said = _in_order(predictions, dataset)
    references, groups = [row.reference for row in dataset.rows], [row.group for row in dataset.rows]
    found = {
        name: scores(said, references, groups, metric=name, rng=np.random.default_rng(seed), draws=draws)
        for name in metrics
    }
    return Evaluation(dataset.ref, dataset.content_hash, len(said), found)


def _in_order(predictions: Mapping[str, str] | Sequence[str], dataset: LoadedDataset) -> list[str]:
    if not dataset.rows:
        raise InvalidPredictions("The data set has no rows")
    if isinstance(predictions, str):
        raise InvalidPredictions("predictions must be a mapping or a sequence of texts")
    if isinstance(predictions, Mapping):
        missing = [row.event_id for row in dataset.rows if row.event_id not in predictions]
        if missing:
            raise InvalidPredictions(f"{len(missing)} of {len(dataset.rows)} rows have no prediction, as {missing[0]}")
        return [predictions[row.event_id] for row in dataset.rows]
    if len(predictions) != len(dataset.rows):
        raise InvalidPredictions(f"{len(predictions)} predictions do not belong to {len(dataset.rows)} rows")
    return list(predictions)
