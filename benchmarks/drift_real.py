"""Compares real answers of model versions: `python -m benchmarks.drift_real`.

Versions must be told apart for the right reason, and random halves of one version must stay quiet.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import django
import numpy as np

from benchmarks.labelled_data import print_table, require_data, rows
from drift.choices import Verdict
from drift.histograms import Histograms
from drift.measures import categories, embeddings, numbers
from drift.verdicts import MetricResult, Parameters, judge
from feedback.quality.refusals import find_refusal
from feedback.quality.scoring import assess

HALVES = 20
VERSIONS = (
    *((task, "gpt-4-0314", "gpt-4-0613") for task in ("prime", "opinionqa", "sensitiveq")),
    *((task, "gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613") for task in ("prime", "opinionqa", "sensitiveq")),
)
MODELS = (
    ("claude-2", "claude-2.1"),
    ("claude-2.1", "claude-2.1_concise"),
    ("gpt-3.5-turbo-0301", "gpt-3.5-turbo-1106"),
    ("gpt-3.5-turbo-1106", "gpt-3.5-turbo-1106_concise"),
    ("gpt-3.5-turbo-1106", "gpt-3.5-turbo-1106_verbose"),
    ("gpt4_0314", "gpt4_1106_preview"),
    ("text_davinci_001", "text_davinci_003"),
    ("vicuna-7b-v1.5", "NullModel"),
)
DESCRIPTORS: dict[str, Callable[[str], float]] = {
    "words": lambda text: len(text.split()),
    "letters in a word": lambda text: len("".join(text.split())) / max(1, len(text.split())),
    "paragraphs": lambda text: text.count("\n\n"),
    "list items": lambda text: len(re.findall(r"(?m)^\s*(?:[-*•]|\d+[.)])\s", text)),
    "bold marks": lambda text: text.count("**") // 2,
    "code blocks": lambda text: text.count("```") // 2,
    "exclamation marks": lambda text: text.count("!"),
    "question marks": lambda text: text.count("?"),
    "digits": lambda text: sum(map(str.isdigit, text)) / max(1, len(text)),
    "capitals": lambda text: sum(map(str.isupper, text)) / max(1, len(text)),
    "commas": lambda text: text.count(",") / max(1, len(text)),
    "first person": lambda text: len(re.findall(r"\b(?:I|me|my|we|our)\b", text)),
}


def main() -> None:
    require_data()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    header = ("set", "reference", "current", "n", "verdict", "flagged", "strongest reasons")
    print_table("Model versions against each other", header, list(version_lines()))
    header = ("set", "version", "halves", "comparisons flagged", "metrics flagged")
    print_table("Random halves of one version", header, list(half_lines()))


def answers() -> dict[str, dict[str, list[dict]]]:
    """Rows by set and model."""
    found: dict[str, dict[str, list[dict]]] = {}
    for row in rows("chatgpt_version_drift"):
        found.setdefault(row["task"], {}).setdefault(row["model"], []).append(row)
    for row in rows("alpaca_eval_multimodel"):
        found.setdefault("alpaca_eval", {}).setdefault(row["model"], []).append(row)
    return found


def version_lines() -> Iterator[tuple]:
    by_set = answers()
    for name, before, after in (*VERSIONS, *(("alpaca_eval", *pair) for pair in MODELS)):
        reference, current = by_set[name][before], by_set[name][after]
        if name == "alpaca_eval":
            reference, current = _different_prompts(reference, current)
        found = compare(measured(reference), measured(current))
        flagged = [metric for metric in found if metric.verdict in (Verdict.WATCH, Verdict.DRIFTING)]
        clear = any(metric.verdict == Verdict.DRIFTING for metric in flagged)
        verdict = Verdict.DRIFTING if clear else Verdict.WATCH if flagged else Verdict.OK
        strongest = sorted(flagged, key=lambda metric: (metric.p_value, -abs(metric.effect)))[:3]
        reasons = "; ".join(metric.sentence.split(", n =")[0] for metric in strongest)
        yield name, before, after, min(len(reference), len(current)), verdict.value, len(flagged), reasons


def half_lines(halves: int = HALVES) -> Iterator[tuple]:
    by_set = answers()
    for name, version in (
        ("prime", "gpt-4-0314"),
        ("prime", "gpt-4-0613"),
        ("opinionqa", "gpt-3.5-turbo-0301"),
        ("sensitiveq", "gpt-4-0314"),
        ("alpaca_eval", "claude-2"),
        ("alpaca_eval", "gpt4_0314"),
    ):
        whole = measured(by_set[name][version])
        comparisons, metrics = 0, 0
        for seed in range(halves):
            order = np.random.default_rng(seed).permutation(len(whole["refusal"]))
            sides = np.array_split(order, 2)
            flagged = [
                metric
                for metric in compare(*({name: values[side] for name, values in whole.items()} for side in sides))
                if metric.verdict in (Verdict.WATCH, Verdict.DRIFTING)
            ]
            comparisons, metrics = comparisons + bool(flagged), metrics + len(flagged)
        yield name, version, halves, comparisons, metrics


def _different_prompts(reference: Sequence[dict], current: Sequence[dict]) -> tuple[list[dict], list[dict]]:
    """Even prompts of one and odd prompts of the other, as windows of live traffic would have."""
    return [row for row in reference if row["prompt_idx"] % 2 == 0], [row for row in current if row["prompt_idx"] % 2]


def measured(events: Iterable[dict]) -> dict[str, np.ndarray]:
    """Every metric of these events: an array of numbers, of categories, or of rows of an embedding."""
    from feedback.embeddings.clients import embed  # noqa: PLC0415  needs the settings

    events = list(events)
    texts = [row["response"] or "" for row in events]
    scores = [assess(row["prompt"], text) for row, text in zip(events, texts, strict=True)]
    found = {
        "response length": np.array([len(text) for text in texts], dtype=float),
        "quality": np.array([score.score for score in scores]),
        "format": np.array([score.checks[0].details["format"] for score in scores]),
        "refusal": np.array([find_refusal(text).extent for text in texts]),
        "first word": np.array([(text.split() or [""])[0].strip(",.!:") for text in texts]),
        "embedding": embed(texts),
        **{name: np.array([count(text) for text in texts], dtype=float) for name, count in DESCRIPTORS.items()},
    }
    if "derived_picked_option" in events[0]:
        found["picked option"] = np.array([str(row["derived_picked_option"]) for row in events])
    return found


def compare(reference: dict[str, np.ndarray], current: dict[str, np.ndarray]) -> list[MetricResult]:
    parameters, rng = Parameters(), np.random.default_rng(0)
    results = []
    for name, before in reference.items():
        after, label = current[name], name.capitalize()
        if before.ndim == 2:
            results.append(embeddings.measure(name, label, before, after, parameters, rng=rng))
        elif before.dtype.kind == "U":
            sides = Counter(before.tolist()), Counter(after.tolist())
            results.append(categories.measure(name, label, *sides, parameters))
        else:
            results.append(numbers.measure(name, label, Histograms.of_samples(before, after), parameters))
    return judge(results, parameters)


if __name__ == "__main__":
    main()
