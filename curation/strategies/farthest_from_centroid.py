"""Answers to the most unusual prompts, as the original library selects them; kept for comparison."""

from collections.abc import Iterator

import numpy as np

from curation.choices import Outcome, Strategy
from curation.strategies.base import Pick, Plugin, Task
from curation.strategies.diverse import PARAMETERS, pick, pooled


def rank(task: Task) -> Iterator[Pick]:
    """Return answers to the prompts that are farthest from the mean of all, the farthest first.

    Parameters
    ----------
    task : Task
        parameters: `accept_p_good`, `pool`.

    Returns
    -------
    iterator of Pick
        The score is the Euclidean distance to the centroid, 0 to 2. Answers without enough evidence wait in the queue.

    Raises
    ------
    NoEmbeddings
        If no prompt has a vector.

    Notes
    -----
    It prefers outliers and their near-copies, and covers less than a random sample: use `diverse`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from curation.strategies.base import Candidate, Trace
    >>> candidates = [Candidate(name, datetime(2026, 1, 1, tzinfo=UTC), p_good=0.9) for name in "ab"]
    >>> values = PLUGIN.with_defaults({})
    >>> task = Task(candidates, values, Trace(2), lambda found: np.eye(2)[found], np.random.default_rng(1), 5)
    >>> [pick.index for pick in rank(task)]
    [0, 1]
    """
    pool, vectors = pooled(task, Strategy.FARTHEST_FROM_CENTROID)
    if not len(pool):
        return
    distances = np.linalg.norm(vectors - vectors.mean(axis=0), axis=1)
    for index in pool:
        task.trace.note(Strategy.FARTHEST_FROM_CENTROID, int(index), Outcome.NOT_CHOSEN)
    for position in np.argsort(-distances, kind="stable")[: task.room]:
        index, distance = int(pool[position]), float(distances[position])
        why = f"Its prompt is {distance:.2f} from the centroid"
        floor = task.parameters["accept_p_good"]
        yield pick(task.candidates[index], index, Strategy.FARTHEST_FROM_CENTROID, distance, why, floor)


PLUGIN = Plugin(Strategy.FARTHEST_FROM_CENTROID, rank, PARAMETERS, queues=True, embeds=True)
