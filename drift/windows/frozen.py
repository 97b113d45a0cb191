"""Summaries of a baseline as JSON and back."""

from collections.abc import Mapping

import numpy as np

from drift.windows.data import Summaries, Summary
from feedback.measures.catalogue import kind_of
from feedback.measures.histograms import Categories, Histogram


def as_json(parts: Mapping[str, Summaries]) -> dict:
    return {segment: {name: _frozen(side) for name, side in of.items()} for segment, of in parts.items()}


def from_json(parts: Mapping[str, Mapping[str, dict]]) -> dict[str, dict[str, Summary]]:
    return {segment: {name: _thawed(name, side) for name, side in of.items()} for segment, of in parts.items()}


def _frozen(summary: Summary) -> dict:
    if isinstance(summary, Categories):
        return {"names": summary.counts}
    bins, counts = summary.bins.tolist(), summary.counts.tolist()
    return {"bins": bins, "counts": counts, "total": summary.total, "squares": summary.squares}


def _thawed(name: str, kept: dict) -> Summary:
    if "names" in kept:
        return Categories(kept["names"])
    bins, counts = (np.array(kept[side], dtype=np.int64) for side in ("bins", "counts"))
    return Histogram(kind_of(name), bins, counts, kept["total"], kept["squares"])
