"""Labels and order of the metrics in a report."""

from collections.abc import Iterable
from dataclasses import dataclass

from feedback.choices import Metric
from feedback.measures import catalogue

METADATA = "metadata."
REPEATED = "repeated_answers"
# Always part of a report, even with too few values.
ALWAYS = (Metric.PROMPT_LENGTH.value, Metric.RESPONSE_LENGTH.value, Metric.QUALITY.value)


@dataclass(frozen=True)
class Described:
    """How a report presents a metric.

    Attributes
    ----------
    label : str
        The metric's name in sentences.
    unit : str
        The unit of its values; scores have none.
    what : str
        What is counted.
    factor : float
        What values are multiplied by to give the unit.
    """

    label: str
    unit: str = ""
    what: str = "values"
    factor: float = 1.0


_KNOWN = {
    Metric.PROMPT_LENGTH: Described("Prompt length", "characters"),
    Metric.RESPONSE_LENGTH: Described("Response length", "characters"),
    Metric.QUALITY: Described("Score of the checks", what="scored values"),
    Metric.LATENCY: Described("Latency", "ms"),
    Metric.PROMPT_TOKENS: Described("Prompt tokens", "tokens"),
    Metric.COMPLETION_TOKENS: Described("Completion tokens", "tokens"),
    Metric.TOTAL_TOKENS: Described("Total tokens", "tokens"),
    # A single event costs a fraction of a cent.
    Metric.COST: Described("Cost of 1,000 events in USD", factor=1_000.0),
    Metric.REFUSAL: Described("Refusals"),
    Metric.FORMAT: Described("Format of the response"),
    Metric.FINISH_REASON: Described("Finish reason"),
    Metric.TOOL_CALLED: Described("Tools called"),
    Metric.INVALID_TOOL_CALLS: Described("Events with invalid tool calls"),
    Metric.LANGUAGE: Described("Language of the response"),
    Metric.PROMPT_LANGUAGE: Described("Language of the prompt"),
}
_PRESENT: dict[str, str] = {
    **{metric: str(_KNOWN[metric].label).lower() for metric in catalogue.OPTIONAL},
    Metric.COST: "cost",
    catalogue.MODEL_VERSION: "model version",
}
_OF_CHARACTERS = "% of the characters"
# Text features: label after "Prompt" or "Response", unit and factor.
_IN_TEXTS = {
    "words": ("words", "words", 1.0),
    "word_length": ("word length", "characters", 1.0),
    "sentences": ("sentences", "sentences", 1.0),
    "sentence_length": ("sentence length", "words", 1.0),
    "lines": ("lines", "lines", 1.0),
    "paragraphs": ("paragraphs", "paragraphs", 1.0),
    "list_items": ("list items", "items", 1.0),
    "headings": ("headings", "headings", 1.0),
    "bold": ("bold passages", "passages", 1.0),
    "code_marks": ("code marks", "backticks", 1.0),
    "links": ("links", "links", 1.0),
    "exclamation_marks": ("exclamation marks", "marks", 1.0),
    "question_marks": ("question marks", "marks", 1.0),
    "first_person": ("first person", "uses of I", 1.0),
    "digits": ("digits", _OF_CHARACTERS, 100.0),
    "capitals": ("capitals", _OF_CHARACTERS, 100.0),
    "punctuation": ("punctuation", _OF_CHARACTERS, 100.0),
    "non_ascii": ("characters beyond ASCII", _OF_CHARACTERS, 100.0),
}
_BESIDE = Metric.QUALITY + catalogue.OF_PROFILE
_ORDER = {str(name): position for position, name in enumerate(_KNOWN)}


def describe(metric: str) -> Described:
    """Return how a report presents a metric.

    Parameters
    ----------
    metric : str
        The name of a metric; "check.", "metadata.", "present.", "prompt." and "response." introduce families.

    Returns
    -------
    Described
        Label, unit, what is counted, and the factor to the unit.

    Examples
    --------
    >>> describe("latency_ms")
    Described(label='Latency', unit='ms', what='values', factor=1.0)
    >>> describe("check.length").label
    'Check: length'
    """
    if metric in _ORDER:
        return _KNOWN[Metric(metric)]
    if metric == REPEATED:
        return Described("Repeated answers", what="sampled answers")
    if metric.startswith(catalogue.CHECK):
        return Described(f"Check: {_readable(metric)}", what="scored values")
    if metric.startswith(METADATA):
        return Described(f"Events by {metric.removeprefix(METADATA)}")
    if metric.startswith(catalogue.PRESENT):
        return Described(f"Events with {_PRESENT[metric.removeprefix(catalogue.PRESENT)]}", what="events")
    if metric.startswith((catalogue.PROMPT, catalogue.RESPONSE)):
        side, _, name = metric.partition(".")
        feature, unit, factor = _IN_TEXTS[name]
        return Described(f"{side.capitalize()} {feature}", unit, factor=factor)
    return Described(_readable(metric))


def in_order(metrics: Iterable[str]) -> list[str]:
    """Return metrics in the order of a report.

    Parameters
    ----------
    metrics : iterable of str
        Names of metrics.

    Returns
    -------
    list of str
        Each once: first those with a fixed position, then checks, metadata and descriptors, by name. What is counted
        from signals and facts that events may lack are compared separately and left out; so are totals by another
        profile than the deployment's, which only reassessed events have.

    Examples
    --------
    >>> in_order(["prompt.words", "check.length", "latency_ms", "signal", "rating:tone"])
    ['latency_ms', 'check.length', 'prompt.words']
    """
    others = {
        name for name in metrics if name.startswith((catalogue.PRESENT, _BESIDE)) or catalogue.is_of_signals(name)
    }
    return sorted(set(metrics) - others, key=lambda name: (_position(name), name))


def is_for_segments(metric: str) -> bool:
    """Return whether a metric is also compared within segments.

    Parameters
    ----------
    metric : str
        The name of a metric.

    Returns
    -------
    bool
        False for descriptors of texts and for metadata, to bound the work of a run.

    Examples
    --------
    >>> is_for_segments("latency_ms"), is_for_segments("prompt.words")
    (True, False)
    """
    return not metric.startswith((catalogue.PROMPT, catalogue.RESPONSE, METADATA))


def _position(metric: str) -> int:
    if metric in _ORDER:
        return _ORDER[metric]
    groups = (catalogue.CHECK, METADATA, catalogue.PROMPT, catalogue.RESPONSE)
    return len(_ORDER) + next(position for position, start in enumerate(groups) if metric.startswith(start))


def _readable(metric: str) -> str:
    return metric.partition(".")[2].replace("_", " ")
