import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from drift import comparison
from drift.choices import Verdict
from drift.comparison import Parameters, WindowData
from feedback.quality import assessment

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "chatgpt_version_drift" / "prime.jsonl.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.exists(), reason="shared/data/chatgpt_version_drift is absent"),
]


@pytest.fixture(scope="module")
def answers():
    """Prompts and answers of March and June 2023, by model version."""
    with gzip.open(DATA, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return {model: [row for row in rows if row["model"] == model] for model in ("gpt-4-0314", "gpt-4-0613")}


def window(rows):
    nothing = np.empty((0, 0))
    lengths = [np.array([len(row[field]) for row in rows], dtype=float) for field in ("prompt", "response")]
    quality = np.array([assessment.assess(row["prompt"], row["response"]).score for row in rows])
    return WindowData(len(rows), *lengths, quality, nothing)


def compare(before, after):
    metrics = comparison.compare(before, after, parameters=Parameters(), rng=np.random.default_rng(0))
    return {metric.name: metric for metric in metrics}


def test_the_change_of_gpt_4_from_march_to_june_is_flagged_in_words(answers):
    metrics = compare(window(answers["gpt-4-0314"]), window(answers["gpt-4-0613"]))

    assert metrics["prompt_length"].verdict == Verdict.OK
    assert metrics["response_length"].verdict == Verdict.DRIFTING
    assert metrics["response_length"].sentence == (
        "Response length: median 528 → 4 characters, n = 1,000 and 1,000; a clear change."
    )
    assert metrics["quality"].verdict == Verdict.DRIFTING
    assert metrics["quality"].effect < -0.5


@pytest.mark.parametrize("model", ["gpt-4-0314", "gpt-4-0613"])
def test_random_halves_of_one_model_stay_quiet(answers, model):
    rows = answers[model]
    flagged = 0

    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(rows))
        half = len(rows) // 2
        metrics = compare(window([rows[i] for i in order[:half]]), window([rows[i] for i in order[half:]]))
        flagged += comparison.overall_verdict(metrics.values()) != Verdict.OK

    assert flagged == 0
