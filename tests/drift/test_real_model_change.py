"""Every metric that needs no traffic data, on answers of one model before and after it changed."""

import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from drift import verdicts
from drift.choices import Verdict
from drift.reports import comparison
from drift.verdicts import Parameters
from drift.windows.data import WindowData
from feedback import schema
from feedback.histograms import Categories, Histogram
from feedback.quality import assessment
from feedback.rollups.catalogue import kind_of
from feedback.rollups.measuring import measure
from tests.factories import NOON

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "chatgpt_version_drift" / "prime.jsonl.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.exists(), reason="shared/data/chatgpt_version_drift is absent"),
]
MODELS = ("gpt-4-0314", "gpt-4-0613")
EVERY = np.arange(1_000)


@pytest.fixture(scope="module")
def answers():
    """What the answers of March and of June 2023 say, measured as the writer measures them."""
    with gzip.open(DATA, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return {model: measured([row for row in rows if row["model"] == model]) for model in MODELS}


def measured(rows):
    events, checks = [], {}
    for place, row in enumerate(rows):
        texts = {field: row[field] for field in ("prompt", "response")}
        found = assessment.assess(**texts)
        given = {"id": str(place), "occurred_at": NOON, "content_dropped": False, "quality_score": found.score}
        lengths = {f"{field}_length": len(text) for field, text in texts.items()}
        events.append({**dict.fromkeys(schema.EVENT.names), **given, **texts, **lengths})
        scored = [{"name": check.name, "score": check.score, "details": check.details} for check in found.checks]
        checks[str(place)] = json.dumps(scored)
    return measure(events, checks)


def window(found, chosen):
    numbers = {name: Histogram.of(values[chosen], kind_of(name)) for name, values in found.numbers.items()}
    names = {
        str(name): Categories(dict(Counter(values[place] for place in chosen if values[place] is not None)))
        for name, values in found.names.items()
    }
    return WindowData({"": {**numbers, **names}})


def compare(before, after):
    found = comparison.compare(before, after, parameters=Parameters(), seed=0)
    return {one.result.name: one.result for one in found}


def test_the_change_of_gpt_4_from_march_to_june_is_flagged_in_words(answers):
    metrics = compare(*(window(answers[model], EVERY) for model in MODELS))

    assert len(metrics) == 49
    assert metrics["prompt_length"].verdict == metrics["prompt.words"].verdict == Verdict.OK
    assert metrics["response_length"].sentence == (
        "Response length: median 528 → 4 characters, -4.7 sd [-6.9, -3.8], n = 1,000 and 1,000; a clear change."
    )
    drifting = {name for name, metric in metrics.items() if metric.verdict == Verdict.DRIFTING}
    assert drifting > {"response_length", "quality", "format", "check.length", "response.words", "response.sentences"}
    assert not {name for name in drifting if name.startswith("prompt")}
    assert metrics["quality"].effect < -0.5


@pytest.mark.parametrize(("model", "flagged"), [("gpt-4-0314", 1), ("gpt-4-0613", 0)])
def test_random_halves_of_one_model_stay_quiet(answers, model, flagged):
    """At most 6 % of reports may be flagged with all metrics together."""
    loud = 0

    for seed in range(40):
        order = np.random.default_rng(seed).permutation(1_000)
        halves = [window(answers[model], half) for half in np.split(order, 2)]
        loud += verdicts.overall_verdict(compare(*halves).values()) != Verdict.OK

    assert loud == flagged
