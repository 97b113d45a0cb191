"""Loads the rows of an approved set: all, a sample, or in folds. For workers and scripts; it needs SciPy."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from curation.models import CuratedExample
from curation.sets import withdrawn
from exports.choices import LeftOut, Sampling
from exports.datasets import references, sampling
from exports.datasets.grouping import groups_of
from exports.products import sft
from exports.products.base import Options
from feedback import exact_json
from feedback.ir import DatasetRef
from feedback.stores import event_store
from feedback.stores.base import EventFilter

DEFAULT_FOLDS = 5
_COLUMNS = {"strategy": "strategy", "model_version": "model_version_id"}
_METADATA = "metadata."
_ROWS_PER_QUERY = 500


class InvalidSampling(ValueError):
    """A sample that cannot be drawn."""


@dataclass(frozen=True)
class DatasetRow:
    """One example: the conversation before the answer, and the answer to imitate. Rows of one group are alike."""

    row_id: int
    event_id: str
    prompt: str
    messages: list[dict[str, Any]]
    reference: str
    strategy: str
    model_version: str
    split: str
    group: int
    fold: int | None = None


@dataclass(frozen=True)
class Fold:
    """Rows to train with and rows to test with; no group is in both."""

    train: tuple[DatasetRow, ...]
    test: tuple[DatasetRow, ...]


@dataclass(frozen=True)
class LoadedDataset:
    """The rows of a version of a set. ref always names the same rows, but for erasures and objections.

    left_out: how many rows are no examples of an answer in text, by reason.
    """

    ref: DatasetRef
    curated_set_id: int
    content_hash: str
    rows: tuple[DatasetRow, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def folds(self) -> Iterator[Fold]:
        """Each fold once as the test of the others. Without k_fold there are none."""
        for fold in sorted({row.fold for row in self.rows if row.fold is not None}):
            yield Fold(
                tuple(row for row in self.rows if row.fold != fold),
                tuple(row for row in self.rows if row.fold == fold),
            )


def load(
    ref: DatasetRef,
    *,
    sample_size: int | None = None,
    sampling: str = Sampling.RANDOM,
    by: str = "strategy",
    folds: int = DEFAULT_FOLDS,
    seed: int = 0,
    deployments: Sequence[str] = (),
) -> LoadedDataset:
    """The rows that a DatasetRef names, with sample_size at most so many of them.

    sampling: random, stratified (each stratum of `by` in proportion) or k_fold (`folds` folds that are about equal in
    rows of each stratum). by: strategy, model_version, or metadata.KEY of the event. Groups are kept whole, so what is
    not in the sample, or is in another fold, is no near-copy of what is. The same arguments give the same rows.
    deployments: as in references.resolve.

    Raises references.Unresolvable and InvalidSampling.
    """
    _check(sample_size, sampling, by)
    resolved = references.resolve(ref, deployments=deployments)
    found, left_out = _rows(resolved)
    found = _drawn(found, sample_size, Sampling(sampling), by, folds, np.random.default_rng(seed))
    return LoadedDataset(resolved.ref, resolved.curated_set.pk, resolved.curated_set.content_hash, found, left_out)


def _check(sample_size: int | None, kind: str, by: str) -> None:
    if kind not in Sampling.values:
        raise InvalidSampling(f"sampling must be one of {', '.join(Sampling.values)}, not {kind}")
    if sample_size is not None and sample_size < 1:
        raise InvalidSampling("sample_size must be at least 1")
    if by not in _COLUMNS and not (by.startswith(_METADATA) and by != _METADATA):
        raise InvalidSampling(f"by must be one of {', '.join(_COLUMNS)} or metadata.KEY, not {by}")


def _rows(resolved: references.Resolved) -> tuple[tuple[DatasetRow, ...], dict[str, int]]:
    examples = list(references.examples(resolved.curated_set, resolved.split).iterator(chunk_size=_ROWS_PER_QUERY))
    kept: list[tuple[CuratedExample, dict[str, Any]]] = []
    left_out: Counter[str] = Counter()
    deployment_id = resolved.curated_set.deployment_id
    for start in range(0, len(examples), _ROWS_PER_QUERY):
        some = examples[start : start + _ROWS_PER_QUERY]
        objected = withdrawn.among(some, deployment_id=deployment_id)
        for example in some:
            record = LeftOut.TRAINING_NOT_ALLOWED if example.pk in objected else _record(example)
            if isinstance(record, LeftOut):
                left_out[record.value] += 1
            else:
                kept.append((example, record))
    groups = groups_of([example.group_id for example, _ in kept], [example.prompt for example, _ in kept])
    rows = tuple(_row(*one, int(group)) for one, group in zip(kept, groups, strict=True))
    return rows, dict(left_out)


def _record(example: CuratedExample) -> dict[str, Any] | LeftOut:
    """The supervised record of an example; one whose answer is a call alone has no text to compare with."""
    found = sft.records(example, Options())
    if isinstance(found, LeftOut):
        return found
    [record] = found
    answer = record["messages"][-1].get("content")
    return dict(record) if isinstance(answer, str) and answer else LeftOut.EMPTY_ANSWER


def _row(example: CuratedExample, record: Mapping[str, Any], group: int) -> DatasetRow:
    *context, answer = record["messages"]
    return DatasetRow(
        row_id=example.pk,
        event_id=str(example.event_id),
        prompt=example.prompt,
        messages=context,
        reference=answer["content"],
        strategy=example.strategy,
        model_version=example.model_version_id,
        split=example.split,
        group=group,
    )


def _drawn(
    rows: tuple[DatasetRow, ...], size: int | None, kind: Sampling, by: str, folds: int, rng: np.random.Generator
) -> tuple[DatasetRow, ...]:
    if size is not None and size < len(rows):
        groups = [row.group for row in rows]
        if kind == Sampling.STRATIFIED:
            chosen = sampling.stratified_sample(groups, _strata(rows, by), size=size, rng=rng)
        else:
            chosen = sampling.random_sample(groups, size=size, rng=rng)
        rows = tuple(rows[position] for position in chosen)
    if kind != Sampling.K_FOLD:
        return rows
    try:
        of_row = sampling.k_folds([row.group for row in rows], folds=folds, rng=rng, strata=_strata(rows, by))
    except ValueError as error:
        raise InvalidSampling(str(error)) from error
    return tuple(replace(row, fold=int(fold)) for row, fold in zip(rows, of_row, strict=True))


def _strata(rows: Sequence[DatasetRow], by: str) -> list[str]:
    if by in _COLUMNS:
        return [getattr(row, by) for row in rows]
    values = _metadata([row.event_id for row in rows], by.removeprefix(_METADATA))
    return [values.get(row.event_id, "") for row in rows]


def _metadata(event_ids: Sequence[str], key: str) -> dict[str, str]:
    """The value of a key by event, as JSON; events that are no longer stored have none."""
    found: dict[str, str] = {}
    for start in range(0, len(event_ids), _ROWS_PER_QUERY):
        where = EventFilter(ids=event_ids[start : start + _ROWS_PER_QUERY])
        for row in event_store().scan(where, ["id", "metadata"]).read_all().to_pylist():
            metadata = exact_json.decode(row["metadata"] or "{}")
            if key in metadata:
                found[row["id"]] = exact_json.encode(metadata[key]).decode()
    return found
