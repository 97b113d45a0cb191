"""How the watched metrics are called in a report, and in which order they stand there."""

from collections.abc import Iterable
from dataclasses import dataclass

from feedback.choices import Metric
from feedback.rollups import catalogue

METADATA = "metadata."
# A report always says something of these, if only that there is too little of them.
ALWAYS = (Metric.PROMPT_LENGTH.value, Metric.RESPONSE_LENGTH.value, Metric.QUALITY.value)


@dataclass(frozen=True)
class Described:
    """label: a metric in words. unit: of its values; without one their means are given. what: what is counted."""

    label: str
    unit: str = ""
    what: str = "values"
    factor: float = 1.0


_KNOWN = {
    Metric.PROMPT_LENGTH: Described("Prompt length", "characters"),
    Metric.RESPONSE_LENGTH: Described("Response length", "characters"),
    Metric.QUALITY: Described("Quality score", what="scored values"),
    Metric.LATENCY: Described("Latency", "ms"),
    Metric.PROMPT_TOKENS: Described("Prompt tokens", "tokens"),
    Metric.COMPLETION_TOKENS: Described("Completion tokens", "tokens"),
    Metric.TOTAL_TOKENS: Described("Tokens in all", "tokens"),
    # One event costs a fraction of a cent.
    Metric.COST: Described("Cost of 1,000 events in USD", factor=1_000.0),
    Metric.REFUSAL: Described("Refusals"),
    Metric.FORMAT: Described("Format of the response"),
    Metric.FINISH_REASON: Described("Finish reason"),
    Metric.LANGUAGE: Described("Language of the response"),
    Metric.PROMPT_LANGUAGE: Described("Language of the prompt"),
}
_UNITS = {"words": "words", "sentences": "sentences", "lines": "lines", "paragraphs": "paragraphs"}
_ORDER = {str(name): place for place, name in enumerate(_KNOWN)}


def describe(metric: str) -> Described:
    if metric in _ORDER:
        return _KNOWN[Metric(metric)]
    if metric.startswith(catalogue.CHECK):
        return Described(f"Check: {_words(metric)}", what="scored values")
    if metric.startswith(METADATA):
        return Described(f"Events by {metric.removeprefix(METADATA)}")
    name = metric.partition(".")[2]
    return Described(catalogue.label_of(metric), _UNITS.get(name, ""))


def in_order(metrics: Iterable[str]) -> list[str]:
    """First what has a place, then checks, metadata and descriptors, by name; signals are counted apart."""
    return sorted(set(metrics) - {Metric.SIGNAL.value}, key=lambda name: (_place(name), name))


def is_for_segments(metric: str) -> bool:
    """Whether a metric is compared within segments too: descriptors of texts are not, so that a run stays bounded."""
    return not metric.startswith((catalogue.PROMPT, catalogue.RESPONSE, METADATA))


def _place(metric):
    if metric in _ORDER:
        return _ORDER[metric]
    groups = (catalogue.CHECK, METADATA, catalogue.PROMPT, catalogue.RESPONSE)
    return len(_ORDER) + next(place for place, start in enumerate(groups) if metric.startswith(start))


def _words(metric):
    return metric.partition(".")[2].replace("_", " ")
