"""Chooses answers whose review tells most about how reliable users are."""

import heapq
from collections.abc import Collection, Iterator, Sequence


def identifying(voters: Sequence[Collection[int]]) -> Iterator[int]:
    """Yield answers in the order in which reviewing them tells most about the users who judged them.

    Parameters
    ----------
    voters : sequence of collections of int
        Who voted on each answer.

    Yields
    ------
    int
        Positions of the answers that have voters, each once.

    Notes
    -----
    Greedy: a voter is worth the number of answers that they voted on, halved for each of their votes that is reviewed
    by then. Of equals the first. What an answer is worth only falls, so its last value bounds it and most are never
    computed again.

    References
    ----------
    Minoux (1978), Optimization Techniques, Springer, 234-243: the accelerated greedy algorithm.

    Examples
    --------
    >>> list(identifying([{7}, {7, 8}, {8, 9}, set(), {7}]))
    [1, 2, 0, 4]
    """
    worth: dict[int, float] = {}
    for some in voters:
        for who in some:
            worth[who] = worth.get(who, 0.0) + 1.0
    heap = [(-sum(worth[who] for who in some), position) for position, some in enumerate(voters) if some]
    heapq.heapify(heap)
    while heap:
        _, position = heapq.heappop(heap)
        value = -sum(worth[who] for who in voters[position])
        if heap and (value, position) > heap[0]:
            heapq.heappush(heap, (value, position))
            continue
        yield position
        for who in voters[position]:
            worth[who] /= 2
