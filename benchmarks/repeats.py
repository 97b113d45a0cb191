"""Measures which real models repeat answers, and how often drift sees a change where there is none.

Run it as `python -m benchmarks.repeats`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from benchmarks.labelled_data import print_table, require_data, rows
from drift.measures import categories
from drift.measures.verdicts import VerdictParameters, judge
from feedback.measures.repeats import SampledAnswer, count_repeated, repeated_of
from feedback.signatures import normal_key

# Sets in which models answer many prompts.
SETS = (
    "alpaca_eval_multimodel",
    "chatgpt_version_drift",
    "correctness_gsm8k_models",
    "ifeval_format",
    "ifeval_multilingual",
    "refusal_do_not_answer",
    "refusal_xstest",
)
FEWEST = 100
# How many answers come again and again, and the share of each.
MIXES = ((40, 0.02), (30, 0.015), (1, 0.1))
SIZES = ((200, 2_000), (1_000, 1_000))
PAIRS = 300
_AT = datetime(2026, 5, 4, tzinfo=UTC)


def main() -> None:
    header = ("repeated answers", "share of each", "n", "n", "pairs", "watch or drifting", "drifting")
    print_table("Two samples of the same answers", header, list(_unchanged_lines()))
    require_data()
    header = ("set", "model", "answers", "repeated", "different ones")
    print_table("Models that repeat answers", header, list(model_lines()))


def model_lines() -> Iterator[tuple]:
    """The models with repeated answers, and a line of all others."""
    others = answers_of_others = 0
    for dataset in SETS:
        for model, answers in sorted(_by_model(dataset).items()):
            if len(answers) < FEWEST:
                continue
            if found := repeated_of(answers):
                yield dataset, model, len(answers), count_repeated(answers)[0], len(found)
            else:
                others, answers_of_others = others + 1, answers_of_others + len(answers)
    yield "all", f"{others} others", answers_of_others, 0, 0


def _by_model(dataset: str) -> dict[str, list[SampledAnswer]]:
    found = defaultdict(list)
    for row in rows(dataset):
        prompt, response, model = (row.get(name) for name in ("prompt", "response", "model"))
        if isinstance(prompt, str) and isinstance(response, str) and model:
            found[model].append(SampledAnswer(model, normal_key(prompt), normal_key(response), len(response), _AT))
    return found


def _unchanged_lines() -> Iterator[tuple]:
    rng, parameters = np.random.default_rng(7), VerdictParameters()
    for number, share in MIXES:
        for sizes in SIZES:
            verdicts: Counter[str] = Counter()
            for _ in range(PAIRS):
                samples = [_drawn(n, number, share, rng) for n in sizes]
                before, after = zip(count_repeated(*samples), sizes, strict=True)
                found = categories.measure_share("repeated_answers", "Repeated answers", before, after, parameters)
                verdicts[judge([found], parameters)[0].verdict.value] += 1
            drifting = verdicts["drifting"] / PAIRS
            yield number, share, *sizes, PAIRS, drifting + verdicts["watch"] / PAIRS, drifting


def _drawn(n: int, number: int, share: float, rng: np.random.Generator) -> list[SampledAnswer]:
    """n answers to n prompts: one of `number` with this share each, else one of its own."""
    chosen = rng.choice(number + 1, size=n, p=[share] * number + [1 - number * share])
    keys = [f"{key}" if key < number else f"own {index}" for index, key in enumerate(chosen)]
    return [SampledAnswer("", str(index).encode(), key.encode(), 60, _AT) for index, key in enumerate(keys)]


if __name__ == "__main__":
    main()
