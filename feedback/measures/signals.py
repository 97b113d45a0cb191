"""What ratings and labels are counted as: a metric of their name, and a number or a category."""

import json
from math import isfinite

from feedback.choices import Metric

# Names of ratings and labels are part of the metric: `rating:NAME`.
NAMED = ":"
# The outermost bins of an amount; a number beyond them would make sums inexact.
_LARGEST = 1e15


def metric_of(metric: Metric, name: str) -> str:
    """Return the metric that a rating or a label is counted in.

    Parameters
    ----------
    metric : Metric
        RATING or LABEL.
    name : str
        The name of the signal; "" without one.

    Returns
    -------
    str
        The metric, with the name where there is one.

    Examples
    --------
    >>> metric_of(Metric.RATING, ""), metric_of(Metric.LABEL, "topic")
    ('rating', 'label:topic')
    """
    return f"{metric.value}{NAMED}{name}" if name else metric.value


def number_of(value: str | None) -> float | None:
    """Return a rating as a number.

    Parameters
    ----------
    value : str, optional
        The value of a rating, as JSON text.

    Returns
    -------
    float or None
        From -1e15 to 1e15, where larger numbers count; None for what is no number.

    Examples
    --------
    >>> number_of("4"), number_of("1e999"), number_of('"four"'), number_of(None)
    (4.0, 1000000000000000.0, None, None)
    """
    if value is None or value[:1] not in "-0123456789":
        return None
    number = float(value)
    return max(-_LARGEST, min(number, _LARGEST)) if isfinite(number) else _LARGEST if number > 0 else -_LARGEST


def label_of(value: str | None) -> str | None:
    """Return a label as the name of a category.

    Parameters
    ----------
    value : str, optional
        The value of a label, as JSON text.

    Returns
    -------
    str or None
        A text as it is, numbers and booleans as JSON; None for an object, a list, an empty text or null.

    Examples
    --------
    >>> label_of('"billing"'), label_of("2"), label_of("true"), label_of('{"value": 3, "unit": "min"}')
    ('billing', '2', 'true', None)
    """
    if value is None or value == "null" or value[:1] in "{[":
        return None
    if value.startswith('"'):
        text: str = json.loads(value)
        return text or None
    return value
