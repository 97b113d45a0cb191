"""Draws from an explicit generator."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def happens(probability: float, rng: np.random.Generator) -> bool:
    return rng.random() < probability


def pick(options: Sequence[T], rng: np.random.Generator) -> T:
    return options[int(rng.random() * len(options))]


def pick_weighted(weights: Mapping[T, float], rng: np.random.Generator) -> T:
    """One key, as often as its share of the sum of the weights."""
    place = np.searchsorted(np.cumsum(list(weights.values())), rng.random() * sum(weights.values()), side="right")
    return list(weights)[min(int(place), len(weights) - 1)]
