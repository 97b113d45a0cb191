"""A threshold of approval that fits what users usually say of a deployment. Without SciPy: web pages use it."""

from math import floor

# No group of events whose approval is judged spans more.
MOST_DAYS = 30.0
# Approval that is less than this lower is no reason to act.
SMALLEST_FALL = 0.1
FEWEST_EVENTS = 100
# Shares are sums of floats: .72 - .1 is slightly less than .62.
_ROUNDING = 1e-9


def suggested_threshold(low: float) -> float | None:
    """Return the threshold for a deployment whose approval is usually at least this.

    Parameters
    ----------
    low : float
        0 to 1, the lower end of the interval of approval.

    Returns
    -------
    float or None
        SMALLEST_FALL lower, in hundredths, rounded down; None if nothing is left.

    Examples
    --------
    >>> suggested_threshold(0.725), suggested_threshold(0.105)
    (0.62, None)
    """
    hundredths = floor((low - SMALLEST_FALL) * 100 + _ROUNDING)
    return hundredths / 100 if hundredths > 0 else None
