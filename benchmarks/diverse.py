"""Measures the selection of diverse rows, beside simpler methods: `python -m benchmarks.diverse`.

Rows are drawn around topics of Zipf sizes. Some are near-duplicates of others, some garbage far from every topic, which
claims a quality like any other row.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.labelled_data import print_table
from curation.selecting.coverage import MAX_SIMILARITY, facility_location

ROWS, DIMENSIONS, TOPICS, PICKED = 20_000, 256, 60, 500
NEAR_DUPLICATES, GARBAGE = 0.15, 0.01
SEED = 1
NO_TOPIC = -1


@dataclass(frozen=True)
class Population:
    """Unit vectors with the topic (NO_TOPIC for garbage) and the quality of each."""

    vectors: np.ndarray
    topics: np.ndarray
    quality: np.ndarray


def main() -> None:
    population = drawn(np.random.default_rng(SEED))
    lines = [line(name, pick, population) for name, pick in METHODS.items()]
    print_table(
        f"{PICKED} of {ROWS:,} rows of {DIMENSIONS} numbers, {TOPICS} topics",
        ("method", "seconds", "topics", "distance to the nearest pick", "garbage", "near-duplicate pairs", "quality"),
        lines,
    )


def line(name: str, pick: Callable[[Population], np.ndarray], population: Population) -> tuple:
    begun = time.perf_counter()
    picks = pick(population)
    seconds = time.perf_counter() - begun
    topics = population.topics[picks]
    chosen = population.vectors[picks]
    nearest = (population.vectors[population.topics != NO_TOPIC] @ chosen.T).max(axis=1)
    return (
        name,
        round(seconds, 2),
        len(set(topics.tolist()) - {NO_TOPIC}),
        float(1 - nearest.mean()),
        f"{(topics == NO_TOPIC).mean():.1%}",
        int((np.triu(chosen @ chosen.T, 1) > MAX_SIMILARITY).sum()),
        float(population.quality[picks].mean()),
    )


def drawn(random: np.random.Generator, rows: int = ROWS) -> Population:
    sizes = 1 / np.arange(1, TOPICS + 1)
    topics = random.choice(TOPICS, rows, p=sizes / sizes.sum())
    vectors = _units(random.normal(size=(TOPICS, DIMENSIONS)))[topics] + 0.045 * random.normal(size=(rows, DIMENSIONS))
    is_copy = random.random(rows) < NEAR_DUPLICATES
    originals = random.choice(np.flatnonzero(~is_copy), is_copy.sum())
    topics[is_copy] = topics[originals]
    vectors[is_copy] = vectors[originals] + 0.01 * random.normal(size=(is_copy.sum(), DIMENSIONS))
    is_garbage = random.random(rows) < GARBAGE
    vectors[is_garbage] = random.normal(size=(is_garbage.sum(), DIMENSIONS))
    topics[is_garbage] = NO_TOPIC
    return Population(_units(vectors), topics, random.beta(5, 2, rows))


def _units(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def by_facility_location(population: Population) -> np.ndarray:
    return np.array([row for row, _ in facility_location(population.vectors, population.quality, count=PICKED)])


def at_random(population: Population) -> np.ndarray:
    return np.random.default_rng(SEED).permutation(len(population.vectors))[:PICKED]


def by_quality(population: Population) -> np.ndarray:
    return np.argsort(-population.quality, kind="stable")[:PICKED]


def farthest_from_centroid(population: Population) -> np.ndarray:
    distances = np.linalg.norm(population.vectors - population.vectors.mean(axis=0), axis=1)
    return np.argsort(-distances, kind="stable")[:PICKED]


def by_k_center(population: Population) -> np.ndarray:
    """Each pick is the row farthest from all picks before."""
    picks = [int(population.quality.argmax())]
    nearest = population.vectors @ population.vectors[picks[0]]
    while len(picks) < PICKED:
        picks.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, population.vectors @ population.vectors[picks[-1]])
    return np.array(picks)


METHODS = {
    "facility location": by_facility_location,
    "random": at_random,
    "best quality": by_quality,
    "farthest from centroid": farthest_from_centroid,
    "k-center": by_k_center,
}

if __name__ == "__main__":
    main()
