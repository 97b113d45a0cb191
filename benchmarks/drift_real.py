"""Compares real answers of model versions: `python -m benchmarks.drift_real`.

What is compared is what every deployment compares: the metrics, bins, descriptors and verdicts of a report. Versions
must be told apart for the right reason, and random halves of one version must stay quiet.
"""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import django
import numpy as np

from benchmarks.labelled_data import print_table, require_data, rows
from drift.choices import Verdict
from drift.measures.verdicts import MetricResult, overall_verdict

if TYPE_CHECKING:
    from benchmarks.real_answers import Answers

HALVES = 20
METADATA = {"picked_option": "derived_picked_option"}
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
HALVED = (
    *((task, model) for task in ("prime", "opinionqa", "sensitiveq") for model in ("gpt-4-0314", "gpt-4-0613")),
    *((task, "gpt-3.5-turbo-0301") for task in ("prime", "opinionqa")),
    ("alpaca_eval", "claude-2"),
    ("alpaca_eval", "gpt4_0314"),
)
# By what a change is told, as a report groups it; what stands in none of these is named itself.
_KINDS = {
    "response_length": "length",
    "completion_tokens": "length",
    "total_tokens": "length",
    "check.length": "length",
    "refusal": "refusal",
    "check.refusal": "refusal",
    "format": "format",
    "check.format": "format",
}


def main() -> None:
    require_data()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    header = ("set", "reference", "current", "n", "metrics", "verdict", "flagged by", "strongest reasons")
    print_table("Model versions against each other", header, list(version_lines()))
    header = ("set", "version", "halves", "reports flagged", "metrics flagged", "which")
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
    from benchmarks.real_answers import compare  # noqa: PLC0415  needs the settings

    by_set = answers()
    for name, before, after in (*VERSIONS, *(("alpaca_eval", *pair) for pair in MODELS)):
        reference, current = by_set[name][before], by_set[name][after]
        if name == "alpaca_eval":
            reference, current = _different_prompts(reference, current)
        found = compare(_measured(reference).window(), _measured(current).window())
        moved = sorted(flagged(found), key=lambda metric: (metric.p_value, -abs(metric.effect)))
        reasons = "; ".join(metric.sentence.split(", n =")[0] for metric in moved[:3])
        n = min(len(reference), len(current))
        yield name, before, after, n, len(found), overall_verdict(found), _told_by(moved), reasons


def half_lines(halves: int = HALVES) -> Iterator[tuple]:
    from benchmarks.real_answers import compare  # noqa: PLC0415  needs the settings

    by_set = answers()
    for name, version in HALVED:
        whole = _measured(by_set[name][version])
        reports, loud = 0, []
        for seed in range(halves):
            sides = np.array_split(np.random.default_rng(seed).permutation(whole.n), 2)
            metrics = flagged(compare(*(whole.window(side) for side in sides), seed=seed))
            reports += bool(metrics)
            loud += [metric.name for metric in metrics]
        yield name, version, halves, reports, len(loud), ", ".join(sorted(set(loud)))


def flagged(metrics: Sequence[MetricResult]) -> list[MetricResult]:
    return [metric for metric in metrics if metric.verdict in (Verdict.WATCH, Verdict.DRIFTING)]


def _told_by(moved: Sequence[MetricResult]) -> str:
    """What kinds of metric moved, and how many descriptors."""
    names = [metric.name for metric in moved]
    described = sum(name.startswith(("prompt.", "response.")) for name in names)
    kinds = dict.fromkeys(_KINDS.get(name, name) for name in names if not name.startswith(("prompt.", "response.")))
    return ", ".join([*kinds, *([f"{described} descriptors"] if described else [])])


def _measured(events: Sequence[dict]) -> "Answers":
    from benchmarks.real_answers import Answers  # noqa: PLC0415  needs the settings

    return Answers.of(events, metadata=METADATA)


def _different_prompts(reference: Sequence[dict], current: Sequence[dict]) -> tuple[list[dict], list[dict]]:
    """Even prompts of one and odd prompts of the other, as windows of live traffic would have."""
    return [row for row in reference if row["prompt_idx"] % 2 == 0], [row for row in current if row["prompt_idx"] % 2]


if __name__ == "__main__":
    main()
