"""What is watched of every event: the names of its metrics, and how each is binned."""

from feedback.choices import Metric
from feedback.measures import descriptors
from feedback.measures.binning import Kind

CHECK = "check."
PROMPT, RESPONSE = "prompt.", "response."
# Numbers that stand in the row of an event as they are.
COLUMNS = {
    Metric.QUALITY: "quality_score",
    Metric.LATENCY: "latency_ms",
    Metric.PROMPT_TOKENS: "prompt_tokens",
    Metric.COMPLETION_TOKENS: "completion_tokens",
    Metric.COST: "cost_usd",
    Metric.PROMPT_LENGTH: "prompt_length",
    Metric.RESPONSE_LENGTH: "response_length",
}
_KINDS: dict[str, Kind] = {
    Metric.QUALITY: Kind.SCORE,
    Metric.LATENCY: Kind.AMOUNT,
    Metric.COST: Kind.AMOUNT,
    **dict.fromkeys((Metric.PROMPT_TOKENS, Metric.COMPLETION_TOKENS, Metric.TOTAL_TOKENS), Kind.COUNT),
    **dict.fromkeys((Metric.PROMPT_LENGTH, Metric.RESPONSE_LENGTH), Kind.COUNT),
    **dict.fromkeys((Metric.LANGUAGE, Metric.PROMPT_LANGUAGE, Metric.FORMAT, Metric.REFUSAL), Kind.CATEGORY),
    **dict.fromkeys((Metric.FINISH_REASON, Metric.SIGNAL), Kind.CATEGORY),
    **{side + name: kind for side in (PROMPT, RESPONSE) for name, kind in descriptors.KINDS.items()},
}
# Without those of the checks, whose names the checks themselves give.
METRICS = tuple(str(name) for name in _KINDS)


def kind_of(metric: str) -> Kind:
    """Return how a metric is binned.

    Parameters
    ----------
    metric : str
        The name of a metric, or "check." and the name of a quality check.

    Returns
    -------
    Kind
        The kind of its values.

    Raises
    ------
    KeyError
        For an unknown name.

    Examples
    --------
    >>> kind_of("check.length").value, kind_of("latency_ms").value
    ('score', 'amount')
    """
    return Kind.SCORE if metric.startswith(CHECK) else _KINDS[metric]
