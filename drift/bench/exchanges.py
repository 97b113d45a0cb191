"""How sure a difference can be that is the same for everyone: by the ways to exchange users or events.

Samples without variance have no standard error. That two ratings of 4 and two of 5 differ is not certain all the same.
"""

from collections.abc import Sequence
from math import exp, log

import numpy as np
from scipy import special

# Where an exchange shows nothing, the interval is wide and still finite.
_NO_EVIDENCE = 0.99
# Beyond it the p-value is 0 for every purpose.
_LARGEST_LOGARITHM = 600.0


def least_error(value: float, freedom: float, log_ways: float) -> float:
    """Return the error at which Student's t has the p-value of the exact permutation test.

    Parameters
    ----------
    value : float
        The difference, not 0.
    freedom : float
        Degrees of freedom.
    log_ways : float
        The logarithm of how many ways there are to exchange users; two of them separate the users as far.

    Returns
    -------
    float
        Above 0.

    Examples
    --------
    Two events against two others can be chosen in six ways:

    >>> error = least_error(1.0, 2.0, of_events(2, 2))
    >>> round(2 * float(special.stdtr(2.0, -1.0 / error)), 3)
    0.333
    """
    p_value = min(_NO_EVIDENCE, 2 * exp(-min(log_ways, _LARGEST_LOGARITHM)))
    return abs(value) / -float(special.stdtrit(freedom, p_value / 2))


def of_events(n: int, m: int) -> float:
    """Return the logarithm of how many ways there are to divide n + m events into n and m.

    Returns
    -------
    float

    Examples
    --------
    >>> round(exp(of_events(2, 2)))
    6
    """
    return float(special.gammaln(n + m + 1) - special.gammaln(n + 1) - special.gammaln(m + 1))


def of_pairs(users: int) -> float:
    """Return the logarithm of how many ways there are to exchange the two arms within each user.

    Returns
    -------
    float

    Examples
    --------
    >>> round(exp(of_pairs(3)))
    8
    """
    return users * log(2)


def of_users(users: Sequence[np.ndarray], size: int) -> float:
    """Return the logarithm of how many ways there are to exchange users between two samples.

    Parameters
    ----------
    users : sequence of ndarray
        Of each sample, the user of each value.
    size : int
        How many users there are in both.

    Returns
    -------
    float
        Within users if some are in both samples.

    Examples
    --------
    >>> round(exp(of_users([np.array([0, 0, 1]), np.array([2, 3])], 4)))
    6
    """
    first, second = (len(np.unique(of)) for of in users)
    return of_pairs(size) if first + second > size else of_events(first, second)
