"""Confidence intervals."""

from math import sqrt

from scipy import special


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval, 0 to 1, of a share that was seen `count` times of n; n >= 1.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.
    """
    z = float(special.ndtri(0.975))
    share = count / n
    centre, margin = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (centre - margin) / (1 + z * z / n)), min(1.0, (centre + margin) / (1 + z * z / n))
