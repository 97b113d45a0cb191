"""What is watched of every event: its metrics, how each is binned, and the version of the measure that gives it."""

from typing import NamedTuple

from feedback.choices import DEFAULT_PROFILE, Assessor, Metric
from feedback.measures import descriptors, language
from feedback.measures.binning import Kind
from feedback.measures.signals import NAMED
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.base import Profile

CHECK = "check."
PROMPT, RESPONSE = "prompt.", "response."
# Before the name of a fact that an event may lack: the share of events that have it.
PRESENT = "present."
MODEL_VERSION = "model_version_id"
# An event that has one of these is counted in the metric's own rows, so shares need no rows of their own.
OPTIONAL = (
    *(Metric.LATENCY, Metric.PROMPT_TOKENS, Metric.COMPLETION_TOKENS, Metric.TOTAL_TOKENS, Metric.COST),
    Metric.FINISH_REASON,
)
# Between the name of a score and a profile that is not the default one.
OF_PROFILE = "@"
# The metrics of the program itself have one of these; the scores of every other assessor are metrics of their own.
OWN = ("", Assessor.CHECKS.value)
# Lengths are numbers of code points, counted when an event comes in.
LENGTH_VERSION = "1"
_OTHER_VERSION = "1"
# By these everything was measured before a row said its version; the checks had one version for all of them.
FIRST_VERSION, FIRST_VERSION_OF_CHECKS = "1", "default-2"
# Numbers that stand in the row of an event as they are.
COLUMNS = {
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
    **dict.fromkeys((Metric.TOOL_CALLED, Metric.INVALID_TOOL_CALLS), Kind.CATEGORY),
    **{side + name: kind for side in (PROMPT, RESPONSE) for name, kind in descriptors.KINDS.items()},
}
# Those of signals beside SIGNAL; ratings and labels with a name are a metric each.
_OF_SIGNALS: dict[str, Kind] = {
    Metric.RATING: Kind.AMOUNT,
    Metric.LABEL: Kind.CATEGORY,
    Metric.FEEDBACK_STATE: Kind.CATEGORY,
}
_OF_CHECKS = (Metric.QUALITY, Metric.FORMAT, Metric.REFUSAL, Metric.INVALID_TOOL_CALLS)
# Without those of the checks, whose names the checks themselves give.
METRICS = tuple(str(name) for name in _KINDS)


# The name of an event in a category, or several.
Named = str | tuple[str, ...] | None


class Measure(NamedTuple):
    """One way of measuring: the metric, who gives it ("" for what is counted), and the version of the way."""

    metric: str
    assessor: str = ""
    version: str = FIRST_VERSION


FINISH_REASON = Measure(Metric.FINISH_REASON.value)
SIGNAL = Measure(Metric.SIGNAL.value)
TOOL_CALLED = Measure(Metric.TOOL_CALLED.value)
# Categories whose names clients choose: a deployment has so many of its own, and `other`.
BOUNDED = (FINISH_REASON, TOOL_CALLED)
# The check that gives a category of another name.
_GIVEN_BY = {Metric.INVALID_TOOL_CALLS.value: "tool_calls"}


def kind_of(metric: str, assessor: str = "") -> Kind:
    """Return how a metric is binned.

    Parameters
    ----------
    metric : str
        The name of a metric, such as "check." and the name of a quality check, or the name of a score.
    assessor : str
        Who gives the metric; the metrics of the program itself need none.

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
    >>> kind_of("check.length").value, kind_of("latency_ms").value, kind_of("helpful", "judge:strict").value
    ('score', 'amount', 'score')
    """
    if assessor not in OWN or metric.startswith(CHECK) or OF_PROFILE in metric:
        return Kind.SCORE
    kind = _KINDS.get(metric)
    return _OF_SIGNALS[metric.partition(NAMED)[0]] if kind is None else kind


def is_of_signals(metric: str) -> bool:
    """Return whether a metric is counted from live signals, which come and go after their event.

    Parameters
    ----------
    metric : str
        The name of a metric of the program itself.

    Returns
    -------
    bool
        True for signals by type, ratings, labels and states.

    Examples
    --------
    >>> is_of_signals("signal"), is_of_signals("rating:tone"), is_of_signals("latency_ms")
    (True, True, False)
    """
    return metric == Metric.SIGNAL or metric.partition(NAMED)[0] in _OF_SIGNALS


def measure_of(metric: str) -> Measure:
    """Return how a metric is measured today.

    Parameters
    ----------
    metric : str
        The name of a metric of the program itself.

    Returns
    -------
    Measure
        With today's version.

    Examples
    --------
    >>> measure_of("latency_ms")
    Measure(metric='latency_ms', assessor='', version='1')
    """
    return Measure(str(metric), assessor_of(metric), version_of(metric))


def first_measure_of(metric: str) -> Measure:
    """Return how a metric was measured before rows said so.

    Parameters
    ----------
    metric : str
        The name of a metric of the program itself.

    Returns
    -------
    Measure
        With the first version.

    Examples
    --------
    >>> first_measure_of("quality")
    Measure(metric='quality', assessor='checks', version='default-2')
    """
    assessor = assessor_of(metric)
    return Measure(str(metric), assessor, FIRST_VERSION_OF_CHECKS if assessor else FIRST_VERSION)


def assessor_of(metric: str) -> str:
    """Return who gives a metric.

    Parameters
    ----------
    metric : str
        The name of a metric of the program itself.

    Returns
    -------
    str
        "checks" for the metrics of the quality checks, else "".

    Examples
    --------
    >>> assessor_of("check.length"), assessor_of("latency_ms")
    ('checks', '')
    """
    return Assessor.CHECKS.value if metric in _OF_CHECKS or metric.startswith(CHECK) else ""


def is_of_texts(metric: str) -> bool:
    """Return whether a metric is measured again, by today's version, whenever its event is counted again.

    Parameters
    ----------
    metric : str
        The name of a metric.

    Returns
    -------
    bool
        True for languages, lengths and descriptors; the versions of scores are stored with them.

    Examples
    --------
    >>> is_of_texts("language"), is_of_texts("check.length")
    (True, False)
    """
    is_named = metric in (Metric.LANGUAGE, Metric.PROMPT_LANGUAGE, Metric.PROMPT_LENGTH, Metric.RESPONSE_LENGTH)
    return is_named or metric.startswith((PROMPT, RESPONSE))


def version_of(metric: str, profile: Profile | None = None) -> str:
    """Return today's version of the measure of a metric.

    Parameters
    ----------
    metric : str
        The name of a metric of the program itself.
    profile : Profile, optional
        That of the deployment, if it is not the default one.

    Returns
    -------
    str
        Of the profile, the check, the language detector, lengths or descriptors; 1 for everything else.

    Examples
    --------
    >>> version_of("latency_ms"), version_of("check.length") == version_of("latency_ms")
    ('1', False)
    """
    if assessor_of(metric):
        profile = profile or PROFILES[DEFAULT_PROFILE]
        versions = {check.name: check.version for check in profile.checks}
        return versions.get(_GIVEN_BY.get(metric, metric.removeprefix(CHECK))) or profile.version
    if metric in (Metric.LANGUAGE, Metric.PROMPT_LANGUAGE):
        return language.VERSION
    if metric in (Metric.PROMPT_LENGTH, Metric.RESPONSE_LENGTH):
        return LENGTH_VERSION
    return descriptors.VERSION if metric.startswith((PROMPT, RESPONSE)) else _OTHER_VERSION
